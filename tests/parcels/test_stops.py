"""停发: what a stop catches at once and later, what it never lets go, and in how few statements."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from shopdesk.changes import queries as change_queries
from shopdesk.changes import service as changes
from shopdesk.changes.states import Group, Kind
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import Conflict, DomainError, IllegalMove, NotAllowed, NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Role
from shopdesk.core.scope import in_store
from shopdesk.notices.models import NoticeKind
from shopdesk.orders.models import Order, OrderLine, SearchKey
from shopdesk.orders.states import KeyKind, OrderStatus
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service
from shopdesk.parcels.models import Hold, Parcel, ParcelLine
from shopdesk.parcels.queries import matching, stops
from shopdesk.parcels.rules.stops import Candidate, Criteria, catches
from shopdesk.parcels.service import StopWanted
from shopdesk.parcels.states import HoldCause, OnExpiry, Source, Stage, StopReply, StopScope
from tests import make, statements, worlds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
HATS = Criteria(StopScope.SKU, sku="HAT-01")


def wanted(criteria=HATS, *, hours=5, **values):
    kept = {"reason": "缝线会开", "phrase": "您好，订单{order}要等几天", **values}
    return StopWanted(criteria, expires_at=clock.now() + timedelta(hours=hours), **kept)


def boss():
    return make.actor(Role.SUPERVISOR, signature="青禾")


def stop(criteria=HATS, *, store=None, by=None, **values):
    return service.stop((store or make.store()).id, wanted(criteria, **values), actor=by or boss())


def holding(order):
    """The stops that hold the order's parcel; its counter says the same."""
    parcel = make.parcel(order)
    db.session.refresh(parcel)
    held = [h.cause_id for h in parcels.open_holds([parcel.id], order.store_id) if h.cause is HoldCause.STOP]
    assert parcel.holds == len(parcels.open_holds([parcel.id], order.store_id))
    return held


def other(**values):
    return make.order(lines=(make.line(sku="SCARF-02", title="围巾"),), **values)


def test_a_stop_by_sku_holds_what_is_in_the_house_and_nothing_else():
    here, printed, gone, scarf = make.order(), make.order(), make.order(), other()
    make.fact(printed, Stage.PRINTED, happened_at=clock.now())
    make.fact(gone, Stage.SHIPPED, happened_at=clock.now())
    elsewhere = make.order(make.store("second-shop"))

    made = stop(Criteria(StopScope.SKU, sku=" hat-01 "))

    assert [holding(o) for o in (here, printed, gone, scarf, elsewhere)] == [[made.id], [made.id], [], [], []]
    assert [row.order_id for row in stops.affected(made, limit=10)] == [here.id, printed.id]
    assert stops.affected_count(made) == 2


def test_an_order_that_is_imported_later_is_caught_and_one_that_gets_the_sku_later_too():
    made = stop()
    late, grows = make.order(), other()
    assert (holding(late), holding(grows)) == ([made.id], [])

    lines = (make.line(sku="SCARF-02", title="围巾"), make.line("n2"))
    make.order(number=grows.number, lines=lines, as_of=clock.now() + timedelta(seconds=1))
    assert holding(grows) == [made.id]


@pytest.mark.parametrize("criteria", [HATS, Criteria(StopScope.REGION, region="江苏省")])
def test_what_the_platform_closed_before_it_was_printed_is_not_stopped_and_is_let_go_when_it_closes(criteria):
    closed, closes = make.order(status=OrderStatus.CLOSED), make.order()
    printed = make.order()
    make.fact(printed, Stage.PRINTED, happened_at=clock.now())
    make.order(number=printed.number, status=OrderStatus.CLOSED, as_of=clock.now() + timedelta(seconds=1))
    made = stop(criteria)
    assert [holding(o) for o in (closed, closes, printed)] == [[], [made.id], [made.id]]

    make.order(number=closes.number, status=OrderStatus.CLOSED, as_of=clock.now() + timedelta(seconds=1))
    assert holding(closes) == []
    assert [row.is_held for row in stops.affected(made, limit=10)] == [False, True]


def test_carrier_and_region_are_met_from_their_beginning_and_both_must_fit():
    made = stop(Criteria(StopScope.REGION, carrier="圆通", region="江苏省苏州市"))
    fits = make.order(carrier="圆通速递")
    by_waybill = make.order(waybills=[("YT100200300", "圆通速递")])
    other_carrier, other_city = make.order(carrier="顺丰速运"), make.order(carrier="圆通速递", city="南京市")
    unknown = make.order()
    assert [holding(o) for o in (fits, by_waybill)] == [[made.id], [made.id]]
    assert [holding(o) for o in (other_carrier, other_city, unknown)] == [[], [], []]


