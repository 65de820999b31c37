"""For each page the addresses under which it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shopdesk.cases import queries as cases
from shopdesk.changes import queries as change_queries
from shopdesk.changes import service as changes
from shopdesk.changes.states import Kind, Purpose
from shopdesk.core import clock
from shopdesk.core.errors import NotAllowed
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.orders.models import Order
from shopdesk.orders.states import OrderStatus
from shopdesk.parcels.rules import paper_code
from shopdesk.parcels.states import Stage
from shopdesk.staff import queries as staff
from shopdesk.staff import service as staff_service
from shopdesk.staff.models import Person
from tests import make, worlds
from tests.every_page.cases import each_photo
from tests.every_page.dock import DOCK
from tests.every_page.world import Filled, at_stage, new_order

WANTED = ("5678", "张伟", "ZZ404")  # what is looked up

Made = dict[str, Any]


def _sees_all(who: Person) -> bool:
    """Pre-sale looks at everything there is; for the other roles a few of each kind show what differs for them."""
    roles = staff.actor_for(who, channel="page").roles.values()
    return any(Role.PRE_SALE in held for held in roles)


def _each_order(world: Filled, who: Person) -> list[Made]:
    every = 1 if _sees_all(who) else 7
    return [{"order_id": order.id} for order in world.orders[::every]]


def _each_kind(world: Filled, who: Person) -> list[Made]:
    assert world.unprinted
    if not _sees_all(who):
        return [{"order_id": world.unprinted.id, "kind": kind} for kind in ("address", "courier")]
    printed, unpaid = at_stage(world, Stage.SHIPPED), _unpaid(world)
    asked = [{"order_id": world.unprinted.id, "kind": kind.value} for kind in Kind]
    asked += [{"order_id": world.unprinted.id, "kind": k, "line": worlds.line(world.unprinted).id}
              for k in ("attribute", "quantity")]  # fmt: skip
    asked += [{"order_id": printed.id, "kind": kind.value} for kind in Kind]
    return asked + [{"order_id": unpaid.id, "kind": kind} for kind in ("price", "freight", "address")]


def _unpaid(world: Filled) -> Order:
    return next(order for order in world.orders if order.status is OrderStatus.UNPAID)


def _each_case(world: Filled, who: Person, every: int = 1) -> list[Made]:
    actor = staff.actor_for(who, channel="page")
    return [{"case_id": i} for i in world.cases[::every] if _reads(i, actor)]


def _each_slip(world: Filled, who: Person) -> list[Made]:
    actor = staff.actor_for(who, channel="page")
    return [{"return_id": return_id} for case_id, return_id in world.returns if _reads(case_id, actor)]


def _reads(case_id: int, actor: Actor) -> bool:
    try:
        return bool(cases.case_by_id(case_id, actor))
    except NotAllowed:
        return False


def _checks(world: Filled, who: Person) -> list[Made]:
    """One looked at, one overtaken by a change, one printed; each clerk's own."""
    actor = staff.actor_for(who, channel="page")
    if not actor.has_anywhere(Permission.PRINT_CHECK):
        return []
    numbers = [order.number for order in world.orders]
    fresh = [new_order(world.store) for _ in range(3)]
    overtaken = changes.make_check([fresh[0].number], actor=actor)[0]
    make.change(fresh[0], by=make.actor(Role.PRE_SALE, signature="小满"))
    printed = changes.make_check([fresh[1].number], actor=actor)[0]
    changes.mark_printed(printed.id, "W229", actor=actor)
    looked_at = changes.make_check([*numbers, fresh[2].number, "ZZ404"], actor=actor)[0]
    return [{"check_id": check.id} for check in (looked_at, overtaken, printed)]


