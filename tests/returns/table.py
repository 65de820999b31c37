"""The table at the dock: parcels on it, and what a clerk writes down."""

from __future__ import annotations

from shopdesk.core.db import db
from shopdesk.orders import queries as orders
from shopdesk.returns import service
from shopdesk.returns.queries import docks
from shopdesk.returns.rules.findings import Found
from shopdesk.returns.states import Grade, Identity, Whose


def arrival_of(clerk, *backs, waybill="SF1"):
    house = docks.warehouses_of(clerk)[0].id
    arrival = service.sign_in(waybill, house, actor=clerk).arrival
    for back in backs:
        service.match(arrival.id, back.id, actor=clerk)
    return service.open_arrival(arrival.id, actor=clerk)


def right(line, units=1, grade=Grade.A, *, defect=False, **more):
    return Found(Identity.RIGHT, units, line, grade, defect, **more)


def missing(line, units=1):
    return Found(Identity.MISSING, units, line)


def strange(units=1, identity=Identity.UNEXPECTED, line=None, whose=Whose.OTHERS):
    return Found(identity, units, line, Grade.C, title="旧雨伞", whose=whose)


def more(line, units):
    """Right ones, some of them more than awaited: the clerk was asked, and has counted again."""
    return Found(Identity.RIGHT, units, line, Grade.A, has_defect=False, whose=Whose.MORE)


def standing(arrival):
    found = docks.findings(arrival)
    for row in found:
        db.session.refresh(row)
    return [(str(row.identity), row.quantity, str(row.grade) if row.grade else None) for row in found]


def state(back):
    db.session.refresh(back)
    return back.state


def order_of(back):
    return orders.order_by_id(back.order_id, back.store_id)
