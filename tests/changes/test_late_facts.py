"""Old data (domain §3a): a fact that arrives late, files in the wrong order, news that contradict."""

from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import select

from shopdesk.changes import service
from shopdesk.changes.service import Evidence, take_report
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import audit, clock
from shopdesk.core.audit import Event
from shopdesk.core.db import command, db
from shopdesk.core.errors import NotAllowed, NotFound
from shopdesk.core.permissions import Role
from shopdesk.feeds import service as feeds
from shopdesk.feeds.models import FeedKind
from shopdesk.notices.models import Answer, NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.orders.states import Field, OrderStatus
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import FactEffect, Source, Stage
from shopdesk.staff import queries as staff
from tests import make, worlds

pytestmark = pytest.mark.usefixtures("app")  # what leans on the database runs on both engines
OLD, NEW = "星澜街128号7幢1203室", "云帆路66号禾悦公寓2幢602室"
PRINTED_OPEN = ["hand_out", "reprint", "memo", "take_back"]


def at(clock_time):
    """A moment of the day of the story, in the store's zone."""
    hour, minute = map(int, clock_time.split(":"))
    return datetime(2026, 11, 1, hour - 8, minute, tzinfo=UTC)


def erp():
    person = make.person(Role.INTEGRATION)
    return staff.actor_for(person, channel="api")


def report(order, stage, happened=None, *, by=None, as_of=None, source=Source.API):
    told = Report(stage=stage, happened_at=happened, as_of=as_of or clock.now(), source=source, origin="ERP")
    return take_report(order.store_id, told, order_number=order.number, waybill=None, actor=by or erp())[0]


@pytest.fixture
def day():
    with time_machine.travel(at("13:31"), tick=False) as traveller:
        yield traveller


def story(day, *, is_done):
    """13:30 a file says unprinted; 14:05 the address changes; perhaps printing acknowledges at 14:10."""
    order = make.order(as_of=at("13:30"))
    day.move_to(at("14:05"))
    change = make.change(order, by=make.actor(Role.PRE_SALE), yes=True)
    if is_done:
        day.move_to(at("14:10"))
        service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))
        assert change.state is ChangeState.DONE
    return order, change


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.mission("M032", "M033")
@pytest.mark.parametrize("is_done", [False, True])
def test_e71_papers_printed_before_the_change_bring_it_back_in_the_printed_column_with_an_alarm(day, is_done):
    order, change = story(day, is_done=is_done)
    day.move_to(at("14:30"))
    report(order, Stage.PRINTED, at("13:50"))
    assert (change.state, change.column, change.released_at) == (ChangeState.OPEN, Stage.PRINTED, None)
    assert worlds.open_codes(change) == PRINTED_OPEN
    parcel = make.parcel(order)
    assert (parcel.stage, parcel.holds, worlds.open_holds(parcel)) == (Stage.PRINTED, 1, 1)
    alarms = make.notices(order, NoticeKind.ALARM)
    assert {(n.role, n.body["code"], n.change_id) for n in alarms} == {
        (role, "overtaken", change.id) for role in (Role.PRINTING, Role.WAREHOUSE, Role.PRE_SALE)
    }
    assert worlds.effective(order) == NEW
    assert audit.verify()[1] == []


def test_papers_printed_after_the_acknowledgement_carry_the_new_address_and_reopen_nothing(day):
    order, change = story(day, is_done=True)
    day.move_to(at("14:30"))
    report(order, Stage.PRINTED, at("14:20"))
    assert change.state is ChangeState.DONE
    assert make.notices(order, NoticeKind.ALARM) == []


def test_a_waybill_of_unknown_time_reopens_nothing_that_printing_called_unprinted(day):
    order, change = story(day, is_done=True)
    day.move_to(at("16:00"))
    make.order(number=order.number, waybills=[("SF100200300", "顺丰")])
    assert (make.parcel(order).stage, change.state) == (Stage.PRINTED, ChangeState.DONE)
    assert make.notices(order, NoticeKind.ALARM) == []


