"""What was paid for the units that a change took off."""

from shopdesk.changes import queries, rules
from shopdesk.changes.models import Change, ChangeWish, Wish
from shopdesk.changes.states import Kind
from shopdesk.core.money import share_of_units
from shopdesk.core.personal import unpack
from shopdesk.orders import queries as orders


def refundable(change: Change) -> dict[int, int]:
    """Line id → what was paid for the units that this change took off (minor units)."""
    if change.kind is Kind.CANCEL:
        return _of_cancelled_order(change)
    found: dict[int, int] = {}
    for link, wish in queries.links_of(change):
        if wish.kind is Kind.QUANTITY and wish.line_id is not None and wish.amendment_id is not None and link.units:
            line = orders.line_of(wish.order_id, wish.line_id, change.store_id)
            old = _units_before(link, wish)
            paid = rules.refundable_minor(line.share_minor, line.quantity, old=old, new=old - link.units)
            found[line.id] = found.get(line.id, 0) + paid
    return found


def _units_before(link: ChangeWish, wish: Wish) -> int:
    """How many units stood before this part of the wish: its changes share the line's units in their order."""
    amendment = orders.amendment_by_id(wish.amendment_id or 0, wish.store_id)
    old: int = unpack(amendment.was, "to say what was paid for the units")["quantity"]
    earlier = [one for one in queries.links_of_wish(wish) if one.change_id < link.change_id]
    return old - sum(one.units or 0 for one in earlier)


def _of_cancelled_order(change: Change) -> dict[int, int]:
    found = {}
    for line in orders.lines(change.order_id, change.store_id):
        if line.share_minor and line.cancelled:
            cancelled_minor = share_of_units(line.share_minor, line.quantity, 0, line.cancelled)
            found[line.id] = max(0, cancelled_minor - line.refunded_minor - line.reserved_minor)
    return found
