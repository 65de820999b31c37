"""Parcels of ours that come back themselves, and the orders in them that nobody has accounted for."""

from __future__ import annotations

from sqlalchemy import select

from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, within
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel, Waybill
from shopdesk.parcels.states import LEFT
from shopdesk.returns.models import Arrival, ArrivalMatch, Return


def own_parcel(code: str, actor: Actor) -> Parcel | None:
    """A parcel of ours by its waybill, also one that was replaced, or by the barcode of our papers."""
    seen = Permission.ORDER_READ
    if (parcel_id := parcels.parcel_of(code)) is not None:
        return db.session.scalars(within(select(Parcel).where(Parcel.id == parcel_id), actor, seen, Parcel)).first()
    statement = (
        select(Parcel)
        .join(Waybill, Waybill.parcel_id == Parcel.id)
        .where(Waybill.number.in_({code, code.lower()}))
        .order_by(Parcel.id.desc())
    )
    found = list(db.session.scalars(within(statement, actor, seen, Waybill)))
    # A number that was used twice: what left is what can come back.
    return next((parcel for parcel in found if parcel.stage in LEFT), found[0] if found else None)


def came_back(arrival: Arrival, actor: Actor) -> Parcel | None:
    """The parcel of ours that an arrival is."""
    found = own_parcel(arrival.waybill, actor)
    return found if found is not None and found.stage in LEFT else None


def unaccounted(arrival: Arrival, parcel: Parcel) -> list[Order]:
    """Orders in a parcel of ours that came back of which the arrival is matched with no return, and units are left."""
    matched = (
        select(Return.order_id)
        .join(ArrivalMatch, ArrivalMatch.return_id == Return.id)
        .where(ArrivalMatch.arrival_id == arrival.id)
    )
    known = set(db.session.scalars(in_store(matched, parcel.store_id, Return, ArrivalMatch)))
    found = parcels.orders_in_parcel(parcel.id, parcel.store_id)
    return [order for order in found if order.id not in known and units_to_come(parcel, order)]


def units_to_come(parcel: Parcel, order: Order) -> dict[int, int]:
    """Line → units of an order in a parcel that have left and come back by no other return."""
    there = {line.id: line for line in orders.lines(order.id, order.store_id)}
    units = {}
    for row in parcels.parcel_lines([parcel.id], parcel.store_id):
        if row.order_id == order.id:
            line = there[row.line_id]
            units[line.id] = min(row.quantity, line.shipped - line.in_return - line.returned)
    return {line_id: count for line_id, count in units.items() if count > 0}
