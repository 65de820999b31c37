"""What comes next on a case, in words, and the card where it is done."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _

from shopdesk.cases import queries
from shopdesk.cases.models import Case
from shopdesk.cases.states import COURIER_KINDS, AmountPart, Appraisal, CasePhase, Resolution
from shopdesk.desk.queries import case_balances
from shopdesk.desk.queries.case_balances import Balances
from shopdesk.desk.service import closing_case
from shopdesk.desk.states import BalancePart


class NextStep(NamedTuple):
    words: Any
    card: str
    is_awaited: bool = False  # of somebody else: the owner of the case waits


ACCEPT = NextStep(_("Somebody accepts it first"), "people")
ASK_COURIER = NextStep(_("Ask the courier, and note what they say"), "courier")
APPRAISED: dict[Appraisal | None, NextStep] = {
    None: NextStep(_("Appraise the problem"), "appraisal"),
    Appraisal.PRODUCT_DEFECT: NextStep(_("On to the resolution: nothing has to come back"), "appraisal"),
    Appraisal.CANNOT_TELL: NextStep(_("Ask the goods back"), "goods"),
    Appraisal.NO_DEFECT: NextStep(_("Guide the customer, take the goods back, or decline"), "appraisal"),
}
LATER: dict[CasePhase, NextStep] = {
    CasePhase.RECEIVE: NextStep(_("The goods are on their way back"), "goods", is_awaited=True),
    CasePhase.INSPECT: NextStep(_("The warehouse looks at the goods"), "goods", is_awaited=True),
    CasePhase.CLOSED: NextStep(_("The case is closed."), "problem"),
}
DIFFERENCE = NextStep(_("Note how the customer settles the difference"), "replacement")
#: Decided, and nothing came of it yet.
UNDONE: dict[Resolution, NextStep] = {
    Resolution.EXCHANGE: NextStep(_("Say what goes out again"), "replacement"),
    Resolution.RESHIP: NextStep(_("Say what goes out again"), "replacement"),
    Resolution.SEND_BACK: NextStep(_("Say what goes out again"), "replacement"),
    Resolution.REFUND: NextStep(_("Say which units are refunded"), "money"),
    Resolution.COMPENSATION: NextStep(_("Say how much compensation the customer gets"), "money"),
}


def next_step(case: Case) -> NextStep:
    if case.phase is not CasePhase.CLOSED and (case.owner_id is None or queries.owner_left(case)):
        return ACCEPT
    if case.phase is CasePhase.RESOLVE:
        return _resolving(case, case_balances.balances(case))
    if case.phase is not CasePhase.COMMUNICATE:
        is_owed = case.phase is not CasePhase.CLOSED and case_balances.balances(case).owed_minor
        return DIFFERENCE if is_owed else LATER[case.phase]
    if case.kind in COURIER_KINDS and case.appraisal is None:
        return ASK_COURIER
    return APPRAISED[case.appraisal]


def _resolving(case: Case, now: Balances) -> NextStep:
    """What the owner can do goes before what somebody else has to."""
    if closing_case.is_everyday(case, now):
        return NextStep(_("Refund it and close it"), "ending")
    if not now.resolutions:
        return NextStep(_("Say how it is solved"), "resolution")
    undone = [step for kind, step in UNDONE.items() if kind in now.undone]
    if undone:
        return undone[0]
    if now.owed_minor:
        return DIFFERENCE
    if now.is_open(BalancePart.INVOICE) and not now.tasks_open:
        return NextStep(_("Say whether an invoice was sent with the order"), "invoice")
    if any(now.amounts[part].left_minor for part in AmountPart):
        return NextStep(_("Pay what was decided, and note it"), "money")
    return _awaited(now)


def _awaited(now: Balances) -> NextStep:
    if now.out_units > now.out_shipped:
        return NextStep(_("The goods go out through printing and the warehouse"), "replacement", is_awaited=True)
    if now.is_open(BalancePart.GOODS):
        return NextStep(_("The warehouse puts the goods away"), "goods", is_awaited=True)
    if now.tasks_open:
        return NextStep(_("Finance issues the document"), "invoice", is_awaited=True)
    return NextStep(_("Every balance is even: close it"), "ending")
