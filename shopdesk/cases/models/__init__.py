"""Tables of cases: the file itself, the work on it, what was settled by hand."""

from shopdesk.cases.models.case import Case, CaseLine, CaseResolution
from shopdesk.cases.models.settling import CaseAmount, CaseSettlement, CourierClaim, CourierWord, InvoiceTask
from shopdesk.cases.models.working import CaseAnswer, CaseHandOver, CaseMention, CaseNote, CasePhoto, CaseReminder

__all__ = [
    "Case",
    "CaseAmount",
    "CaseAnswer",
    "CaseHandOver",
    "CaseLine",
    "CaseMention",
    "CaseNote",
    "CasePhoto",
    "CaseReminder",
    "CaseResolution",
    "CaseSettlement",
    "CourierClaim",
    "CourierWord",
    "InvoiceTask",
]