def test_a_courier_or_an_address_that_changes_brings_a_parcel_in_and_lets_it_go():
    made = stop(Criteria(StopScope.REGION, carrier="圆通"))
    south = stop(Criteria(StopScope.REGION, region="浙江省"))
    order, asker = make.order(carrier="圆通速递"), make.actor(Role.PRE_SALE)
    assert holding(order) == [made.id]

    change = make.change(order, Kind.COURIER, {"text": "顺丰"}, by=asker)
    assert holding(order) == []
    changes.withdraw(change.id, "还是圆通", actor=asker)
    assert holding(order) == [made.id]

    moved = make.change(order, Kind.ADDRESS, make.NEW_ADDRESS, by=asker)
    assert holding(order) == [made.id, south.id]
    changes.withdraw(moved.id, "不改了", actor=asker)
    assert holding(order) == [made.id]


@pytest.mark.parametrize(
    ("region", "place", "is_caught"),
    [
        ("新疆维吾尔自治区", "新疆 喀什地区", True),
        ("新疆", "新疆维吾尔自治区 喀什地区", True),
        ("江苏 苏州", "江苏省 苏州市 虎丘区", True),
        ("吉林", "吉林省 长春市", True),  # a province and a city of it are called so
        ("江苏省南京市", "江苏 苏州市", False),
        ("江苏省", "", False),
    ],
)
def test_a_region_is_the_same_whether_it_is_called_in_full_or_in_short(region, place, is_caught):
    assert catches(Criteria(StopScope.REGION, region=region), Candidate(1, region=place)) is is_caught


def test_units_that_are_taken_off_let_the_parcel_go_and_come_back_into_the_stop():
    made = stop()
    order = make.order(lines=(make.line(), make.line("n2", sku="SCARF-02", title="围巾")))
    asker = make.actor(Role.PRE_SALE)
    change = make.change(order, Kind.QUANTITY, {"quantity": 0}, by=asker, line_id=worlds.line(order).id)
    assert holding(order) == []
    changes.withdraw(change.id, "还要", actor=asker)
    assert holding(order) == [made.id]


def test_a_stop_by_batch_holds_it_and_nothing_more_is_printed_into_it():
    order, later, next_one = make.order(), make.order(), make.order()
    clerk = make.actor(Role.PRINTING)
    check = changes.make_check([order.number], actor=clerk)[0]
    changes.mark_printed(check.id, "W7", actor=clerk)
    made = stop(Criteria(StopScope.BATCH, batch_id=stops.batch_id_of("W7", order.store_id)), by=clerk)
    assert holding(order) == [made.id]

    check = changes.make_check([later.number], actor=clerk)[0]
    with pytest.raises(RuleViolation, match="W7"):
        changes.mark_printed(check.id, "W7", actor=clerk)
    changes.mark_printed(check.id, "W8", actor=clerk)
    _report(next_one, batch="W7")
    assert (holding(later), holding(next_one)) == ([], [made.id])


def test_a_batch_that_is_told_of_what_is_printed_already_is_where_it_lies_and_stops_hold_it_there():
    order, clerk = make.order(waybills=[("SF1000000001", "顺丰速运")]), make.actor(Role.PRINTING)
    printed = make.parcel(order)
    assert (printed.stage, printed.batch_id) == (Stage.PRINTED, None)  # the list told a waybill, and no batch
    _report(order, batch="W7")
    made = stop(Criteria(StopScope.BATCH, batch_id=stops.batch_id_of("W7", order.store_id)), by=clerk)
    assert (parcels.batch_name(make.parcel(order)), holding(order)) == ("W7", [made.id])
    _report(order, batch="W8")
    assert parcels.batch_name(make.parcel(order)) == "W7", "the papers lie where they were printed"


def _report(order, *, batch=None, stage=Stage.PRINTED):
    changes.take_report(
        order.store_id,
        service.Report(stage, clock.now(), clock.now(), Source.API, "ERP", batch=batch),
        order_number=order.number, waybill=None, actor=Actor.system([order.store_id]),
    )  # fmt: skip


def test_a_parcel_in_two_stops_stays_held_until_both_end_and_other_holds_stay():
    order = make.order()
    first, second = stop(), stop(Criteria(StopScope.REGION, region="江苏"))
    make.change(order, by=make.actor(Role.PRE_SALE))
    second_is_left = holding(order)
    service.end_stop(first.id, actor=boss())
    assert (second_is_left, holding(order), make.parcel(order).holds) == ([first.id], [], 1)
    again = other(province="江苏省")
    assert holding(again) == [second.id]
    with pytest.raises(IllegalMove):
        service.end_stop(first.id, actor=boss())
    assert make.parcel(order).holds == 1