def test_the_same_holds_while_the_clock_ticks():
    """The word of printing and the end of the hold are not the same microsecond."""
    order = make.order()
    change = make.change(order, by=make.actor(Role.PRE_SALE), yes=True)
    service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))
    make.order(number=order.number, waybills=[("SF100200301", None)])
    assert (make.parcel(order).stage, change.state) == (Stage.PRINTED, ChangeState.DONE)


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_an_earlier_moment_that_becomes_known_after_the_stage_itself_reopens_too(day):
    """The waybill came without its time and was believed; then the ERP says 13:50."""
    order, change = story(day, is_done=True)
    day.move_to(at("16:00"))
    make.order(number=order.number, waybills=[("SF100200302", None)])
    assert change.state is ChangeState.DONE
    fact = report(order, Stage.PRINTED, at("13:50"))
    assert fact.effect is FactEffect.KNOWN
    assert (change.state, change.column, make.parcel(order).holds) == (ChangeState.OPEN, Stage.PRINTED, 1)
    assert len(make.notices(order, NoticeKind.ALARM)) == 3


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_two_changes_that_were_done_are_both_overtaken_and_one_gathers_the_wishes(day):
    order = make.order(as_of=at("13:30"), lines=(make.line(), make.line("n2", title="围巾")))
    asker, clerk = make.actor(Role.PRE_SALE), make.actor(Role.PRINTING)
    changes = []
    for minute, number in (("14:05", 1), ("14:15", 2)):
        day.move_to(at(minute))
        found = make.change(
            order,
            Kind.ATTRIBUTE,
            {"attributes": "颜色分类:白色"},
            by=asker,
            yes=True,
            line_id=worlds.line(order, number).id,
        )
        service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=clerk)
        changes.append(found)
    day.move_to(at("14:30"))
    fact = report(order, Stage.PRINTED, at("13:50"))
    assert fact.effect is FactEffect.MOVED
    assert [c.state for c in changes] == [ChangeState.DONE, ChangeState.OPEN]
    service.end_by_hand(changes[1].id, "both amended by hand", actor=make.actor(Role.SUPERVISOR))
    report(order, Stage.PRINTED, at("13:40"))
    assert [c.state for c in changes] == [ChangeState.DONE, ChangeState.DONE]  # already carried out on those papers


def test_a_late_fact_is_not_refused_because_a_second_change_of_the_kind_is_open(day):
    order, first = story(day, is_done=True)
    day.move_to(at("14:20"))
    second = make.change(order, value={"street": "另一条路1号"}, by=make.actor(Role.PRE_SALE))
    assert second.id != first.id
    day.move_to(at("14:30"))
    report(order, Stage.PRINTED, at("13:50"))
    assert (first.state, second.state) == (ChangeState.DONE, ChangeState.OPEN)
    assert second.column is Stage.PRINTED
    assert (make.parcel(order).stage, make.parcel(order).holds) == (Stage.PRINTED, 1)


@pytest.mark.parametrize("minute", ["13:30", "14:00", "14:45", "18:00"])
def test_no_file_brings_an_old_address_back_whatever_its_age(day, minute):
    order, _ = story(day, is_done=True)
    day.move_to(at("18:30"))
    done = make.order(number=order.number, as_of=at(minute))
    assert done.id == order.id
    assert (worlds.effective(order), worlds.street(make.parcel(order))) == (NEW, NEW)
    assert worlds.amendments(order) == [("address", "to_do", True)]
    assert make.notices(order, NoticeKind.CONTRADICTION) == []


def test_a_later_file_with_the_new_address_ticks_it_and_one_with_the_old_one_again_unticks_it(day):
    order, _ = story(day, is_done=True)
    new = {"province": "浙江省", "city": "杭州市", "district": "滨江区", "street_address": NEW}
    for minute, values, state in (("15:00", new, "seen"), ("16:00", {}, "to_do"), ("17:00", new, "seen")):
        day.move_to(at(minute))
        make.order(number=order.number, **values)
        assert worlds.amendments(order) == [("address", state, True)]
        assert worlds.effective(order) == NEW


def test_a_masked_street_has_not_seen_the_new_one(day):
    order = make.order(as_of=at("13:30"))
    day.move_to(at("14:05"))
    make.change(order, value={"street": "星澜街130号"}, by=make.actor(Role.PRE_SALE))
    day.move_to(at("15:00"))
    make.order(number=order.number, street_address="星澜街****", recipient_name="张*", phone="138****5678")
    assert worlds.amendments(order) == [("address", "to_do", True)]
    assert worlds.effective(order) == "星澜街130号"


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_third_address_that_gives_way_to_ours_is_asked_about_no_more(day):
    order, _ = story(day, is_done=True)
    day.move_to(at("15:00"))
    make.order(number=order.number, street_address="第三条路3号")
    assert len(make.notices(order, NoticeKind.CONTRADICTION)) == 1
    day.move_to(at("16:00"))
    place = orders.effective_value(order, Field.ADDRESS, None)
    make.order(number=order.number, **{k: place[k] for k in ("province", "city", "district")}, street_address=NEW)
    assert worlds.amendments(order) == [("address", "seen", True)]
    assert make.notices(order, NoticeKind.CONTRADICTION) == []


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_third_address_is_shown_once_with_both_others_and_ours_stands(day):
    order, _ = story(day, is_done=True)
    for minute in ("15:00", "16:00"):
        day.move_to(at(minute))
        make.order(number=order.number, street_address="第三条路3号")
    assert worlds.amendments(order) == [("address", "contradicted", True)]
    assert [n.body["code"] for n in make.notices(order, NoticeKind.CONTRADICTION)] == ["third_value"]
    assert worlds.effective(order) == NEW


