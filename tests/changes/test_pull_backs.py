"""Found, too late, and the 15 minutes in which what was handed over can be pulled back (domain.md §3)."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from shopdesk.cases import queries as cases
from shopdesk.changes import queries, service
from shopdesk.changes.service import Evidence, Wished
from shopdesk.changes.states import ChangeState, Kind, Purpose
from shopdesk.core import audit, clock
from shopdesk.core.db import command, rows_changed
from shopdesk.core.errors import Conflict, IllegalMove, NotAllowed
from shopdesk.core.permissions import Actor, Role
from shopdesk.core.scope import in_store
from shopdesk.notices.models import Answer, NoticeKind
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Recall
from shopdesk.parcels.service import Report, leaving
from shopdesk.parcels.states import FactEffect, Source, Stage, WaybillState
from shopdesk.staff import service as staff_service
from shopdesk.warehouse.service import scan
from shopdesk.warehouse.states import Mode, Result
from tests import invariants, make, worlds
from tests.racing import race

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]


class Desk:
    def __init__(self):
        self.store_id = make.store().id
        self.asker, self.packer = make.actor(Role.PRE_SALE), make.actor(Role.WAREHOUSE, signature="大力")
        self.clerk, self.after = make.actor(Role.PRINTING), make.actor(Role.AFTER_SALE)
        self.root = Actor.system([self.store_id])

    def handed_over(self, minutes_ago=0, **more):
        """An order whose parcel our own scan gave to the courier."""
        order = make.order(waybills=[(f"SF70{len(cases_made):08d}", "顺丰")], **more)
        cases_made.append(order.id)
        with clock.earlier(timedelta(minutes=minutes_ago)):
            assert scan(order.number, Mode.SHIP, actor=self.packer).result is Result.OK
        return order

    def back(self, order, kind=Kind.ADDRESS, value=None, minutes_ago=0):
        wanted = make.NEW_ADDRESS if value is None else value
        with clock.earlier(timedelta(minutes=minutes_ago)):
            return service.ask(order.id, Wished(kind, wanted, pulls_back=True), actor=self.asker)[0]

    def whole(self):
        assert invariants.broken(self.store_id) == []


cases_made: list[int] = []


@pytest.fixture
def desk(app):
    return Desk()


def recall_of(change):
    return parcels.recalls_of_changes([change.id], change.store_id)[-1]


def stage(order):
    parcel = make.parcel(order)
    worlds.refresh(parcel)
    return parcel.stage


def refused(call):
    with pytest.raises((IllegalMove, Conflict)) as caught:
        call()
    return caught.value


@command
def out_of_time(change):
    """As if its minutes were over."""
    at = clock.now() - timedelta(seconds=1)
    rows_changed(
        in_store(update(Recall), change.store_id, Recall).where(Recall.change_id == change.id).values(until=at)
    )
    audit.record("test.late", "change", change.id, make.ROOT, store_id=change.store_id)


@pytest.mark.mission("M062")
def test_what_was_handed_over_just_now_is_pulled_back_and_goes_the_way_of_a_packed_parcel(desk):
    order = desk.handed_over()
    assert worlds.counters(order) == (1, 0, 1, 1)
    why = refused(lambda: make.change(order, by=desk.asker))
    assert (why.code, "pull_back_until" in why.facts) == ("after_sale", True)
    change = desk.back(order)
    assert (change.state, change.column, worlds.open_codes(change)) == (ChangeState.OPEN, Stage.SHIPPED, ["pull_back"])
    assert (make.parcel(order).holds, [n.body["code"] for n in make.notices(order)]) == (0, ["pull_back"])
    desk.whole()
    service.found(change.parcel_id, actor=desk.packer)
    worlds.refresh(change)
    parcel = make.parcel(order)
    assert (parcel.stage, parcel.stage_source, parcel.holds, change.column) == (
        Stage.PACKED,
        Source.SCAN,
        1,
        Stage.PACKED,
    )
    assert worlds.counters(order) == (1, 0, 0, 1)
    assert [w.state for w in parcels.waybills([parcel.id], order.store_id)] == [WaybillState.ISSUED]
    assert worlds.open_codes(change) == ["hand_out", "amend", "memo", "confirm", "reprint", "repack"]
    assert (recall_of(change).found_by_id, make.notices(order)) == (desk.packer.id, [])
    desk.whole()
    worlds.do(change, "hand_out", desk.packer, Evidence(to=desk.packer.id))
    worlds.do(change, "amend", desk.asker)
    worlds.do(change, "confirm", desk.asker)
    worlds.do(change, "reprint", desk.clerk, Evidence(waybill=f"SF71{change.id:08d}"))
    worlds.do(change, "repack", desk.packer, Evidence())
    assert scan(f"SF71{change.id:08d}", Mode.SHIP, actor=desk.packer).result is Result.OK
    assert (change.state, worlds.counters(order)) == (ChangeState.DONE, (1, 0, 1, 1))
    desk.whole()


def test_of_a_cancelled_order_what_was_pulled_back_is_voided_refunded_and_booked_in(desk):
    order = desk.handed_over()
    cancel = desk.back(order, Kind.CANCEL, {})
    service.found(cancel.parcel_id, actor=desk.packer)
    assert worlds.open_codes(cancel) == ["hand_to_after_sale", "void", "refund", "book_in"]
    worlds.do(cancel, "hand_to_after_sale", desk.packer, Evidence(to=desk.after.id))
    worlds.do(cancel, "void", desk.clerk)
    assert (stage(order), worlds.counters(order)) == (Stage.VOIDED, (1, 1, 0, 1))
    desk.whole()


def test_a_list_before_the_truck_hands_over_too_and_two_wishes_come_back_with_one_find(desk):
    order = make.order()
    check = service.make_check([order.number], actor=desk.packer, purpose=Purpose.DISPATCH)[0]
    service.mark_shipped(check.id, clock.now(), actor=desk.packer)
    one, two = desk.back(order), desk.back(order, Kind.GREETING_CARD, {"text": "新年快乐"})
    service.found(one.parcel_id, actor=desk.packer)
    worlds.refresh(one, two)
    assert [c.column for c in (one, two)] == [Stage.PACKED] * 2
    assert make.parcel(order).holds == 2
    desk.whole()


@pytest.mark.parametrize("why", ["time", "told", "never", "file"])
def test_after_the_time_or_with_a_courier_who_has_it_nothing_is_pulled_back(desk, why):
    if why == "never":
        staff_service.set_pull_back("my-shop", 0, actor=make.ROOT)
    order = make.order() if why == "file" else desk.handed_over(minutes_ago=16 if why == "time" else 1)
    if why in {"told", "file"}:
        make.fact(order, Stage.SHIPPED, source=Source.CARRIER if why == "told" else Source.FILE)
    error = refused(lambda: desk.back(order))
    assert (error.code, "pull_back_until" in error.facts) == ("after_sale", False)
    assert queries.changes_of_order(order.id, order.store_id) == []


def test_on_the_order_page_the_warehouse_finds_where_to_say_what_came_of_it(desk, sign_in):
    order = desk.handed_over()
    change = desk.back(order)
    place = f'href="/warehouse/parcels/{make.parcel(order).id}"'
    shown = {}
    for role in (Role.WAREHOUSE, Role.PRE_SALE):
        page = sign_in(make.person(role)).get(f"/orders/{order.id}", headers={"Accept-Language": "en"}).text
        card = page[page.index(f'id="change-{change.id}"') :].partition("<ol")[0]
        shown[role] = (place in card, "your turn" in card)
    assert shown == {Role.WAREHOUSE: (True, True), Role.PRE_SALE: (False, False)}


def test_a_store_says_how_long_the_warehouse_has(desk):
    staff_service.set_pull_back("my-shop", 30, actor=make.ROOT)
    change = desk.back(desk.handed_over(minutes_ago=20))
    left = recall_of(change).until - clock.now()
    assert timedelta(minutes=9) < left < timedelta(minutes=11)


@pytest.mark.parametrize("how", ["too_late", "time", "carrier", "inbox"])
def test_too_late_or_out_of_time_it_becomes_the_case_with_the_wish_as_its_text(desk, how):
    order = desk.handed_over()
    change = desk.back(order)
    if how == "too_late":
        service.too_late(change.parcel_id, actor=desk.packer)
    elif how == "time":
        assert service.expire_pull_backs(desk.store_id, actor=desk.root) == 0
        out_of_time(change)
        assert service.expire_pull_backs(desk.store_id, actor=desk.root) == 1
        assert service.expire_pull_backs(desk.store_id, actor=desk.root) == 0
    elif how == "carrier":
        make.fact(order, Stage.SHIPPED, source=Source.CARRIER, happened_at=clock.now())
    else:
        service.answer_notice(make.notices(order, NoticeKind.RECALL)[0].id, Answer.GONE, actor=desk.packer)
    worlds.refresh(change)
    case = cases.of_change(change.id, change.store_id)
    assert (change.state, str(recall_of(change).state)) == (ChangeState.TOO_LATE, "too_late")
    assert "云帆路66号" in case.wish.reveal("to compare it")
    assert (stage(order), worlds.counters(order)) == (Stage.SHIPPED, (1, 0, 1, 1))
    error = refused(lambda: service.found(change.parcel_id, actor=desk.packer))
    assert error.code == "recall_answered"
    assert error.facts["who"] == ("大力" if how in {"too_late", "inbox"} else error.facts["who"])
    desk.whole()


@pytest.mark.mission("M061")
@pytest.mark.parametrize("held", [Stage.PRINTED, Stage.PACKED])
def test_too_late_on_papers_is_a_fact_that_nothing_refuses_and_the_wish_goes_on_as_a_case(desk, held):
    order = make.order()
    make.fact(order, held)
    change = make.change(order, by=desk.asker)
    service.found(change.parcel_id, actor=desk.packer)
    again = refused(lambda: service.found(change.parcel_id, actor=desk.packer))
    assert (again.code, again.facts["who"], again.facts["at"][-3]) == ("recall_answered", "大力", ":")
    service.too_late(change.parcel_id, actor=desk.packer)
    worlds.refresh(change)
    assert (change.state, stage(order)) == (ChangeState.TOO_LATE, Stage.SHIPPED)
    assert cases.of_change(change.id, change.store_id) is not None
    told = parcels.facts([change.parcel_id], order.store_id)[-1]
    assert (told.stage, told.source, told.effect, told.person_id) == (
        Stage.SHIPPED, Source.PAGE, FactEffect.MOVED, desk.packer.id,
    )  # fmt: skip
    twice = refused(lambda: service.too_late(change.parcel_id, actor=desk.packer))
    assert (twice.code, twice.facts["who"]) == ("recall_answered", "大力")
    desk.whole()


def test_nothing_recalled_is_said_and_only_the_warehouse_answers(desk):
    order = make.order()
    assert refused(lambda: service.found(make.parcel(order).id, actor=desk.packer)).code == "nothing_recalled"
    for answer in (service.found, service.too_late):
        with pytest.raises(NotAllowed):
            answer(make.parcel(order).id, actor=desk.asker)
    change = desk.back(desk.handed_over())
    out_of_time(change)
    assert refused(lambda: service.found(change.parcel_id, actor=desk.packer)).code == "time_over"


def test_a_wish_that_is_being_pulled_back_can_be_withdrawn_and_not_ended_by_hand(desk):
    order = desk.handed_over()
    change = desk.back(order)
    boss = make.actor(Role.SUPERVISOR)
    assert refused(lambda: service.end_by_hand(change.id, "done", actor=boss)).code == "use_the_steps"
    service.withdraw(change.id, "no", actor=desk.asker)
    assert (change.state, str(recall_of(change).state)) == (ChangeState.WITHDRAWN, "called_off")
    assert (stage(order), make.notices(order)) == (Stage.SHIPPED, [])
    desk.whole()


def test_a_parcel_that_leaves_uses_its_waybills_and_a_number_in_use_is_taken_nowhere(desk):
    order = desk.handed_over()
    used = parcels.waybills([make.parcel(order).id], order.store_id)[0]
    assert used.state is WaybillState.USED
    other = make.order()
    make.fact(other, Stage.PACKED)
    change = make.change(other, by=desk.asker)
    worlds.do(change, "hand_out", desk.packer, Evidence(to=desk.packer.id))
    worlds.do(change, "amend", desk.asker)
    worlds.do(change, "confirm", desk.asker)
    with pytest.raises(Exception) as caught:
        worlds.do(change, "reprint", desk.clerk, Evidence(waybill=used.number.lower()))
    assert caught.value.code == "waybill_in_use"
    desk.whole()


def calls(desk, change, order):
    parcel_id, number = change.parcel_id, order.number
    at = clock.now()
    return {
        "found": lambda: service.found(parcel_id, actor=desk.packer),
        "too_late": lambda: service.too_late(parcel_id, actor=desk.packer),
        "time": lambda: _expired(desk),
        "carrier": lambda: _told(desk, number, at),
    }


class NotDue(IllegalMove):
    code = "not_due"


def _expired(desk):
    if not service.expire_pull_backs(desk.store_id, actor=desk.root):
        raise NotDue("nothing was due")


def _told(desk, number, at):
    report = Report(stage=Stage.SHIPPED, happened_at=at, as_of=at, source=Source.CARRIER)
    service.take_report(desk.store_id, report, order_number=number, waybill=None, actor=desk.root)


@pytest.mark.parametrize("against", ["too_late", "time", "carrier"])
def test_of_found_too_late_time_over_and_the_couriers_word_exactly_one_counts(app, desk, against):
    for number in range(4):
        order = desk.handed_over()
        change = desk.back(order)
        if against == "time":  # over in the middle of it
            _nearly_over(change)
        both = calls(desk, change, order)
        pair = [both["found"], both[against]]
        outcomes = race(app, *(pair if number % 2 else reversed(pair)))
        found = outcomes[0] if number % 2 else outcomes[1]
        worlds.refresh(change)
        if found == "ok":
            expected = {ChangeState.OPEN} if against != "too_late" else {ChangeState.OPEN, ChangeState.TOO_LATE}
            assert change.state in expected
        else:
            assert (change.state, stage(order)) in {
                (ChangeState.TOO_LATE, Stage.SHIPPED), (ChangeState.OPEN, Stage.SHIPPED),
            }  # fmt: skip
            assert found in {"recall_answered", "time_over", "not_pulled_back"}
        desk.whole()


@command
def _nearly_over(change):
    at = clock.now() + timedelta(milliseconds=15)
    rows_changed(
        in_store(update(Recall), change.store_id, Recall).where(Recall.change_id == change.id).values(until=at)
    )
    audit.record("test.late", "change", change.id, make.ROOT, store_id=change.store_id)


@pytest.mark.parametrize("is_careless", [False, True])
def test_the_row_of_the_recall_alone_keeps_what_is_out_of_time_from_being_found(desk, monkeypatch, is_careless):
    change = desk.back(desk.handed_over())
    out_of_time(change)
    if not is_careless:
        assert refused(lambda: service.found(change.parcel_id, actor=desk.packer)).code == "time_over"
        desk.whole()
        return
    monkeypatch.setattr(leaving, "_may_be_found", lambda _now: ())
    service.found(change.parcel_id, actor=desk.packer)
    assert any("after its time" in line for line in invariants.broken(desk.store_id))


@pytest.mark.parametrize("is_careless", [False, True])
def test_what_the_courier_has_is_found_by_nobody(desk, monkeypatch, is_careless):
    order = desk.handed_over()
    change = desk.back(order)
    make.fact(order, Stage.SHIPPED, source=Source.CARRIER, happened_at=clock.now())
    if not is_careless:
        assert refused(lambda: service.found(change.parcel_id, actor=desk.packer)).code == "recall_answered"
        return

    @command
    def careless():
        leaving.pull_back(make.parcel(order), person_id=None)
        audit.record("test.careless", "parcel", change.parcel_id, make.ROOT, store_id=desk.store_id)

    careless()
    assert any("from a courier" in line for line in invariants.broken(desk.store_id))
