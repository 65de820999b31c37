"""Packing and shipping: commands that the parcel's own row allows or refuses, whoever asks and however late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, update

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, IllegalMove
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.core.scope import in_store
from shopdesk.parcels import queries
from shopdesk.parcels.models import Parcel, StageFact
from shopdesk.parcels.service.moving import count_shipped
from shopdesk.parcels.states import FactEffect, Source, Stage

#: From where each may come.  What lies in our hands was printed, also where the ERP has not said so yet, and not every
#: house scans at the packing table.
FROM = {
    Stage.PACKED: (Stage.UNPRINTED, Stage.PRINTED),
    Stage.SHIPPED: (Stage.UNPRINTED, Stage.PRINTED, Stage.PACKED),
}
NEEDS = {Stage.PACKED: Permission.PARCEL_PACK, Stage.SHIPPED: Permission.PARCEL_SHIP}


@command
def pack(parcel: Parcel, *, happened_at: datetime | None = None, actor: Actor) -> Parcel:
    """A scan at the packing table.  Raises IllegalMove: held, voided, or packed already."""
    return _scan(parcel, Stage.PACKED, happened_at, actor)


@command
def ship(parcel: Parcel, *, happened_at: datetime | None = None, actor: Actor) -> Parcel:
    """A scan at the truck.  Raises IllegalMove: held, voided, or shipped already."""
    return _scan(parcel, Stage.SHIPPED, happened_at, actor)


@command
def ship_parcels(parcel_ids: Sequence[int], *, store_id: int, left_at: datetime, person_id: int | None) -> int:
    """The command "shipped with the truck": every parcel leaves or none does.  Held or gone ones make it a Conflict."""
    for parcel_id in parcel_ids:
        if not _move(parcel_id, store_id, Stage.SHIPPED, left_at, Source.CHECK, person_id):
            raise Conflict("A parcel was held or has left meanwhile. Please check the list again.", code="stage_moved")
        count_shipped(queries.parcel_by_id(parcel_id, store_id))
    db.session.flush()
    return len(parcel_ids)


def _scan(parcel: Parcel, to: Stage, happened_at: datetime | None, actor: Actor) -> Parcel:
    require(actor, NEEDS[to], parcel.store_id)
    now = clock.now()
    at = min(happened_at or now, now)
    if not _move(parcel.id, parcel.store_id, to, at, Source.SCAN, actor.id):
        db.session.refresh(parcel)
        raise IllegalMove("This parcel is held or stands elsewhere by now.", code="not_moved", stage=str(parcel.stage))
    db.session.flush()
    db.session.refresh(parcel)
    if to is Stage.SHIPPED:
        count_shipped(parcel)
    order = queries.orders_in_parcel(parcel.id, parcel.store_id)[0]
    audit.record(
        "parcel.packed" if to is Stage.PACKED else "parcel.shipped", "parcel", parcel.id, actor,
        store_id=parcel.store_id, order_id=order.id, happened_at=at.isoformat(),
    )  # fmt: skip
    return parcel


def _move(parcel_id: int, store_id: int, to: Stage, at: datetime, source: Source, person_id: int | None) -> bool:
    """One conditional UPDATE, whose row count decides, and the fact of it."""
    now = clock.now()
    moved = rows_changed(
        in_store(update(Parcel), store_id, Parcel)
        .where(Parcel.id == parcel_id, *_may_go(to))
        .values(
            stage=to, stage_at=at, stage_source=source, stage_origin=None, stage_as_of=now, version=Parcel.version + 1
        )
    )
    if moved == 1:
        db.session.add(
            StageFact(
                store_id=store_id, parcel_id=parcel_id, stage=to, happened_at=at, as_of=now, known_at=now,
                source=source, person_id=person_id, effect=FactEffect.MOVED,
            )
        )  # fmt: skip
    return moved == 1


def _may_go(to: Stage) -> tuple[ColumnElement[bool], ...]:
    """What a parcel's own row must say: never held, never voided, not there yet."""
    return (Parcel.stage.in_(FROM[to]), Parcel.holds == 0)
