"""Parcels made from orders: one per order at import, its lines kept in step, its address, its waybills."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from shopdesk.core import clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict
from shopdesk.core.scope import in_store
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order, OrderLine
from shopdesk.orders.service.keys import index_waybill
from shopdesk.orders.states import NOT_PACKED, Field
from shopdesk.parcels import queries
from shopdesk.parcels.models import Parcel, ParcelLine, Waybill
from shopdesk.parcels.states import LEFT, Source, Stage
from shopdesk.staff.models import Store


@command
def cover(store: Store, order: Order, *, source: Source, origin: str | None, as_of: datetime) -> list[Parcel]:
    """See that every unit of the order stands in a parcel: one parcel per order until somebody splits it.

    An order file counts as "unprinted as far as known" at its as_of, for parcels that nothing newer is known of.
    """
    there = queries.parcels_of_order(order.id, store.id)
    if not there:
        there = [_new(store, order, source=source, origin=origin, as_of=as_of)]
    home = next((p for p in there if p.stage is Stage.UNPRINTED), there[0])
    for line in orders.lines(order.id, store.id):
        if line.kind not in NOT_PACKED:
            _fill(home, line)
    readdress(order)
    return there


def _new(store: Store, order: Order, *, source: Source, origin: str | None, as_of: datetime) -> Parcel:
    parcel = Parcel(
        store_id=store.id, warehouse_id=store.warehouse_id, stage=Stage.UNPRINTED, stage_source=source,
        stage_origin=origin, stage_as_of=as_of, made_at=clock.now(),
    )  # fmt: skip
    db.session.add(parcel)
    db.session.flush()
    return parcel


def _fill(parcel: Parcel, line: OrderLine) -> None:
    """Put the units that stand in no parcel into this one; one conditional UPDATE keeps I12."""
    missing = line.quantity - line.cancelled - line.in_parcels
    if missing <= 0:
        return
    taken = rows_changed(
        update(OrderLine)
        .where(OrderLine.id == line.id, OrderLine.in_parcels + missing <= OrderLine.quantity)
        .values(in_parcels=OrderLine.in_parcels + missing)
    )
    if taken != 1:
        raise Conflict("The units have moved meanwhile. Please look again.", code="units_moved")
    row = db.session.scalars(
        in_store(
            select(ParcelLine).where(ParcelLine.parcel_id == parcel.id, ParcelLine.line_id == line.id),
            parcel.store_id,
            ParcelLine,
        )
    ).one_or_none()
    if row is None:
        row = ParcelLine(
            store_id=parcel.store_id, parcel_id=parcel.id, order_id=line.order_id, line_id=line.id, quantity=0
        )
        db.session.add(row)
    row.quantity += missing
    if parcel.stage in LEFT:  # details of an order that has left: its units left with the parcel
        rows_changed(update(OrderLine).where(OrderLine.id == line.id).values(shipped=OrderLine.shipped + missing))
    db.session.flush()
    db.session.refresh(line)


@command
def take_out(line_id: int, units: int, *, parcel: Parcel) -> None:
    """Take units of a line out of a parcel (negative: put them back), together with the line's counter."""
    db.session.flush()
    left = ParcelLine.quantity - units
    moved = rows_changed(
        update(ParcelLine)
        .where(ParcelLine.parcel_id == parcel.id, ParcelLine.line_id == line_id, left >= 0)
        .values(quantity=left)
    )
    in_parcels = OrderLine.in_parcels - units
    counted = rows_changed(
        update(OrderLine)
        .where(OrderLine.id == line_id, in_parcels >= 0, in_parcels <= OrderLine.quantity)
        .values(in_parcels=in_parcels)
    )
    if moved != 1 or counted != 1:
        raise Conflict("The units have moved meanwhile. Please look again.", code="units_moved")


@command
def readdress(order: Order) -> None:
    """Bring the effective address onto the order's parcels that are not printed yet."""
    value = orders.effective_value(order, Field.ADDRESS, None)
    for parcel in queries.parcels_of_order(order.id, order.store_id):
        if parcel.stage is Stage.UNPRINTED:
            _set_ship_to(parcel, value)
    db.session.flush()


def _set_ship_to(parcel: Parcel, value: dict[str, Any]) -> None:
    region = " ".join(part for part in (value["province"], value["city"], value["district"]) if part)
    new = {"ship_name": value["name"], "ship_phone": value["phone"], "ship_address": value["street"]}
    for name, text in new.items():
        current = getattr(parcel, name)
        if (current.reveal("to compare it") if current else None) != (text or None):
            setattr(parcel, name, text)
    if parcel.ship_region != (region or None):
        parcel.ship_region = region or None


@command
def add_waybill(parcel: Parcel, order: Order, number: str, carrier: str | None, *, is_electronic: bool) -> bool:
    """Keep a waybill of the parcel; False when it was known.  Several are all kept ("several parcels")."""
    known = select(Waybill.id).where(Waybill.parcel_id == parcel.id, Waybill.number == number)
    if db.session.scalar(in_store(known, parcel.store_id, Waybill)):
        return False
    db.session.add(
        Waybill(
            store_id=parcel.store_id, parcel_id=parcel.id, number=number, carrier=carrier,
            is_electronic=is_electronic, known_at=clock.now(),
        )
    )  # fmt: skip
    index_waybill(order, number)
    db.session.flush()
    return True
