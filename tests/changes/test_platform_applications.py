"""Refund applications that the platform tells: a cancel wish with its hold, a case, or an alarm; each once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shopdesk.cases import queries as cases
from shopdesk.changes import queries, service
from shopdesk.changes.models import RefundApplication
from shopdesk.changes.queries import parts
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.errors import NotAllowed
from shopdesk.core.permissions import Actor, Role
from shopdesk.core.scope import in_store
from shopdesk.imports.service import put_order
from shopdesk.notices.models import NoticeKind
from shopdesk.orders.states import OrderStatus, Readiness
from shopdesk.parcels.states import Stage
from shopdesk.staff import queries as staff
from tests import invariants, make, worlds
from tests.racing import race

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
APPLIED, AGREED, CLOSED, DONE = (
    "买家已经申请退款，等待卖家同意",
    "卖家已经同意退款，等待买家退货",
    "退款关闭",
    "退款成功",
)


class Shop:
    """An order of three hats and two scarves, and the feed that tells it."""

    def __init__(self, stage=None, **more):
        self.store = make.store()
        lines = (make.line("n1", quantity=3, price_minor=1000), make.line("n2", quantity=2, price_minor=1000))
        self.sale = make.sale(lines=lines, **more)
        self.order = self.tell()
        if stage:
            make.fact(self.order, stage, happened_at=clock.now())
        self.asker, self.boss = make.actor(Role.PRE_SALE), make.actor(Role.SUPERVISOR)
        self.clerk, self.packer = make.actor(Role.PRINTING), make.actor(Role.WAREHOUSE)

    def tell(self, hats=None, scarves=None, **more):
        lines = [
            replace(line, refund_state=state) for line, state in zip(self.sale.lines, (hats, scarves), strict=True)
        ]
        due_at = more.pop("due_at", None)
        lines[0] = replace(lines[0], refund_due_at=due_at)
        told = replace(self.sale, lines=tuple(lines), **more)
        actor = Actor.system([self.store.id])
        return put_order(self.store, told, (), as_of=clock.now(), origin="test", actor=actor).order

    @property
    def changes(self):
        return queries.changes_of_order(self.order.id, self.store.id)

    def applications(self):
        statement = in_store(select(RefundApplication).order_by(RefundApplication.id), self.store.id, RefundApplication)
        return [str(row.state) for row in db.session.scalars(statement)]

    def alarms(self):
        return [(str(n.role), n.body["code"]) for n in make.notices(self.order, NoticeKind.ALARM)]

    def cases(self):
        return [(str(c.kind), str(c.source)) for c in cases.of_order(self.order.id, self.store.id, self.boss)]

    def whole(self):
        assert invariants.broken(self.store.id) == []


@pytest.mark.parametrize(
    ("stage", "first"),
    [(None, "take_out"), (Stage.PRINTED, "hand_to_after_sale"), (Stage.PACKED, "hand_to_after_sale")],
)
def test_on_what_has_not_left_it_is_a_cancel_wish_with_a_hold_at_once_and_the_platforms_clock_once(stage, first):
    shop = Shop(stage)
    due_at = clock.now() + timedelta(hours=40)
    for word in (APPLIED, APPLIED, AGREED):
        shop.tell(hats=word, due_at=due_at)
    (change,) = shop.changes
    assert (change.kind, change.state, change.asked_by_id, change.asked_as) == (Kind.CANCEL, "open", None, "平台")
    assert [(p.line_id, p.units) for p in parts.parts_of([change.id], change.store_id)] == [
        (worlds.line(shop.order).id, 3),
    ]  # fmt: skip
    assert worlds.open_codes(change)[0] == first
    assert make.parcel(shop.order).holds == 1
    (row,) = queries.applications.of_changes([change.id], change.store_id)
    assert (row.told, row.due_at) == (AGREED, due_at)
    assert (shop.applications(), shop.alarms(), shop.cases()) == (["applied"], [], [])
    shop.whole()


def test_an_order_that_comes_with_an_application_is_held_from_its_first_moment():
    shop = Shop()
    told = replace(shop.sale, number="4100000000000099999")
    lines = tuple(replace(line, refund_state=APPLIED) for line in told.lines)
    actor = Actor.system([shop.store.id])
    order = put_order(shop.store, replace(told, lines=lines), (), as_of=clock.now(), origin="test", actor=actor).order
    (change,) = queries.changes_of_order(order.id, order.store_id)
    assert parts.cancels_whole(change.id, change.store_id)
    assert make.parcel(order).holds == 1


def test_a_feed_that_speaks_of_the_order_only_cancels_the_whole_once():
    shop = Shop()
    for _ in range(2):
        shop.tell(refunding=True)
    (change,) = shop.changes
    assert parts.cancels_whole(change.id, change.store_id)
    shop.tell(refunding=False)
    assert (change.state, shop.applications()) == (ChangeState.OPEN, ["withdrawn"])
    shop.whole()


def test_what_is_being_cancelled_already_gets_the_clock_and_no_second_change():
    shop = Shop()
    change = make.change(shop.order, Kind.CANCEL, {"text": None}, by=shop.asker)
    shop.tell(hats=APPLIED)
    assert [c.id for c in shop.changes] == [change.id]
    assert len(queries.applications.of_changes([change.id], change.store_id)) == 1


def test_another_line_that_is_applied_for_later_joins():
    shop = Shop(Stage.PRINTED)
    shop.tell(hats=APPLIED)
    shop.tell(hats=APPLIED, scarves=APPLIED)
    (change,) = shop.changes
    assert parts.cancels_whole(change.id, change.store_id)
    assert make.parcel(shop.order).holds == 1
    shop.whole()


def test_closed_on_the_platform_the_change_stays_and_whoever_asks_for_changes_may_withdraw_it():
    shop = Shop()
    shop.tell(hats=APPLIED)
    (change,) = shop.changes
    with pytest.raises(NotAllowed):
        service.withdraw(change.id, "客户又要了", actor=shop.asker)
    shop.tell(hats=CLOSED)
    assert (change.state, make.parcel(shop.order).holds) == (ChangeState.OPEN, 1)  # a feed never releases
    service.withdraw(change.id, "客户又要了", actor=shop.asker)
    worlds.refresh(shop.order)
    assert (make.parcel(shop.order).holds, shop.order.readiness) == (0, Readiness.READY)
    shop.tell(hats=APPLIED)  # once more: another application, another change
    assert [str(c.state) for c in shop.changes] == ["withdrawn", "open"]
    assert shop.applications() == ["withdrawn", "applied"]
    shop.whole()


@pytest.mark.parametrize("stage", [Stage.SHIPPED, Stage.DELIVERED])
def test_what_has_left_is_a_case_of_the_platform_once(stage):
    shop = Shop(stage)
    for word in (APPLIED, AGREED):
        shop.tell(hats=word)
    assert (shop.changes, shop.cases()) == ([], [("refund_only", "platform")])
    shop.whole()


def test_an_old_shipped_mark_counts_as_gone():
    shop = Shop(status=OrderStatus.SHIPPED, marked_shipped_at=clock.now() - timedelta(days=3))
    shop.tell(hats=APPLIED)
    assert (shop.changes, shop.cases()) == ([], [("refund_only", "platform")])


@pytest.mark.parametrize("stage", [None, Stage.PRINTED, Stage.PACKED])
def test_refunded_and_not_stopped_alarms_warehouse_and_printing_once_and_holds_e76(stage):
    shop = Shop(stage)
    shop.tell(hats=APPLIED) if stage is Stage.PRINTED else None  # with and without an application before
    for _ in range(2):
        shop.tell(hats=DONE)
    (change,) = shop.changes
    assert sorted(shop.alarms()) == [("printing", "refunded_not_stopped"), ("warehouse", "refunded_not_stopped")]
    assert (make.parcel(shop.order).holds, shop.applications()) == (1, ["refunded"])
    assert change.state is ChangeState.OPEN
    shop.whole()


def test_also_where_the_platform_closed_the_order_with_the_refund():
    shop = Shop(Stage.PRINTED)
    shop.tell(hats=DONE, scarves=DONE, status=OrderStatus.CLOSED)
    (change,) = shop.changes
    assert (len(shop.alarms()), worlds.open_codes(change)[0]) == (2, "hand_to_after_sale")
    shop.whole()


def test_refunded_after_it_was_taken_out_or_left_is_no_alarm_and_the_rest_may_be_printed():
    shop = Shop()
    shop.tell(hats=APPLIED, refunding=True)
    worlds.refresh(shop.order)
    assert shop.order.readiness is Readiness.REFUNDING
    (change,) = shop.changes
    worlds.do(change, "take_out", shop.clerk, Evidence())
    worlds.refresh(shop.order)
    assert shop.order.readiness is Readiness.READY
    shop.tell(hats=DONE, refunding=True)
    worlds.refresh(shop.order)
    assert (shop.alarms(), shop.applications(), shop.order.readiness) == ([], ["refunded"], Readiness.READY)
    gone = Shop(Stage.SHIPPED)
    gone.tell(hats=DONE)
    assert (gone.alarms(), gone.changes, gone.cases()) == ([], [], [])
    shop.whole()


def test_an_order_that_was_over_before_the_desk_heard_of_it_alarms_nobody():
    make.store()
    lines = (replace(make.line(), refund_state=DONE),)
    order = make.order(lines=lines, status=OrderStatus.CLOSED)
    assert make.notices(order) == []
    assert queries.changes_of_order(order.id, order.store_id) == []


def test_where_nothing_is_applied_for_no_statement_more_is_run(monkeypatch):
    shop = Shop()
    monkeypatch.setattr(service.facts.applications, "places", lambda _order: pytest.fail("looked"))
    shop.tell()
    count = select(func.count()).select_from(RefundApplication)
    assert db.session.scalar(in_store(count, shop.store.id, RefundApplication)) == 0


def test_an_import_and_a_person_who_cancel_at_once_come_to_one_change(app):
    for _ in range(3):
        shop = Shop()
        order_id, store_id, asker = shop.order.id, shop.store.id, shop.asker
        told = replace(shop.sale, lines=tuple(replace(line, refund_state=APPLIED) for line in shop.sale.lines))

        def tell(told=told, store_id=store_id):
            where, actor = staff.store_by_id(store_id), Actor.system([store_id])
            put_order(where, told, (), as_of=clock.now(), origin="test", actor=actor)

        ask = service.Wished(Kind.CANCEL, {"text": None})
        outcomes = race(app, tell, lambda o=order_id, a=ask, who=asker: service.ask(o, a, actor=who))
        assert outcomes[0] == "ok"
        assert outcomes[1] in {"ok", "already_there"}
        assert len(queries.changes_of_order(order_id, store_id)) == 1
        assert invariants.broken(store_id) == []
