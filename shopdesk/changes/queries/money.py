"""What was paid for the units that a change took off."""

from shopdesk.changes import queries, rules
from shopdesk.changes.models import Change
from shopdesk.changes.states import Kind
from shopdesk.core.money import share_of_units
from shopdesk.core.personal import unpack
from shopdesk.orders import queries as orders


def refundable(change: Change) -> dict[int, int]:
    """Line id → what was paid for the units that this change took off (minor units)."""
    if change.kind is Kind.CANCEL:
        return _of_cancelled_order(change)
    found: dict[int, int] = {}
    for _, wish in queries.wishes_of([change.id], change.store_id):
        if wish.kind is Kind.QUANTITY and wish.line_id is not None and wish.amendment_id is not None:
            line = orders.line_of(wish.order_id, wish.line_id, change.store_id)
            amendment = orders.amendment_by_id(wish.amendment_id, change.store_id)
            why = "to say what was paid for the units"
            old, new = unpack(amendment.was, why)["quantity"], unpack(amendment.value, why)["quantity"]
            paid = rules.refundable_minor(line.share_minor, line.quantity, old=old, new=new)
            found[line.id] = found.get(line.id, 0) + paid
    return found


def _of_cancelled_order(change: Change) -> dict[int, int]:
    found = {}
    for line in orders.lines(change.order_id, change.store_id):
        if line.share_minor and line.cancelled:
            cancelled_minor = share_of_units(line.share_minor, line.quantity, 0, line.cancelled)
            found[line.id] = max(0, cancelled_minor - line.refunded_minor - line.reserved_minor)
    return found