def test_both_stops_must_end_before_a_parcel_goes():
    order = make.order()
    first, second = stop(), stop(Criteria(StopScope.REGION, region="江苏"))
    clerk = make.actor(Role.PRINTING)
    assert holding(order) == [first.id, second.id]
    service.end_stop(first.id, actor=boss())
    assert (holding(order), _group(order, clerk)) == ([second.id], Group.DO_NOT_PRINT)
    service.end_stop(second.id, actor=boss())
    assert (holding(order), _group(order, clerk)) == ([], Group.PRINTABLE)


def _group(order, clerk):
    return changes.make_check([order.number], actor=clerk)[1][0].group


def test_no_command_prints_a_stopped_parcel_and_a_list_looked_at_before_is_refused_whole():
    order, free = make.order(), other()
    clerk = make.actor(Role.PRINTING)
    check = changes.make_check([order.number, free.number], actor=clerk)[0]
    stop()
    with pytest.raises(Conflict):
        changes.mark_printed(check.id, "W9", actor=clerk)
    with pytest.raises(Conflict):
        _print(order)
    assert (make.parcel(order).stage, make.parcel(free).stage) == (Stage.UNPRINTED, Stage.UNPRINTED)


@command
def _print(order):
    service.print_parcels([make.parcel(order).id], store_id=order.store_id, batch="W9", person_id=None)


def test_a_fact_is_recorded_in_spite_of_a_stop_and_everyone_hears_of_it():
    order = make.order()
    stop()
    _report(order, stage=Stage.SHIPPED)
    assert (make.parcel(order).stage, make.parcel(order).holds, holding(order)) == (Stage.SHIPPED, 0, [])
    alarms = make.notices(order, NoticeKind.ALARM)
    assert {(str(n.role), n.body["code"]) for n in alarms} == {
        (role, "moved_while_stopped") for role in ("printing", "warehouse", "supervisor")
    }  # fmt: skip


def test_who_may_stop_end_and_answer():
    order = make.order()
    for role in (Role.PRE_SALE, Role.AFTER_SALE, Role.WAREHOUSE, Role.FINANCE, Role.MANAGER):
        with pytest.raises(NotAllowed):
            stop(by=make.actor(role))
    made = stop(by=make.actor(Role.PRINTING))
    agent, clerk = make.actor(Role.PRE_SALE), make.actor(Role.WAREHOUSE)
    with pytest.raises(NotAllowed):
        service.end_stop(made.id, actor=agent)
    with pytest.raises(NotAllowed):
        service.answer(made.id, [order.id], StopReply.WAIT, actor=clerk)
    far = make.actor(Role.SUPERVISOR, store_id=make.store("second-shop").id)
    for refused in (lambda: service.end_stop(made.id, actor=far), lambda: stops.stop_by_id(made.id, far)):
        with pytest.raises(NotFound):
            refused()
    assert stops.stop_by_id(made.id, clerk).reason == "缝线会开"


@pytest.mark.parametrize(
    ("criteria", "values", "code"),
    [
        (Criteria(StopScope.SKU, sku="  "), {}, "value_required"),
        (Criteria(StopScope.REGION), {}, "value_required"),
        (Criteria(StopScope.BATCH), {}, "value_required"),
        (HATS, {"reason": " "}, "value_required"),
        (HATS, {"reason": "x" * 501}, "too_long"),
        (HATS, {"phrase": "{phone}"}, "unknown_place"),
        (HATS, {"hours": 0}, "bad_expiry"),
        (HATS, {"hours": 24 * 91}, "bad_expiry"),
        (HATS, {"on_expiry": OnExpiry.SHIP_AS_CHANGED}, "bad_expiry_act"),
    ],
)
def test_a_stop_that_says_too_little_or_too_much_is_refused(criteria, values, code):
    with pytest.raises(DomainError) as refused:
        stop(criteria, **values)
    assert refused.value.code == code