def test_an_older_file_fills_gaps_only_and_statuses_never_run_backwards(day):
    order = make.order(as_of=at("13:30"), buyer_message=None)
    make.order(
        number=order.number,
        as_of=at("12:00"),
        buyer_message="请轻放",
        street_address="昨天的路1号",
        status=OrderStatus.UNPAID,
    )
    assert order.buyer_message.reveal("to compare it") == "请轻放"
    assert order.street_address.reveal("to compare it") == OLD
    assert (order.status, order.as_of) == (OrderStatus.PAID, at("13:30"))
    day.move_to(at("15:00"))
    make.order(number=order.number, status=OrderStatus.UNPAID)
    assert order.status is OrderStatus.PAID


def test_a_moment_in_the_future_counts_as_now_so_that_the_next_feed_is_not_older(day):
    order = make.order(as_of=at("20:00"))
    assert order.as_of == at("13:31")
    report(order, Stage.PACKED, at("13:20"), as_of=at("23:00"))
    assert make.parcel(order).stage_as_of == at("13:31")
    fact = report(order, Stage.SHIPPED, at("20:00"))
    assert (fact.happened_at, fact.effect) == (at("13:31"), FactEffect.MOVED)
    newest = db.session.scalars(select(Event).where(Event.action == "fact.recorded").order_by(Event.id.desc())).first()
    assert newest.body["said_at"] == at("20:00").isoformat()


def test_the_same_fact_again_changes_nothing_but_how_fresh_it_is(day):
    order = make.order(as_of=at("13:30"), waybills=[("SF100200303", None)])
    stale_at = make.parcel(order).version
    for minute in ("15:00", "18:30"):
        day.move_to(at(minute))
        make.order(number=order.number, waybills=[("SF100200303", None)])
    parcel, store = make.parcel(order), make.store()
    assert (parcel.stage_as_of, parcels.knowledge_of(parcel, store).is_stale) == (at("18:30"), False)
    assert len(parcels.facts([parcel.id], store.id)) == 1
    assert parcel.version == stale_at


def test_a_report_that_is_told_again_is_taken_again(day):
    order = make.order(as_of=at("13:30"))
    first = report(order, Stage.PRINTED)
    day.move_to(at("15:00"))
    assert report(order, Stage.PRINTED).id == first.id
    assert make.parcel(order).stage_as_of == at("15:00")


def test_e72_a_print_that_is_reported_while_the_parcel_is_held_is_recorded_and_alarmed(day):
    order, change = story(day, is_done=False)
    make.fact(order, Stage.PRINTED, happened_at=at("14:05"))
    assert make.parcel(order).stage is Stage.PRINTED
    assert (change.state, make.parcel(order).holds) == (ChangeState.OPEN, 1)
    assert len(make.notices(order, NoticeKind.ALARM)) == 3


@pytest.mark.parametrize("stage", [Stage.SHIPPED, Stage.DELIVERED])
@pytest.mark.parametrize("is_done", [False, True])
def test_e72_a_shipment_with_the_old_data_makes_it_too_late_and_after_sale_has_the_wish(day, stage, is_done):
    order, change = story(day, is_done=is_done)
    day.move_to(at("14:30"))
    report(order, stage, at("14:00"))
    assert (change.state, make.parcel(order).holds) == (ChangeState.TOO_LATE, 0)
    assert [n.change_id for n in make.notices(order, NoticeKind.TOO_LATE)] == [change.id]
    assert {n.body["code"] for n in make.notices(order, NoticeKind.ALARM)} == {"left_while_held"}
    assert worlds.counters(order) == (1, 0, 1, 1)


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.parametrize("is_done", [False, True])
def test_units_that_a_wish_took_off_and_that_left_all_the_same_count_as_shipped(day, is_done):
    order = make.order(as_of=at("13:30"), lines=(make.line(quantity=3),))
    line = worlds.line(order)
    day.move_to(at("14:05"))
    change = make.change(order, Kind.QUANTITY, {"quantity": 1}, by=make.actor(Role.PRE_SALE), yes=True, line_id=line.id)
    if is_done:
        service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))
    assert worlds.counters(order) == (3, 2, 0, 1)
    day.move_to(at("14:30"))
    report(order, Stage.SHIPPED, at("14:00"))
    assert worlds.counters(order) == (3, 0, 3, 3)
    assert worlds.open_codes(change) == []  # no refund of what the customer receives
    assert worlds.effective(order, Field.QUANTITY, line.id) == 3


