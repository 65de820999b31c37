"""Why an order waits, as people say it: who may, what must be said with it, what ends it; it holds at the print."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shopdesk.changes import service as changes
from shopdesk.changes.models import Change
from shopdesk.changes.service import Contacted
from shopdesk.changes.states import Kind
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.errors import Conflict, DomainError, IllegalMove, NotAllowed, RuleViolation
from shopdesk.core.permissions import Actor, Role
from shopdesk.orders import queries as orders
from shopdesk.orders.models import ContactTask, Order
from shopdesk.orders.rules.deciding import DECISIONS
from shopdesk.orders.service import Payment, Wanted
from shopdesk.orders.states import ContactOutcome, OrderStatus, PayMethod, Readiness
from shopdesk.parcels import service as parcels
from shopdesk.parcels.states import Stage
from tests import invariants, make, racing, worlds
from tests.statements import seen_statements

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
R = Readiness
#: Readiness → who may say it, who may lift it: a copy of what was decided, not of the program's table.
MAY = {
    R.PRE_SALE_UNTIL: ({"pre_sale"}, {"pre_sale"}),
    R.OUT_OF_STOCK: ({"pre_sale", "after_sale", "printing", "warehouse"}, {"pre_sale", "warehouse"}),
    R.AWAITING_REVIEW: ({"pre_sale", "after_sale"}, {"pre_sale"}),
    R.AWAITING_BALANCE: ({"pre_sale"}, {"pre_sale"}),
    R.ADDRESS_PROBLEM: ({"pre_sale", "after_sale", "printing"}, {"pre_sale"}),
    R.HALTED: ({"pre_sale", "after_sale", "printing", "warehouse"}, {"pre_sale"}),
}
ROLES = (Role.PRE_SALE, Role.AFTER_SALE, Role.PRINTING, Role.WAREHOUSE, Role.FINANCE, Role.SUPERVISOR, Role.MANAGER)


def today():
    return clock.now().astimezone(ZoneInfo("Asia/Shanghai")).date()


def wanted(readiness):
    return Wanted(readiness, today() + timedelta(days=9), "门牌号缺失")


def say(order, readiness, by, **values):
    return parcels.set_readiness(order.id, Wanted(readiness, **values) if values else wanted(readiness), actor=by)


def refused(call, code, kind=DomainError):
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.code == code


def fresh(order):
    db.session.rollback()
    db.session.refresh(order)
    return order


@pytest.fixture
def clerk():
    make.store()
    return make.actor(Role.PRE_SALE)


@pytest.mark.parametrize("readiness", list(MAY))
def test_each_role_says_and_lifts_what_the_table_says(clerk, readiness):
    setters, lifters = MAY[readiness]
    for role in ROLES:
        who = make.actor(role)
        order = make.order()
        if str(role) in setters | {"supervisor"}:
            assert say(order, readiness, who).readiness is readiness
        else:
            refused(lambda o=order, w=who: say(o, readiness, w), "other_role" if _has(role) else "not_allowed")
            say(order, readiness, clerk)
        if str(role) in lifters | {"supervisor"}:
            assert parcels.lift_readiness(order.id, actor=who).readiness is R.READY
        else:
            code = "other_role" if _has(role) else "not_allowed"
            refused(lambda o=order, w=who: parcels.lift_readiness(o.id, actor=w), code, NotAllowed)
            assert fresh(order).readiness is readiness
    assert set(DECISIONS) == set(MAY)


def _has(role):
    return role in {Role.PRE_SALE, Role.AFTER_SALE, Role.PRINTING, Role.WAREHOUSE}


BAD = [
    (Wanted(R.PRE_SALE_UNTIL), "value_required"),
    (Wanted(R.PRE_SALE_UNTIL, datetime(2020, 1, 1).date()), "bad_until"),  # noqa: DTZ001 a day
    (Wanted(R.PRE_SALE_UNTIL, datetime(2090, 1, 1).date()), "bad_until"),  # noqa: DTZ001 a day
    (Wanted(R.HALTED), "value_required"),
    (Wanted(R.ADDRESS_PROBLEM, None, "   "), "value_required"),
    (Wanted(R.HALTED, None, "长" * 201), "too_long"),
    (Wanted(R.READY), "not_decided"),
    (Wanted(R.REFUNDING), "not_decided"),
    (Wanted(R.CLOSED), "not_decided"),
]


@pytest.mark.parametrize(("asked", "code"), BAD)
def test_what_is_missing_or_not_a_persons_to_say_is_refused(clerk, asked, code):
    order = make.order()
    refused(lambda: parcels.set_readiness(order.id, asked, actor=clerk), code, RuleViolation)
    assert fresh(order).readiness is R.READY


def test_closed_and_shipped_orders_wait_for_nothing_and_nothing_is_lifted_twice(clerk):
    closed, left, plain = make.order(status=OrderStatus.CLOSED), make.order(), make.order()
    make.fact(left, Stage.SHIPPED)
    refused(lambda: say(closed, R.HALTED, clerk), "closed", IllegalMove)
    refused(lambda: say(left, R.HALTED, clerk), "after_sale", IllegalMove)
    refused(lambda: parcels.lift_readiness(plain.id, actor=clerk), "nothing_decided", IllegalMove)
    say(plain, R.HALTED, clerk)
    refused(lambda: parcels.lift_readiness(plain.id, only=R.OUT_OF_STOCK, actor=clerk), "readiness_moved")


def test_who_may_not_lift_a_word_may_not_put_another_in_its_place(clerk):
    order = make.order()
    say(order, R.HALTED, clerk)
    refused(lambda: say(order, R.OUT_OF_STOCK, make.actor(Role.WAREHOUSE)), "other_role", NotAllowed)


def test_the_reason_and_the_day_stand_on_page_hits_check_and_api(clerk, sign_in, api):
    order = make.order()
    say(order, R.PRE_SALE_UNTIL, clerk, until=today() + timedelta(days=9), reason="等二批货")
    day = (today() + timedelta(days=9)).isoformat()
    browser = sign_in(make.person(Role.PRE_SALE, Role.PRINTING))
    number, order_id = order.number, order.id
    for address in (f"/orders/{order_id}", f"/?q={number[:10]}"):
        page = browser.get(address).text
        assert day in page, address
        assert "等二批货" in page, address
    printing = make.actor(Role.PRINTING)
    check, rows = changes.make_check([number], actor=printing)
    assert [row.reasons for row in rows] == [("readiness_pre_sale_until",)]
    person = make.person(Role.PRE_SALE)
    told = api(person)("GET", f"/orders/{order_id}").json
    assert (told["readiness"], told["ready_on"], told["readiness_reason"]) == ("pre_sale_until", day, "等二批货")
    assert check.id


def test_a_pre_sale_is_ready_on_its_day_in_the_stores_zone_before_and_after_the_worker(clerk):
    order = make.order()
    say(order, R.PRE_SALE_UNTIL, clerk, until=today() + timedelta(days=1))
    midnight = datetime.combine(today() + timedelta(days=1), datetime.min.time(), ZoneInfo("Asia/Shanghai"))
    late, early = midnight + timedelta(minutes=1) - clock.now(), midnight - timedelta(minutes=1) - clock.now()
    printing, desk = make.actor(Role.PRINTING), Actor.system([order.store_id])
    with clock.earlier(-early):
        assert [str(r.group) for r in changes.make_check([order.number], actor=printing)[1]] == ["do_not_print"]
        assert parcels.end_pre_sales(order.store_id, actor=desk) == 0
    with clock.earlier(-late):
        assert fresh(order).readiness is R.PRE_SALE_UNTIL
        assert [str(r.group) for r in changes.make_check([order.number], actor=printing)[1]] == ["printable"]
        assert parcels.end_pre_sales(order.store_id, actor=desk) == 1
        assert parcels.end_pre_sales(order.store_id, actor=desk) == 0
    assert (fresh(order).readiness, order.readiness_decided, order.ready_on) == (R.READY, None, None)


def test_a_feed_lifts_nothing_that_people_said(clerk):
    order = make.order(as_of=clock.now() - timedelta(minutes=30))
    say(order, R.HALTED, clerk)
    assert make.order(number=order.number).readiness is R.HALTED
    assert fresh(order).readiness_reason == "门牌号缺失"


def test_a_confirmed_address_ends_an_address_problem_and_an_unconfirmed_one_does_not(clerk):
    order = make.order()
    say(order, R.ADDRESS_PROBLEM, clerk)
    change = make.change(order, by=clerk)
    assert fresh(order).readiness is R.ADDRESS_PROBLEM
    worlds.do(change, "confirm", clerk)
    assert (fresh(order).readiness, order.readiness_reason) == (R.READY, None)
    other = make.order()
    say(other, R.HALTED, clerk)
    make.change(other, by=clerk, yes=True)
    assert fresh(other).readiness is R.HALTED


@pytest.mark.mission("M024")
def test_out_of_stock_opens_a_task_that_closes_only_with_an_outcome(clerk):
    order = make.order()
    say(order, R.OUT_OF_STOCK, make.actor(Role.WAREHOUSE))
    (task,) = invariants.rows(ContactTask, order.store_id)
    assert task.closed_at is None
    refused(lambda: changes.end_contact(order.id, Contacted(ContactOutcome.WAITS), actor=clerk), "value_required")
    changes.end_contact(order.id, Contacted(ContactOutcome.WAITS, "可以等到下周"), actor=make.actor(Role.AFTER_SALE))
    (task,) = invariants.rows(ContactTask, order.store_id)
    assert (task.outcome, task.closed_at is None) == (ContactOutcome.WAITS, False)
    assert fresh(order).readiness is R.OUT_OF_STOCK
    refused(lambda: changes.end_contact(order.id, Contacted(ContactOutcome.IN_STOCK), actor=clerk), "no_task", Conflict)


def test_other_goods_and_cancels_open_a_change_in_the_same_transaction(clerk):
    swap, cancel, failed = make.order(), make.order(), make.order()
    for order in (swap, cancel, failed):
        say(order, R.OUT_OF_STOCK, clerk)
    other = Contacted(ContactOutcome.OTHER_GOODS, "要白色的", worlds.line(swap).id, "颜色分类:白色")
    (change,) = changes.end_contact(swap.id, other, actor=clerk)
    assert (change.kind, fresh(swap).readiness) == (Kind.ATTRIBUTE, R.READY)
    (change,) = changes.end_contact(cancel.id, Contacted(ContactOutcome.CANCELS, "不要了"), actor=clerk)
    assert (change.kind, fresh(cancel).readiness) == (Kind.CANCEL, R.OUT_OF_STOCK)
    after = make.actor(Role.AFTER_SALE)
    wish = Contacted(ContactOutcome.CANCELS)
    refused(lambda: changes.end_contact(failed.id, wish, actor=after), "not_allowed", NotAllowed)
    assert orders.open_contact(failed.id, failed.store_id) is not None
    assert invariants.broken(swap.store_id) == []


def test_lifting_out_of_stock_ends_the_task_and_saying_it_twice_opens_one(clerk):
    order = make.order()
    say(order, R.OUT_OF_STOCK, clerk)
    say(order, R.OUT_OF_STOCK, clerk)
    parcels.lift_readiness(order.id, actor=clerk)
    assert [t.outcome for t in invariants.rows(ContactTask, order.store_id)] == [ContactOutcome.IN_STOCK]


def test_a_whole_sku_is_marked_and_lifted_with_a_result_per_order(clerk):
    ours = [make.order(lines=(make.line(sku="MUG-7"),)) for _ in range(3)]
    other, packed, longer = (
        make.order(),
        make.order(lines=(make.line(sku="MUG-7"),)),
        make.order(lines=(make.line(sku="MUG-77"),)),
    )
    make.fact(packed, Stage.PACKED)
    say(ours[1], R.HALTED, clerk)
    many = parcels.mark_sku(ours[0].store_id, "mug-7", Wanted(R.OUT_OF_STOCK, None, "等补货"), actor=clerk)
    told = {row.order_id: row.refusal and row.refusal.code for row in many.rows}
    assert told == {ours[0].id: None, ours[1].id: "readiness_kept", ours[2].id: None}
    assert [fresh(o).readiness for o in (*ours, other, packed, longer)] == [
        R.OUT_OF_STOCK, R.HALTED, R.OUT_OF_STOCK, R.READY, R.READY, R.READY,
    ]  # fmt: skip
    assert many.following is None
    lifted = parcels.lift_sku(ours[0].store_id, "MUG-7", R.OUT_OF_STOCK, actor=clerk)
    assert [row.order_id for row in lifted.rows] == [ours[0].id, ours[2].id]
    assert [fresh(o).readiness for o in ours] == [R.READY, R.HALTED, R.READY]


def test_more_orders_than_one_request_takes_go_on_where_it_ended(clerk, monkeypatch):
    ours = [make.order(lines=(make.line(sku="MUG-7"),)).id for _ in range(5)]
    from shopdesk.parcels.service import readying

    monkeypatch.setattr(readying, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(readying, "AT_ONCE", 2)
    asked, store_id = Wanted(R.OUT_OF_STOCK), make.store().id
    first = parcels.mark_sku(store_id, "MUG-7", asked, actor=clerk)
    assert ([row.order_id for row in first.rows], first.following) == (ours[:3], ours[2])
    second = parcels.mark_sku(store_id, "MUG-7", asked, after=first.following, actor=clerk)
    assert ([row.order_id for row in second.rows], second.following) == (ours[3:], None)


def test_a_sku_cannot_be_halted_and_not_every_role_may_say_pre_sale(clerk):
    store_id = make.store().id
    refused(lambda: parcels.mark_sku(store_id, "MUG-7", wanted(R.HALTED), actor=clerk), "not_of_a_sku")
    refused(lambda: parcels.mark_sku(store_id, " ", wanted(R.OUT_OF_STOCK), actor=clerk), "value_required")
    stock = make.actor(Role.WAREHOUSE)
    refused(lambda: parcels.mark_sku(store_id, "MUG-7", wanted(R.PRE_SALE_UNTIL), actor=stock), "other_role")


def test_marking_a_sku_asks_as_much_per_order_for_many_as_for_few(clerk):
    def count(sku, orders_there):
        for _ in range(orders_there):
            make.order(lines=(make.line(sku=sku),))
        store_id = make.store().id
        with seen_statements() as seen:
            parcels.mark_sku(store_id, sku, Wanted(R.OUT_OF_STOCK), actor=clerk)
        return len(seen)

    two, ten = count("MUG-2", 2), count("MUG-10", 10)
    assert ten - two <= 8 * 20


@pytest.mark.mission("M013")
def test_an_unpaid_phone_order_is_marked_paid_and_then_printed_by_the_rules_of_paid_ones(clerk):
    phone = make.store("phone-shop", platform="phone")
    clerk = make.actor(Role.PRE_SALE)
    order = make.order(phone, status=OrderStatus.UNPAID, paid_at=None, paid_minor=0)
    placed_at = order.placed_at
    change = make.change(order, Kind.COURIER, {"text": "顺丰"}, by=clerk, yes=True)
    assert [str(n.state) for n in make.notices(order, state=None)] == ["waiting"]
    assert orders.due_minor(order) == 12_800
    refused(lambda: _pay(order, 12_801, clerk), "more_than_due", RuleViolation)
    refused(lambda: _pay(order, 12_800, clerk, reference=None), "value_required", RuleViolation)
    refused(lambda: _pay(order, 12_800, make.actor(Role.PRINTING)), "not_allowed", NotAllowed)
    _pay(order, 12_800, clerk)
    order = fresh(order)
    assert (order.status, order.readiness, order.paid_minor) == (OrderStatus.PAID, R.READY, 12_800)
    assert order.placed_at == placed_at
    assert order.paid_at is not None
    assert worlds.line(order).share_minor == 12_800
    assert [str(n.state) for n in make.notices(order, state=None)] == ["open"]
    refused(lambda: _pay(order, 1, clerk), "not_unpaid", IllegalMove)
    make.order(phone, number=order.number, status=OrderStatus.UNPAID, paid_minor=0)
    assert (fresh(order).status, order.paid_minor) == (OrderStatus.PAID, 12_800)
    assert change.id


def _pay(order, amount_minor, by, reference="ZF-20-11"):
    return changes.mark_paid(order.id, Payment(amount_minor, PayMethod.ALIPAY, reference), actor=by)


def test_a_platforms_order_is_paid_by_what_the_platform_says(clerk):
    order = make.order(status=OrderStatus.UNPAID, paid_at=None, paid_minor=0)
    refused(lambda: _pay(order, 100, clerk), "platform_tells", RuleViolation)


def test_e80_a_pre_sale_is_changed_before_its_balance_is_paid_and_goes_on_waiting_for_it(clerk):
    phone = make.store("phone-shop", platform="phone")
    clerk = make.actor(Role.PRE_SALE)
    order = make.order(phone, status=OrderStatus.UNPAID, paid_at=None, paid_minor=0)
    _pay(order, 5_000, clerk)
    assert (fresh(order).readiness, order.status) == (R.AWAITING_BALANCE, OrderStatus.UNPAID)
    change = make.change(order, by=clerk, yes=True)
    assert (str(change.state), fresh(order).readiness) == ("open", R.AWAITING_BALANCE)
    assert worlds.effective(order) == make.NEW_ADDRESS["street"]
    _pay(order, 7_800, clerk)
    assert (fresh(order).readiness, order.status, order.paid_minor) == (R.READY, OrderStatus.PAID, 12_800)


def test_what_is_halted_in_the_same_moment_is_not_printed_or_was_printed_before(app, clerk):
    printing = make.actor(Role.PRINTING)
    for _ in range(4):
        order = make.order()
        check, _rows = changes.make_check([order.number], actor=printing)
        ids = (order.id, order.store_id, check.id)
        found = racing.race(
            app,
            lambda i=ids: changes.mark_printed(i[2], f"W{i[2]}", actor=printing),
            lambda i=ids: parcels.set_readiness(i[0], Wanted(R.HALTED, None, "客户要改"), actor=clerk),
        )
        order = orders.order_by_id(ids[0], ids[1])
        assert order.readiness is R.HALTED
        stage = make.parcel(order).stage
        assert (found[0], stage) in {("ok", Stage.PRINTED), ("list_changed", Stage.UNPRINTED)}, found


def test_without_the_lock_of_the_parcel_nothing_is_different_for_who_comes_alone(clerk):
    """One person after the other: a halted order is never printable, whatever was looked at before."""
    order = make.order()
    printing = make.actor(Role.PRINTING)
    check, _rows = changes.make_check([order.number], actor=printing)
    say(order, R.HALTED, clerk)
    refused(lambda: changes.mark_printed(check.id, "W1", actor=printing), "list_changed", Conflict)
    assert not invariants.rows(Change, order.store_id)
    assert invariants.rows(Order, order.store_id)[0].readiness is R.HALTED
