"""The platform's shipped mark grown old: at the next cut-off, or after a day, it counts as `shipped` (domain.md §8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from shopdesk.changes.service.facts import record_fact
from shopdesk.changes.service.mark_ages import due_at
from shopdesk.core import clock
from shopdesk.core.db import command, db
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.orders.models import Order
from shopdesk.orders.states import OrderStatus
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel, ParcelLine, StageFact
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import IN_HOUSE, Source, Stage
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Warehouse

AT_ONCE = 100  # parcels in one transaction
ORIGIN = "platform mark"


@dataclass(frozen=True, slots=True)
class Mark:
    """A parcel still in the house whose order the platform calls shipped."""

    parcel_id: int
    marked_at: datetime


def ship_marked(store_id: int, *, actor: Actor) -> int:
    """Record `shipped` for every parcel of the store whose mark is old by now; returns how many it moved or met."""
    store = staff.store_by_id(store_id)
    now = clock.now()
    due = [mark for mark, cut_offs in _marks(store_id) if due_at(mark.marked_at, cut_offs, store.zone) <= now]
    for at in range(0, len(due), AT_ONCE):
        _ship(store_id, due[at : at + AT_ONCE], actor=actor)
    return len(due)


@command
def _ship(store_id: int, marks: Sequence[Mark], *, actor: Actor) -> None:
    """A fact, so holds do not refuse it: open changes end `too_late` and everyone concerned is alarmed."""
    marked_at = {mark.parcel_id: mark.marked_at for mark in marks}
    for parcel in parcels.locked_with_orders(sorted(marked_at), store_id):
        if parcel.stage not in IN_HOUSE:
            continue  # somebody else reported it meanwhile
        report = Report(
            stage=Stage.SHIPPED, happened_at=marked_at[parcel.id], as_of=clock.now(), source=Source.PLATFORM,
            origin=ORIGIN,
        )  # fmt: skip
        record_fact(parcel, report, actor=actor)


def _marks(store_id: int) -> list[tuple[Mark, list[str]]]:
    """Marked parcels in the house with the cut-offs of their warehouse; without those that were told already."""
    told = (
        select(StageFact.id)
        .where(StageFact.parcel_id == Parcel.id, StageFact.source == Source.PLATFORM)
        .where(StageFact.happened_at == Order.marked_shipped_at)
        .exists()
    )
    statement = (
        select(Parcel.id, Order.id, Order.status, Order.marked_shipped_at, Warehouse.cut_offs)
        .join(ParcelLine, ParcelLine.parcel_id == Parcel.id)
        .join(Order, Order.id == ParcelLine.order_id)
        .join(Warehouse, Warehouse.id == Parcel.warehouse_id)
        .where(Parcel.stage.in_(IN_HOUSE), Order.marked_shipped_at.is_not(None), ~told)
        .distinct()
    )
    found: dict[int, tuple[Mark, list[str]]] = {}
    for row in db.session.execute(in_store(statement, store_id, Parcel)):
        if row.status is OrderStatus.PART_SHIPPED and _stands_in_several(row[1], store_id):
            continue  # nobody says which of the parcels it was
        mark = Mark(row[0], row.marked_shipped_at)
        if row[0] not in found or mark.marked_at < found[row[0]][0].marked_at:
            found[row[0]] = (mark, row.cut_offs)
    return list(found.values())


def _stands_in_several(order_id: int, store_id: int) -> bool:
    alive = [p for p in parcels.parcels_of_order(order_id, store_id) if p.stage is not Stage.VOIDED]
    return len(alive) > 1
