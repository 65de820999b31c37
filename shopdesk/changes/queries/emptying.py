"""Quantity wishes after which nothing is left in a parcel."""

from __future__ import annotations

from collections import Counter

from shopdesk.changes import queries, rules
from shopdesk.changes.models import Change, ChangeWish, Wish
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core.personal import unpack
from shopdesk.orders import queries as orders
from shopdesk.orders.states import Field
from shopdesk.parcels import queries as parcels

WHY = "to count its units"


def empties(change: Change) -> bool:
    """Whether no unit is in the parcel of a quantity change once its wishes are carried out, as things stand."""
    if change.kind is not Kind.QUANTITY:
        return False
    rows = parcels.parcel_lines([change.parcel_id], change.store_id)
    there = Counter({row.line_id: row.quantity for row in rows if row.quantity > 0})
    wanted: dict[int, int] = {}
    for link, wish in queries.links_of(change):
        line_id = wish.line_id
        if link.units is None and line_id is not None and line_id in there:
            wanted[line_id] = max(wanted.get(line_id, 0), _share(link, wish))
    there.subtract(wanted)
    return not any(units > 0 for units in there.values())


def _share(link: ChangeWish, wish: Wish) -> int:
    """How many units a wish takes off in this change's parcel, shared out as when it is carried out."""
    waiting = [one for one in queries.links_of_wish(wish) if one.units is None]
    places = {c.id: parcels.parcel_by_id(c.parcel_id, c.store_id) for c in queries.changes_of_wish(wish)
              if c.state is ChangeState.OPEN}  # fmt: skip
    rows = parcels.parcel_lines([parcel.id for parcel in places.values()], wish.store_id)
    units = {row.parcel_id: row.quantity for row in rows if row.line_id == wish.line_id}
    supply = [
        rules.Supply(one.change_id, places[one.change_id].stage, units.get(places[one.change_id].id, 0))
        for one in waiting
        if one.change_id in places
    ]
    return rules.share_out(_less(wish), supply).get(link.change_id, 0)


def _less(wish: Wish) -> int:
    """Units that it still takes off, over all its parcels."""
    if wish.amendment_id is not None:
        decided = orders.amendment_by_id(wish.amendment_id, wish.store_id)
        taken = sum(one.units or 0 for one in queries.links_of_wish(wish))
        return int(unpack(decided.was, WHY)["quantity"] - unpack(decided.value, WHY)["quantity"] - taken)
    order = orders.order_by_id(wish.order_id, wish.store_id)
    now = orders.effective_value(order, Field.QUANTITY, wish.line_id)["quantity"]
    return int(now - unpack(wish.new, WHY)["quantity"])
