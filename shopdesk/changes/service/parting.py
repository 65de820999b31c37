"""Units that leave a parcel because they are cancelled: planned with the wish, taken out by printing, given back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from shopdesk.changes import queries
from shopdesk.changes.models import CancelPart, Change, Wish
from shopdesk.changes.queries import parts
from shopdesk.changes.service import units
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor
from shopdesk.orders import queries as orders
from shopdesk.orders import service as order_service
from shopdesk.orders.states import Field
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel


def plan(change: Change, wish: Wish, shares: Mapping[int, int]) -> None:
    """Line → units that this wish takes out of the change's parcel."""
    for line_id, wished in sorted(shares.items()):
        db.session.add(
            CancelPart(
                store_id=change.store_id, change_id=change.id, wish_id=wish.id, line_id=line_id, units=wished, taken=0,
                has_left=False,
            )
        )  # fmt: skip
    db.session.flush()


def take(change: Change, parcel: Parcel, *, goes_on: bool, actor: Actor) -> None:
    """Everything that the change cancels counts as cancelled, as far as it stands in the parcel.

    It leaves a parcel that goes on; a parcel that is voided keeps it, so that a reported shipment knows which units
    went after all (domain.md §5).
    """
    rows = parcels.parcel_lines([parcel.id], change.store_id)
    there = Counter({row.line_id: row.quantity for row in rows if row.order_id == change.order_id and row.quantity > 0})
    for part in _parts(change, there):
        part.first = orders.line_of(change.order_id, part.line_id, change.store_id).cancelled
        wanted = min(part.units - part.taken, there[part.line_id])
        there[part.line_id] -= wanted
        if goes_on:
            units.take_off(part.line_id, wanted, parcel)
        else:
            order_service.cancel_units(part.line_id, wanted)
        part.taken, part.has_left = part.taken + wanted, goes_on
        db.session.flush()
        _decide_again(change, part, -wanted, actor)


def _parts(change: Change, there: Mapping[int, int]) -> list[CancelPart]:
    """What is still to be taken; of a whole order all that no earlier wish named."""
    found = parts.parts_of([change.id], change.store_id)
    whole = [wish for _, wish in queries.wishes_of([change.id], change.store_id) if parts.is_whole(wish)]
    if whole:
        rest = Counter(there)
        for part in found:
            rest[part.line_id] -= part.units - part.taken
        plan(change, whole[-1], +rest)
        found = parts.parts_of([change.id], change.store_id)
    return [part for part in found if part.taken < part.units]


def give_back(change: Change, parcel: Parcel, actor: Actor) -> Counter[int]:
    """The units that left the parcel return to it; line → how many."""
    given: Counter[int] = Counter()
    for part in reversed(parts.parts_of([change.id], change.store_id)):
        if not part.has_left or not part.taken:
            continue
        units.take_off(part.line_id, -part.taken, parcel)
        given[part.line_id] += part.taken
        back, part.taken, part.has_left = part.taken, 0, False
        db.session.flush()
        _decide_again(change, part, back, actor)
    return given


def _decide_again(change: Change, part: CancelPart, by: int, actor: Actor) -> None:
    """Where the desk decided how many units of the line remain, that follows what is cancelled."""
    decided = orders.active_amendment(change.order_id, change.store_id, Field.QUANTITY, part.line_id)
    if decided is None or not by or parts.cancels_whole(change.id, change.store_id):
        return  # what was decided about an order that is gone stays decided
    order = orders.order_by_id(change.order_id, change.store_id)
    now = orders.value_of(decided)["quantity"] + by
    order_service.amend(order, Field.QUANTITY, {"quantity": max(0, now)}, line_id=part.line_id, actor=actor)
