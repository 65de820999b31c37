"""A parcel of ours that holds several orders turns round: each gets its case and its return, none is forgotten."""

from __future__ import annotations

import pytest

from shopdesk.cases.states import CaseKind, CasePhase, CourierOutcome
from shopdesk.core.permissions import Role
from shopdesk.notices.models import NoticeKind
from shopdesk.parcels.states import Stage
from shopdesk.returns import queries, service
from shopdesk.returns.models import Return
from shopdesk.returns.queries import docks
from shopdesk.returns.rules.findings import Found
from shopdesk.returns.states import Grade, Identity, ReturnState, SignIn
from tests import make, worlds
from tests.returns import rows, world

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]


@pytest.fixture
def clerk():
    return make.actor(Role.WAREHOUSE, store_id=make.store().id)


@pytest.fixture
def three(clerk):
    """Three orders of one buyer that went out in one parcel."""
    orders = [
        make.order(lines=(make.line(quantity=n),), waybills=(("YT55", "圆通"),) if n == 1 else ()) for n in (1, 2)
    ]
    orders.append(make.order())
    parcel = worlds.merge(orders[0], orders[1])
    parcel = worlds.merge(orders[0], orders[2])
    make.fact(orders[0], Stage.SHIPPED)
    assert [sum(n.shipped for n in _lines(order)) for order in orders] == [1, 2, 1]
    return orders, parcel


def _lines(order):
    return rows.orders.lines(order.id, order.store_id)


def signed(clerk, code="YT55"):
    done = service.sign_in(code, docks.warehouses_of(clerk)[0].id, actor=clerk)
    return done.result, done.reason, done.arrival


def returns_of(orders) -> list[Return]:
    return [back for order in orders for back in queries.of_order(order.id, order.store_id)]


def test_a_refusal_that_was_told_for_one_order_brings_all_of_them_at_the_scan(three, clerk):
    orders, parcel = three
    owner = world.agent()
    case = world.case_of(orders[1], owner, CaseKind.DELIVERY_FAILURE)
    service.tell(case.id, CourierOutcome.REFUSED, actor=owner, parcel_id=parcel.id)
    (result, reason, arrival) = signed(clerk)
    assert (result, reason) == (SignIn.OK, "return")
    backs = returns_of(orders)
    assert sorted(m.return_id for m in docks.matches([arrival.id], clerk)) == sorted(back.id for back in backs)
    assert [rows.order_units(order) for order in orders] == [[(1, 1, 0)], [(2, 2, 0)], [(1, 1, 0)]]
    assert {back.origin for back in backs} == {"refusal"}
    cases = {rows.case_of(back).id: rows.case_of(back) for back in backs}
    assert len(cases) == 3
    assert {(c.phase, c.waiting_for) for c in cases.values()} == {(CasePhase.RECEIVE, "warehouse")}
    for order in (orders[0], orders[2]):
        (told,) = make.notices(order, NoticeKind.ALARM)
        assert (told.role, told.body["code"]) == (Role.AFTER_SALE, "parcel_came_back")
    assert signed(clerk)[0] is SignIn.ALREADY
    assert len(returns_of(orders)) == 3, "the same scan again makes nothing"


def test_one_that_nobody_announced_stays_unknown_until_one_click_accounts_for_every_order(three, clerk):
    orders, _parcel = three
    (result, reason, arrival) = signed(clerk)
    assert (result, reason, returns_of(orders)) == (SignIn.OK, "own_parcel", [])
    assert [one.id for one in docks.unknown(clerk)] == [arrival.id]
    case = service.open_for_goods(arrival.id, orders[2].id, actor=clerk)
    assert (case.order_id, case.kind) == (orders[2].id, CaseKind.DELIVERY_FAILURE)
    backs = returns_of(orders)
    assert [back.order_id for back in backs] == [order.id for order in orders]
    found = [
        Found(Identity.RIGHT, line.expected, line.id, Grade.A, has_defect=False)
        for back in backs for line in rows.lines(back)
    ]  # fmt: skip
    service.inspect(arrival.id, found, actor=clerk)
    assert [rows.back_state(back) for back in backs] == [ReturnState.INSPECTED] * 3
    assert [rows.order_units(order) for order in orders] == [[(1, 0, 1)], [(2, 0, 2)], [(1, 0, 1)]]
    assert docks.unknown(clerk) == []


def test_an_open_case_of_one_of_the_orders_is_taken_and_units_that_come_otherwise_are_not_held_twice(three, clerk):
    orders, _parcel = three
    other = rows.back(orders[1], {1: 1})
    (_result, _reason, arrival) = signed(clerk)
    service.open_for_goods(arrival.id, orders[0].id, actor=clerk)
    of_second = [back for back in returns_of([orders[1]]) if back.id != other.id]
    assert [(back.case_id, rows.units(back)) for back in of_second] == [(other.case_id, [(1, 0, 0)])]
    assert rows.order_units(orders[1]) == [(2, 2, 0)]


def test_orders_whose_units_are_all_accounted_for_make_no_case(three, clerk):
    orders, _parcel = three
    rows.back(orders[2])
    (_result, _reason, arrival) = signed(clerk)
    service.open_for_goods(arrival.id, orders[0].id, actor=clerk)
    assert len(returns_of([orders[2]])) == 1


def test_the_clerk_sees_which_orders_have_no_case_and_makes_them_with_one_click(three, sign_in):
    orders, _parcel = three
    desk = sign_in(make.person(Role.WAREHOUSE))
    desk.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    _result, _reason, arrival = signed(make.actor(Role.WAREHOUSE, store_id=make.store().id))
    path = f"/dock/arrivals/{arrival.id}"
    page = desk.get(path)
    assert all(f"…{order.number[-4:]}" in page.text for order in orders)
    sent = {"csrf_token": make.token(page), "command_key": "k", "number": "YT55"}
    assert desk.post(f"{path}/cases", data=sent).status_code == 303
    assert len(returns_of(orders)) == 3
    assert "without a case" not in desk.get(path).text
