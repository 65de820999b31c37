"""What was paid for the units that a change took off."""

from collections.abc import Iterable

from sqlalchemy import select

from shopdesk.changes import queries, rules
from shopdesk.changes.models import Change, ChangeWish, Step, Wish
from shopdesk.changes.queries import parts
from shopdesk.changes.states import Code, Kind, StepState
from shopdesk.core.db import db
from shopdesk.core.money import share_of_units
from shopdesk.core.personal import unpack
from shopdesk.core.scope import in_store
from shopdesk.orders import queries as orders
from shopdesk.orders.models import OrderLine

APART: None = None  # the key of what was paid for no line: shipping, or an order of which no shares are known


def refundable(change: Change) -> dict[int | None, int]:
    """Line id → what was paid for the units that this change took off (minor units); APART last."""
    if change.kind is Kind.CANCEL:
        return _of_cancelled_order(change) if _is_all_gone(change) else _of_cancelled_lines(change)
    found: dict[int | None, int] = {}
    for link, wish in queries.links_of(change):
        if wish.kind is Kind.QUANTITY and wish.line_id is not None and wish.amendment_id is not None and link.units:
            line = orders.line_of(wish.order_id, wish.line_id, change.store_id)
            old = _units_before(link, wish)
            paid = rules.refundable_minor(line.share_minor, line.quantity, old=old, new=old - link.units)
            found[line.id] = found.get(line.id, 0) + paid
    return _less_refunded(change, found)


def _less_refunded(change: Change, found: dict[int | None, int]) -> dict[int | None, int]:
    """Less what refunds paid of an open task, of the first lines first."""
    there = queries.steps_of([change.id], change.store_id)
    paid_minor = sum(s.refunded_minor for s in there if s.code == Code.REFUND and s.state is StepState.OPEN)
    for line_id, most in found.items():
        part = min(paid_minor, max(0, most))
        found[line_id], paid_minor = most - part, paid_minor - part
    return found


def _units_before(link: ChangeWish, wish: Wish) -> int:
    """How many units stood before this part of the wish: its changes share the line's units in their order."""
    amendment = orders.amendment_by_id(wish.amendment_id or 0, wish.store_id)
    old: int = unpack(amendment.was, "to say what was paid for the units")["quantity"]
    earlier = [one for one in queries.links_of_wish(wish) if one.change_id < link.change_id]
    return old - sum(one.units or 0 for one in earlier)


def _is_all_gone(change: Change) -> bool:
    """No unit of the order is left, or the wish was about all of them."""
    lines = orders.lines(change.order_id, change.store_id)
    return parts.cancels_whole(change.id, change.store_id) or not any(line.cancelled < line.quantity for line in lines)


def _of_cancelled_lines(change: Change) -> dict[int | None, int]:
    """What was paid for the units that were taken out, less what was refunded of the line meanwhile."""
    lines = {line.id: line for line in orders.lines(change.order_id, change.store_id)}
    found: dict[int | None, int] = {}
    for part in parts.parts_of([change.id], change.store_id):
        line = lines[part.line_id]
        if line.share_minor and part.taken and part.first is not None:
            paid_minor = share_of_units(line.share_minor, line.quantity, part.first, part.first + part.taken)
            found[line.id] = found.get(line.id, 0) + paid_minor
    return {line_id: min(paid, _unpaid_back(lines[line_id])) for line_id, paid in found.items() if line_id is not APART}


def _unpaid_back(line: OrderLine) -> int:
    """What was paid for the line's cancelled units and was not given back yet."""
    paid_minor = share_of_units(line.share_minor or 0, line.quantity, 0, line.cancelled)
    return max(0, paid_minor - line.refunded_minor - line.reserved_minor)


def _of_cancelled_order(change: Change) -> dict[int | None, int]:
    """What was paid for the cancelled units; once no unit is left, all that was paid, shipping included."""
    lines = orders.lines(change.order_id, change.store_id)
    found: dict[int | None, int] = {}
    for line in lines:
        if line.share_minor and line.cancelled:
            cancelled_minor = share_of_units(line.share_minor, line.quantity, 0, line.cancelled)
            found[line.id] = max(0, cancelled_minor - line.refunded_minor - line.reserved_minor)
    if not lines or any(line.cancelled < line.quantity for line in lines):
        return found
    order = orders.order_by_id(change.order_id, change.store_id)
    shares_minor = sum(line.share_minor or 0 for line in lines)
    booked_minor = sum(line.refunded_minor + line.reserved_minor for line in lines)
    apart_minor = order.paid_minor - shares_minor - (_refunded_of_order(change) - booked_minor)
    return {**found, APART: max(0, apart_minor)}


def _refunded_of_order(change: Change) -> int:
    there = queries.changes_of_order(change.order_id, change.store_id)
    steps = queries.steps_of([c.id for c in there if c.order_id == change.order_id], change.store_id)
    return refunded_minor(steps) + sum((step.evidence or {}).get("refunding_minor", 0) for step in steps)


def refunded_minor(steps: Iterable[Step]) -> int:
    """What was settled by refund steps; the lines count their own shares only."""
    found = 0
    for step in steps:
        evidence = step.evidence or {}
        if step.code == Code.REFUND:
            by_hand = step.state is StepState.DONE and not evidence.get("by_refund")
            found += step.refunded_minor + ((evidence.get("amount_minor") or 0) if by_hand else 0)
    return found


def under_way(change_id: int, store_id: int) -> int | None:
    """The refund that is doing the refund task of a change now; also where the stage moved under it."""
    statement = select(Step.refund_id).where(Step.change_id == change_id, Step.refund_id.is_not(None))
    return db.session.scalar(in_store(statement, store_id, Step))
