"""What may be kept as a waybill number: not what stands for something else on the desk."""

from __future__ import annotations

from shopdesk.core.errors import RuleViolation
from shopdesk.parcels.queries.meaning import BARCODE, ORDER, other_meaning

NOT_A_WAYBILL = {
    BARCODE: RuleViolation("This is the barcode of our own papers, not the courier's waybill number."),
    ORDER: RuleViolation("This is an order number, not a waybill number."),
    "case": RuleViolation("This is a case number, not a waybill number."),
    "batch": RuleViolation("This is the name of a batch, not a waybill number."),
}


def not_a_waybill(number: str, is_a: str) -> RuleViolation:
    """The refusal of a slip of the scanner, or of a cell or field that holds something else."""
    return RuleViolation(NOT_A_WAYBILL[is_a].message, code="not_a_waybill", waybill=number, is_a=is_a)


def check_waybill(number: str, store_id: int) -> None:
    """Raises RuleViolation (`not_a_waybill`), also for a code of ours that was misread."""
    is_a = other_meaning(number, store_id)
    if is_a is not None:
        raise not_a_waybill(number, is_a)
