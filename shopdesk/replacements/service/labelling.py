"""The waybill of goods that go out again, typed on the case where their papers are printed elsewhere."""

from __future__ import annotations

from shopdesk.cases import queries as case_queries
from shopdesk.cases import service as cases
from shopdesk.core import audit
from shopdesk.core.db import command
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import load
from shopdesk.core.text import clean_pasted, strip_controls
from shopdesk.orders.models import Order
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.states import WAYBILLS_VALID, Stage
from shopdesk.replacements import queries, rules
from shopdesk.replacements.models import Replacement
from shopdesk.replacements.service.releasing import locked, outbound_locked
from shopdesk.returns.service import waybill_numbers

MOST_CARRIER = 64  # characters


@command
def tell_waybill(replacement_id: int, text: str, *, carrier: str | None = None, actor: Actor) -> Replacement:
    """Note the waybill under which it goes out, as pasted; the same one again adds nothing.

    It moves no stage: that it was printed or has left is told by scans, lists and files.
    Raises NotFound, NotAllowed, IllegalMove (`replacement_moved`, `voided`, phase), RuleViolation (`bad_waybill`,
    `not_a_waybill`, `waybill_in_use`, `waybill_ended`).
    """
    found = load(Replacement, replacement_id, actor, Permission.REPLACEMENT_MAKE)
    cases.in_hand(found.case_id, actor, Permission.REPLACEMENT_MAKE, phases=cases.UNDER_WAY)
    found = locked(replacement_id, found.store_id)
    order = outbound_locked(found)
    rules.check_waybill(queries.standing(found))
    number = _one(text)
    parcel, known = _parcel(order)
    if number in known:
        return found
    if case_queries.is_number(number, order.store_id):
        raise parcel_service.not_a_waybill(number, "case")
    parcel_service.check_free(parcel, number)
    name = strip_controls(carrier or "").strip()[:MOST_CARRIER] or None
    parcel_service.add_waybill(parcel, order, number, name, is_electronic=True)
    audit.record(
        "waybill.known", "parcel", parcel.id, actor, store_id=order.store_id, order_id=order.id,
        replacement=found.id,
    )  # fmt: skip
    return found


def _one(text: str) -> str:
    numbers = waybill_numbers([parcels.scanned(each) for each in clean_pasted(text)])
    if len(numbers) > 1:
        raise RuleViolation("One waybill at a time.", code="bad_waybill", text=text[:64])
    return numbers[0]


def _parcel(order: Order) -> tuple[Parcel, set[str]]:
    """The first of its parcels that has none yet, else the first; and the valid numbers of all of them."""
    there = [p for p in parcels.parcels_of_order(order.id, order.store_id) if p.stage is not Stage.VOIDED]
    known = parcels.waybills([p.id for p in there], order.store_id)
    named = {bill.parcel_id for bill in known}
    valid = {bill.number.upper() for bill in known if bill.state in WAYBILLS_VALID}
    return next((p for p in there if p.id not in named), there[0]), valid
