"""Parcels that came back, in every state, for the pages of the dock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shopdesk.core import pictures
from shopdesk.core.permissions import Role
from shopdesk.orders.models import Order
from shopdesk.returns import service as returns
from shopdesk.returns.queries import docks
from shopdesk.returns.service import Decided, Found
from shopdesk.returns.states import Disposal, Grade, Identity, Whose
from shopdesk.staff.models import Store
from tests import make
from tests.returns import rows

CODES = ("SF9001", "SF9002", "SF9003", "ZZ9004", "ZZ9005")


def parcels_at_the_dock(store: Store, shipped: Order, data: list[str]) -> list[int]:
    """Signed in, opened, inspected, unknown with candidates, unknown with goods partly put away: their ids."""
    clerk, house = make.actor(Role.WAREHOUSE, signature="小满"), store.warehouse_id
    data += [*CODES, "旧雨伞", "退货架 2", "尺码不合适,想退", "袖口有线头"]
    rows.back(shipped, None, "SF9001")
    rows.back(shipped, None, "SF9002")
    third = rows.back(rows.shipped(store, lines=(make.line(quantity=2),)), {1: 2}, "SF9003")
    here = [returns.sign_in(code, house, place="退货架 2", actor=clerk).arrival for code in CODES]
    signed, opened, inspected, unknown, gone = (arrival.id for arrival in here if arrival)
    returns.open_arrival(opened, actor=clerk)
    line = rows.lines(third)[0].id
    right = Found(Identity.RIGHT, 1, line, Grade.B, has_defect=True, note="袖口有线头")
    strange = Found(Identity.UNEXPECTED, 2, None, Grade.C, title="旧雨伞", whose=Whose.OTHERS)
    returns.inspect(inspected, [right, Found(Identity.MISSING, 1, line), strange], actor=clerk)
    done = returns.inspect(gone, [strange], actor=clerk)
    returns.dispose(gone, [Decided(docks.findings(done)[0].id, Disposal.SEND_BACK, 1)], actor=clerk)
    there = [docks.load_arrival(each, clerk) for each in (inspected, gone)]
    data += ["SF", "ZZ", *(docks.label(row) for arrival in there for row in docks.findings(arrival))]
    returns.add_photos(opened, [pictures.tidy(make.photo())], actor=clerk)
    returns.describe(unknown, phone="5678", inside="HAT-01", actor=clerk)
    return [signed, opened, inspected, unknown, gone]


#: Under which addresses each of the pages is looked at.
DOCK: dict[str, Callable[[Any, Any], list[dict[str, Any]]]] = {
    "dock.unpack": lambda world, who: [{}, {"q": "HAT-01"}, {"q": "ZZ404"}],
    "dock.parcel": lambda world, who: [
        {"arrival_id": each, **more} for each in world.arrivals for more in ({}, {"correct": 1})
    ],
    "dock.photo": lambda world, who: [
        {"arrival_id": world.arrivals[1], "picture_id": row.id}
        for row in docks.photos(docks.load_arrival(world.arrivals[1], make.actor(Role.SUPERVISOR)))
    ],
    "dock.labels": lambda world, who: [{"arrival_id": each} for each in world.arrivals],
}
