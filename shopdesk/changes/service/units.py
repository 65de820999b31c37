"""The units that a quantity wish takes off: out of which parcels, and back into the same."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from shopdesk.changes import queries, rules
from shopdesk.changes.models import Change, ChangeWish, Wish
from shopdesk.changes.queries.given import taken_by
from shopdesk.changes.states import ChangeState
from shopdesk.core.db import db
from shopdesk.orders import service as order_service
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel


def units_in(parcel_ids: list[int], line_id: int, store_id: int) -> dict[int, int]:
    """Parcel → how many units of the line stand in it."""
    rows = parcels.parcel_lines(parcel_ids, store_id)
    return {row.parcel_id: row.quantity for row in rows if row.line_id == line_id}


def most_to_take(wish: Wish, wanted: int) -> int:
    """Of `wanted` units as many as still stand in the parcels of the wish's open changes.

    Fewer than the customer wished when a parcel left while printing was being asked: what has left is not taken off.
    """
    changes = [c for c in queries.changes_of_wish(wish) if c.state is ChangeState.OPEN]
    there = units_in([c.parcel_id for c in changes], wish.line_id or 0, wish.store_id)
    return min(wanted, sum(there.values()))


def take_wished(wish: Wish, changes: Sequence[Change], units: int) -> None:
    """Take `units` off in the parcels of these changes, as far as those have them (negative: give them back).

    What stands in a sibling's parcel, whose steps are another column's, is taken when those come to it.
    """
    if wish.line_id is None:
        return
    mine = {c.id: parcels.parcel_by_id(c.parcel_id, wish.store_id) for c in changes}
    waiting = [link for link in queries.links_of_wish(wish) if link.units is None]  # each parcel gives once
    links = {link.change_id: link for link in waiting if link.change_id in mine}
    if not links:
        return
    there = units_in([p.id for p in mine.values()], wish.line_id, wish.store_id)
    supply = [rules.Supply(c, mine[c].stage, there.get(mine[c].id, 0)) for c in links]
    shared = rules.share_out(units, supply) if units > 0 else _share_back(-units, wish.line_id, changes, links)
    for change_id, link in links.items():
        part = shared.get(change_id, 0)
        take_off(wish.line_id, part, mine[change_id])
        link.units = part
    db.session.flush()


def _share_back(units: int, line_id: int, changes: Sequence[Change], links: Collection[int]) -> dict[int, int]:
    """Change → how many units (negative) it gives back, first of those that it took off."""
    shared: dict[int, int] = {}
    for change in changes:
        part = min(units, taken_by(change)[line_id]) if change.id in links else 0
        if part > 0:
            shared[change.id] = -part
            units -= part
    if units:
        first = next(iter(links))
        shared[first] = shared.get(first, 0) - units
    return shared


def taken(wish: Wish) -> int:
    """What the wish has taken off so far, in all its parcels."""
    return sum(link.units or 0 for link in queries.links_of_wish(wish))


def take_off(line_id: int, units: int, parcel: Parcel) -> None:
    """Units leave the parcel and count as cancelled (negative: the way back)."""
    if units > 0:
        parcel_service.take_out(line_id, units, parcel=parcel)
        order_service.cancel_units(line_id, units)
    elif units < 0:
        order_service.cancel_units(line_id, units)
        parcel_service.take_out(line_id, units, parcel=parcel)


def put_all_back(links: Sequence[ChangeWish], line_id: int, parcel: Parcel) -> int:
    """As `put_back`, of all wishes about a line together: what one gave back is not taken off again in between."""
    units = sum(link.units or 0 for link in links)
    take_off(line_id, -units, parcel)
    for link in links:
        link.units = 0 if link.units else link.units
    db.session.flush()
    return units


def put_back(link: ChangeWish, wish: Wish, parcel: Parcel) -> int:
    """The units that the wish took off in this change's parcel return to it; how many."""
    units = link.units or 0
    if units and wish.line_id is not None:
        take_off(wish.line_id, -units, parcel)
        link.units = 0
        db.session.flush()
    return units