def _loads(world: Filled, who: Person) -> list[Made]:
    """One looked at, one overtaken by a change, one that left; each person's own."""
    actor = staff.actor_for(who, channel="page")
    if not actor.has_anywhere(Permission.DISPATCH_CHECK):
        return []
    fresh = [new_order(world.store) for _ in range(2)]
    numbers = [[*(order.number for order in world.orders), "ZZ404"], [fresh[0].number], [fresh[1].number]]
    made = [changes.make_check(some, actor=actor, purpose=Purpose.DISPATCH)[0].id for some in numbers]
    make.change(fresh[0], by=make.actor(Role.PRE_SALE, signature="小满"))
    changes.mark_shipped(made[2], clock.now(), actor=actor)
    return [{"load_id": load_id} for load_id in made]


def _links(world: Filled, who: Person) -> list[Made]:
    return [{"secret": staff_service.new_link(make.person().id, actor=make.ROOT)}]


def _each_change(world: Filled, who: Person) -> list[Made]:
    found = [change for order in world.orders for change in change_queries.changes_of_order(order.id, order.store_id)]
    return [{"change_id": change.id} for change in found]


#: endpoint → what its address and its query are filled with; a page without a row here is asked for once as it is.
ADDRESSES: dict[str, Callable[[Filled, Person], list[Made]]] = {
    "finance.payouts": lambda _w, _p: [{"tab": tab} for tab in ("pay", "look", "verify", "failed", "done")],
    "finance.receipt": lambda _w, _p: [],
    "desk.order": _each_order,
    "desk.change": _each_kind,
    "desk.assign_page": _each_change,
    "desk.look_up": lambda world, who: [{}, *({"q": q} for q in (*WANTED, f"{world.orders[0].number}\nZZ404"))],
    "cases.case": lambda world, who: _each_case(world, who, 2),  # tests/test_every_case_page.py looks at each state
    "cases.statement": lambda world, who: _each_case(world, who, 6),
    "cases.photo": lambda world, who: each_photo([each["case_id"] for each in _each_case(world, who)]),
    "cases.cases": lambda world, who: [{"whose": str(whose)} for whose in cases.Whose],
    "cases.policy": lambda world, who: [{"store_id": world.store.id}],
    "refunds.refunds": lambda world, who: [{"shelf": shelf} for shelf in ("to_approve", "under_way", "trouble", "all")],
    "refunds.refund": lambda world, who: [{"refund_id": refund_id} for refund_id in world.refunds],
    "refunds.new_of_order": lambda world, who: [{"order_id": world.orders[-1].id}],
    "refunds.new_of_case": lambda world, who: _each_case(world, who, 3),
    "refunds.settings_of": lambda world, who: [{"store_id": world.store.id}],
    "printing.return_slip": _each_slip,
    "cases.new_case": lambda world, who: [
        {"order_id": o.id} for o in (world.orders[0], at_stage(world, Stage.SHIPPED))
    ],
    "desk.palette": lambda world, who: [{}, {"q": "5678"}, {"q": world.orders[0].number}, {"on": world.orders[0].id}],
    "desk.work": lambda world, who: [{"whose": "mine"}, {"whose": "all"}],
    "changes.check": _checks,
    "changes.dispatch": _loads,
    "desk.parcel": lambda world, who: [{"parcel_id": make.parcel(o).id} for o in world.orders[::9]],
    "desk.readiness": lambda world, who: [{}, {"sku": "HAT-01"}, {"sku": "ZZ404"}],
    **DOCK,
    "stops.stop": lambda world, who: [{"stop_id": stop_id} for stop_id in world.stops],
    "printing.queue": lambda world, who: [
        {},
        *({"group": g} for g in ("changed", "held", "unpaid")),
        {"courier": "顺丰"},
    ],
    "printing.papers": lambda world, who: [{"print_id": print_id} for print_id in world.prints],
    "printing.reprints": lambda world, who: [
        {},
        {"code": "ZZ404"},
        *({"code": paper_code(make.parcel(o).id, 1)} for o in world.orders[-6:]),
    ],
    "warehouse.parcel": lambda world, who: [{"parcel_id": make.parcel(order).id} for order in world.orders[:6]],
    "imports.run": lambda world, who: [{"run_id": run_id} for run_id in world.runs],
    "imports.upload_page": lambda world, who: [{"slug": world.store.slug}],
    "web.welcome": _links,
}