def test_answers_are_ticked_for_many_orders_at_once_and_keep_who_and_when():
    orders = [make.order() for _ in range(3)]
    free = other()
    made, agent = stop(), make.actor(Role.PRE_SALE)
    assert service.answer(made.id, [o.id for o in orders], StopReply.WAIT, actor=agent) == 3
    later = make.actor(Role.PRE_SALE)
    service.answer(made.id, [orders[0].id], StopReply.CANCEL, actor=later)
    rows = stops.affected(made, limit=10)
    assert [(r.reply, r.answered_by_id) for r in rows] == [
        (StopReply.CANCEL, later.id), (StopReply.WAIT, agent.id), (StopReply.WAIT, agent.id),
    ]  # fmt: skip
    assert stops.reply_counts(made) == {StopReply.WAIT: 2, StopReply.CANCEL: 1}
    for ids in ([free.id], [10**9]):
        with pytest.raises(NotFound):
            service.answer(made.id, ids, StopReply.WAIT, actor=agent)
    with pytest.raises(RuleViolation):
        service.answer(made.id, [], StopReply.WAIT, actor=agent)
    told = select(audit.Event.body).where(audit.Event.order_id == orders[0].id, audit.Event.action == "stop.answered")
    assert [body["reply"] for body in db.session.scalars(told.order_by(audit.Event.id))] == ["wait", "cancel"]


def test_who_cancels_is_held_by_a_cancel_wish_when_the_stop_ends_and_what_cannot_be_says_so():
    here, gone, waits = make.order(), make.order(), make.order()
    made, agent = stop(), make.actor(Role.PRE_SALE)
    make.fact(gone, Stage.SHIPPED, happened_at=clock.now())
    done = changes.answer_stop(made.id, [here.id, gone.id], StopReply.CANCEL, actor=agent)
    assert (done.noted, {i: why.code for i, why in done.refused.items()}) == (2, {gone.id: "after_sale"})
    assert changes.answer_stop(made.id, [waits.id], StopReply.WAIT, actor=agent) == changes.Answered(1)
    assert stops.reply_counts(made) == {StopReply.CANCEL: 2, StopReply.WAIT: 1}
    service.end_stop(made.id, actor=boss())
    assert holding(here) == []
    wished = change_queries.open_change(make.parcel(here).id, here.id, Kind.CANCEL, here.store_id)
    assert (wished.asked_by_id, make.parcel(here).holds, make.parcel(waits).holds) == (agent.id, 1, 0)
    again = changes.answer_stop(made.id, [here.id], StopReply.CANCEL, actor=agent)
    assert (again.noted, again.refused[here.id].code) == (1, "already_there")


def test_who_may_not_ask_for_changes_ticks_no_cancels():
    order = make.order()
    made = stop()
    done = changes.answer_stop(made.id, [order.id], StopReply.CANCEL, actor=make.actor(Role.AFTER_SALE))
    assert (done.noted, done.refused[order.id].code, stops.reply_counts(made)) == (0, "not_allowed", {})


MANY = 5_000


def test_five_thousand_parcels_are_stopped_and_freed_in_a_few_statements():
    first = make.order()
    _multiply(first, MANY - 1)
    by = boss()
    with statements.seen_statements() as seen:
        made = stop(by=by)
    assert len(seen) < 30
    assert len(matching.matching(HATS, first.store_id)) == MANY
    held = in_store(select(Parcel.id).where(Parcel.holds == 1), first.store_id, Parcel)
    assert len(db.session.execute(held).all()) == MANY
    with statements.seen_statements() as seen:
        service.end_stop(made.id, actor=by)
    assert len(seen) < 30
    assert db.session.execute(held).all() == []
    left = select(Hold.id).where(Hold.ended_at.is_(None))
    assert db.session.execute(in_store(left, first.store_id, Hold)).all() == []


@command
def _multiply(order, times):
    """More orders like it, straight into the tables."""
    store_id, parcel, line = order.store_id, make.parcel(order), worlds.line(order)
    ids = range(100_000, 100_000 + times)
    same = {"store_id": store_id}
    db.session.execute(
        insert(Order),
        [{**same, "id": i, "number": f"M{i}", "status": OrderStatus.PAID, "currency": "CNY", "as_of": order.as_of,
          "source": "test", "created_at": order.created_at} for i in ids],
    )  # fmt: skip
    db.session.execute(
        insert(OrderLine),
        [{**same, "id": i, "order_id": i, "line_key": "n1", "position": 1, "sku": line.sku, "quantity": 1,
          "in_parcels": 1} for i in ids],
    )  # fmt: skip
    db.session.execute(
        insert(Parcel),
        [{**same, "id": i, "warehouse_id": parcel.warehouse_id, "stage_source": parcel.stage_source,
          "made_at": parcel.made_at} for i in ids],
    )  # fmt: skip
    db.session.execute(
        insert(ParcelLine), [{**same, "parcel_id": i, "order_id": i, "line_id": i, "quantity": 1} for i in ids]
    )
    db.session.execute(
        insert(SearchKey), [{**same, "value": "hat-01", "kind": KeyKind.SKU, "order_id": i} for i in ids]
    )
    audit.record("test.multiplied", "order", order.id, make.ROOT, store_id=store_id)