def cancelled(order):
    change = make.change(order, Kind.CANCEL, {}, by=make.actor(Role.PRE_SALE))
    worlds.do(change, "void", make.actor(Role.PRINTING), Evidence())
    return change


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_e76_a_voided_parcel_that_is_reported_shipped_moves_its_units_and_alarms_everyone(day):
    order = make.order(as_of=at("13:30"), lines=(make.line(quantity=2), make.line("n2")))
    cancelled(order)
    assert [worlds.counters(order, n) for n in (1, 2)] == [(2, 2, 0, 2), (1, 1, 0, 1)]
    day.move_to(at("15:00"))
    report(order, Stage.SHIPPED, at("14:50"))
    assert make.parcel(order).stage is Stage.SHIPPED
    assert [worlds.counters(order, n) for n in (1, 2)] == [(2, 0, 2, 2), (1, 0, 1, 1)]
    alarms = make.notices(order, NoticeKind.ALARM)
    assert {(n.role, n.body["code"]) for n in alarms} == {
        (role, "voided_parcel_shipped") for role in (Role.PRINTING, Role.WAREHOUSE, Role.PRE_SALE, Role.AFTER_SALE)
    }


def test_a_platform_that_calls_a_cancelled_order_done_is_heard(day):
    order = make.order(as_of=at("13:30"))
    cancelled(order)
    day.move_to(at("15:00"))
    make.order(number=order.number, status=OrderStatus.DONE)
    assert (make.parcel(order).stage, worlds.counters(order)) == (Stage.DELIVERED, (1, 0, 1, 1))
    assert make.notices(order, NoticeKind.ALARM)


def test_a_voided_parcel_that_is_called_printed_stays_voided_and_printing_is_asked(day):
    order = make.order(as_of=at("13:30"))
    cancelled(order)
    fact = report(order, Stage.PRINTED, at("13:20"))
    assert (fact.effect, make.parcel(order).stage) == (FactEffect.CONTRADICTED, Stage.VOIDED)
    assert [n.body["code"] for n in make.notices(order, NoticeKind.CONTRADICTION)] == ["stage_contradicted"]


def test_a_reported_void_moves_no_stage_and_asks_printing(day):
    order = make.order(as_of=at("13:30"))
    fact = report(order, Stage.VOIDED)
    assert (fact.effect, make.parcel(order).stage) == (FactEffect.ASKED, Stage.UNPRINTED)
    assert [n.body["code"] for n in make.notices(order, NoticeKind.CONTRADICTION)] == ["void_reported"]


def test_e82_a_source_that_still_says_unprinted_of_a_later_moment_is_shown_and_moves_nothing(day):
    order = make.order(as_of=at("13:30"))
    report(order, Stage.PRINTED, at("13:20"))
    day.move_to(at("15:00"))
    fact = report(order, Stage.UNPRINTED)
    assert (fact.effect, make.parcel(order).stage) == (FactEffect.CONTRADICTED, Stage.PRINTED)
    old = report(order, Stage.UNPRINTED, at("13:10"))
    assert old.effect is FactEffect.KNOWN
    scan = report(order, Stage.PACKED, at("14:50"), source=Source.SCAN)
    assert (scan.effect, make.parcel(order).stage) == (FactEffect.MOVED, Stage.PACKED)
    file = report(order, Stage.SHIPPED, at("14:00"), source=Source.FILE)
    assert (file.effect, make.parcel(order).stage) == (FactEffect.CONTRADICTED, Stage.PACKED)


def test_a_fact_may_skip_stages_and_never_goes_back(day):
    order = make.order(as_of=at("13:30"))
    assert report(order, Stage.SHIPPED, at("13:25")).effect is FactEffect.MOVED
    assert report(order, Stage.PRINTED, at("13:10")).effect is FactEffect.KNOWN
    assert make.parcel(order).stage is Stage.SHIPPED
    assert len(parcels.facts([make.parcel(order).id], order.store_id)) == 2


@command
def note(store, origin, as_of, covers):
    feeds.note(store, FeedKind.STAGES, origin, as_of=as_of, covers=covers)
    audit.record("test.noted", "store", store.id, make.ROOT, store_id=store.id)


def test_reports_need_their_permission_and_a_parcel_that_is_known(day):
    order = make.order(as_of=at("13:30"))
    with pytest.raises(NotAllowed):
        report(order, Stage.PRINTED, by=make.actor(Role.PRE_SALE))
    told = Report(stage=Stage.PRINTED, happened_at=None, as_of=clock.now(), source=Source.API)
    for names in ({"order_number": "9" * 19, "waybill": None}, {"order_number": None, "waybill": "SF0"}):
        with pytest.raises(NotFound):
            take_report(order.store_id, told, actor=erp(), **names)
