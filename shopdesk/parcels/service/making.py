"""Parcels made from orders: one per order at import, its lines kept in step, its address, its waybills."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from shopdesk.core import clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict
from shopdesk.core.personal import Personal
from shopdesk.core.scope import in_store
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order, OrderLine
from shopdesk.orders.service.keys import index_waybill
from shopdesk.orders.states import NOT_PACKED, Field
from shopdesk.parcels import queries
from shopdesk.parcels.models import Parcel, ParcelLine, Waybill
from shopdesk.parcels.service.stops import catch
from shopdesk.parcels.states import LEFT, Source, Stage
from shopdesk.staff.models import Store

MOST_CARRIER = 64  # characters; as much as is shown of what a file calls a courier


@command
def cover(store: Store, order: Order, *, source: Source, origin: str | None, as_of: datetime) -> list[Parcel]:
    """See that every unit of the order stands in a parcel: one parcel per order until somebody splits it.

    An order file counts as "unprinted as far as known" at its as_of, for parcels that nothing newer is known of.
    """
    there = queries.locked_parcels([p.id for p in queries.parcels_of_order(order.id, store.id)], store.id)
    lines = orders.lines(order.id, store.id)
    packed = [line for line in lines if line.kind not in NOT_PACKED]
    rows = _rows(order) if there else []
    if not there and packed:
        ship_to = orders.effective_value(order, Field.ADDRESS, None)
        there = [_new(store, ship_to, source=source, origin=origin, as_of=as_of)]
    for line in lines:
        _shrink(line, [row for row in rows if row.line_id == line.id])
    missing = {line.id: line.quantity - line.cancelled - line.in_parcels for line in packed}
    for line_id, units in missing.items():
        if units > 0:
            _fill(next((p for p in there if p.stage is Stage.UNPRINTED), there[0]), order, line_id, units, rows)
    if rows:
        readdress(order)
    else:
        catch([parcel.id for parcel in there], store.id)
    return there


def _rows(order: Order) -> list[ParcelLine]:
    """What of the order lies in which parcel, the newest first."""
    rows = select(ParcelLine).where(ParcelLine.order_id == order.id).order_by(ParcelLine.id.desc())
    return list(db.session.scalars(in_store(rows, order.store_id, ParcelLine)))


def _new(store: Store, ship_to: dict[str, Any], *, source: Source, origin: str | None, as_of: datetime) -> Parcel:
    parcel = Parcel(
        store_id=store.id, warehouse_id=store.warehouse_id, stage=Stage.UNPRINTED, stage_source=source,
        stage_origin=origin, stage_as_of=as_of, made_at=clock.now(),
    )  # fmt: skip
    _set_ship_to(parcel, ship_to)
    db.session.add(parcel)
    db.session.flush()
    return parcel


def _shrink(line: OrderLine, rows: list[ParcelLine]) -> None:
    """An incomplete line that became a real one stands for fewer units: its parcel follows the line's counter."""
    over = sum(row.quantity for row in rows) - line.in_parcels
    for row in rows:
        taken = max(0, min(over, row.quantity))
        row.quantity -= taken
        over -= taken
    db.session.flush()


def _fill(parcel: Parcel, order: Order, line_id: int, missing: int, rows: list[ParcelLine]) -> None:
    """Put the units that stand in no parcel into this one; one conditional UPDATE keeps I12."""
    taken = rows_changed(
        in_store(update(OrderLine), parcel.store_id, OrderLine)
        .where(OrderLine.id == line_id, OrderLine.in_parcels + missing <= OrderLine.quantity)
        .values(in_parcels=OrderLine.in_parcels + missing)
    )
    if taken != 1:
        raise Conflict("The units have moved meanwhile. Please look again.", code="units_moved")
    row = next((row for row in rows if (row.parcel_id, row.line_id) == (parcel.id, line_id)), None)
    if row is None:
        row = ParcelLine(store_id=parcel.store_id, parcel_id=parcel.id, order_id=order.id, line_id=line_id, quantity=0)
        db.session.add(row)
    row.quantity += missing
    this = in_store(update(OrderLine), parcel.store_id, OrderLine).where(OrderLine.id == line_id)
    if parcel.stage is Stage.VOIDED:  # details of an order that was cancelled whole
        rows_changed(this.values(cancelled=OrderLine.cancelled + missing))
    if parcel.stage in LEFT:  # details of an order that has left: its units left with the parcel
        rows_changed(this.values(shipped=OrderLine.shipped + missing))
    db.session.flush()


@command
def take_out(line_id: int, units: int, *, parcel: Parcel) -> None:
    """Take units of a line out of a parcel (negative: put them back), together with the line's counter."""
    db.session.flush()
    left = ParcelLine.quantity - units
    moved = rows_changed(
        in_store(update(ParcelLine), parcel.store_id, ParcelLine)
        .where(ParcelLine.parcel_id == parcel.id, ParcelLine.line_id == line_id, left >= 0)
        .values(quantity=left)
    )
    in_parcels = OrderLine.in_parcels - units
    counted = rows_changed(
        in_store(update(OrderLine), parcel.store_id, OrderLine)
        .where(OrderLine.id == line_id, in_parcels >= 0, in_parcels <= OrderLine.quantity)
        .values(in_parcels=in_parcels)
    )
    if moved != 1 or counted != 1:
        raise Conflict("The units have moved meanwhile. Please look again.", code="units_moved")
    catch([parcel.id], parcel.store_id)


@command
def readdress(order: Order, *, also: Collection[int] = ()) -> None:
    """Bring the effective address onto the order's parcels that are not printed yet, and onto those named in `also`.

    A merged parcel goes where the newest decision about any of its orders says, else to its first order's address: a
    file about another order in it never brings an old address back.
    """
    there = queries.parcels_of_order(order.id, order.store_id)
    for parcel in there:
        if parcel.stage is Stage.UNPRINTED or parcel.id in also:
            _set_ship_to(parcel, orders.effective_value(_deciding(parcel, order), Field.ADDRESS, None))
    db.session.flush()
    catch([parcel.id for parcel in there], order.store_id)


@command
def send_to(parcel: Parcel, value: dict[str, Any]) -> None:
    """Where a parcel that has left is on its way to, whatever was decided about its order."""
    _set_ship_to(parcel, value)


def _deciding(parcel: Parcel, order: Order) -> Order:
    there = queries.orders_in_parcel(parcel.id, parcel.store_id)
    if len(there) < 2:
        return there[0] if there else order
    made = {o.id: orders.active_amendment(o.id, o.store_id, Field.ADDRESS, None) for o in there}
    return max(there, key=lambda o: (a.id if (a := made[o.id]) else 0, -o.id))


def _set_ship_to(parcel: Parcel, value: dict[str, Any]) -> None:
    region = " ".join(part for part in (value["province"], value["city"], value["district"]) if part)
    new = {"ship_name": (value["name"], "name"), "ship_phone": (value["phone"], "phone"),
           "ship_address": (value["street"], "address")}  # fmt: skip
    for name, (text, kind) in new.items():
        told = Personal(text, kind) if text else None
        if getattr(parcel, name) != told:
            setattr(parcel, name, told)
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
            store_id=parcel.store_id, parcel_id=parcel.id, number=number, carrier=carrier and carrier[:MOST_CARRIER],
            is_electronic=is_electronic, known_at=clock.now(),
        )
    )  # fmt: skip
    index_waybill(order, number)
    db.session.flush()
    catch([parcel.id], parcel.store_id)
    return True
