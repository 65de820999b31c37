"""Many notices at once: each is answered once or says why not, none is lost, and the inbox stays workable."""

import time
from contextlib import nullcontext

import pytest
from sqlalchemy import func, insert, select

from shopdesk.changes import service
from shopdesk.changes.service import acknowledging
from shopdesk.changes.states import ChangeState
from shopdesk.core import audit, clock
from shopdesk.core.audit import Event
from shopdesk.core.db import command, db
from shopdesk.core.errors import RuleViolation, Unavailable
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.desk.queries.inbox import inbox
from shopdesk.notices.models import Answer, Notice, NoticeKind, NoticeState
from shopdesk.orders.states import Flag
from shopdesk.parcels.states import Stage
from tests import make, worlds
from tests.desk.pages import fields
from tests.racing import outcomes
from tests.statements import seen_statements

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]


@pytest.fixture
def store():
    return make.store()


@pytest.fixture
def asker(store):
    return make.actor(Role.PRE_SALE)


@pytest.fixture
def clerk(store):
    return make.actor(Role.PRINTING, signature="敏敏")


@command
def alarms(order, many, role=Role.PRINTING):
    """Open alarms of an order, as an hour full of them leaves."""
    at = clock.now()
    row = {"store_id": order.store_id, "role": role, "kind": NoticeKind.ALARM, "state": NoticeState.OPEN,
           "order_id": order.id, "made_at": at, "opened_at": at}  # fmt: skip
    db.session.execute(insert(Notice), [{**row, "body": {"code": "overtaken", "n": n}} for n in range(many)])
    audit.record("test.alarms", "order", order.id, make.ROOT, store_id=order.store_id)


def open_ids(order, *kinds):
    return [notice.id for notice in make.notices(order, *kinds)]


def events():
    return db.session.scalar(select(func.count(Event.id)).where(Event.action == "notice.answered"))


@pytest.mark.mission("M060")
def test_each_of_many_is_answered_and_its_hold_ends(asker, clerk):
    orders = [make.order() for _ in range(5)]
    changes = [make.change(order, by=asker, yes=True) for order in orders]
    ids = [i for order in orders for i in open_ids(order)]
    found = service.acknowledge(ids, Answer.NOT_PRINTED, actor=clerk)
    assert (list(found.done), found.refused, found.left) == (ids, {}, [])
    worlds.refresh(*changes)
    assert {change.state for change in changes} == {ChangeState.DONE}
    assert [make.parcel(order).holds for order in orders] == [0] * 5
    assert events() == 5


def test_news_is_noted_and_what_asks_is_refused_without_an_answer(asker, clerk):
    order, stale = make.order(), make.order(as_of=clock.now() - make.timedelta(hours=9))
    alarms(order, 2)
    change = make.change(stale, by=asker)
    asks = open_ids(stale, NoticeKind.STAGE)
    found = service.acknowledge([*open_ids(order), *asks], None, actor=clerk)
    assert set(found.done.values()) == {Answer.NOTED}
    assert [error.code for error in found.refused.values()] == ["needs_answer"]
    assert open_ids(stale) == asks
    again = service.acknowledge(asks, Answer.PRINTED, actor=clerk)
    assert again.done == {asks[0]: Answer.PRINTED}
    worlds.refresh(change)
    assert str(change.column) == "printed"


def test_a_refused_row_takes_none_of_the_others_along_and_leaves_no_trace(asker, clerk):
    good, moved, more = make.order(), make.order(), make.order()
    for order in (good, moved, more):
        make.change(order, by=asker, yes=True)
    ids = [open_ids(order, NoticeKind.CHANGE)[0] for order in (good, moved, more)]
    make.fact(moved, Stage.PRINTED)
    still = make.notices(moved, NoticeKind.CHANGE, state=None)[0]
    found = service.acknowledge(ids, Answer.NOT_PRINTED, actor=clerk)
    assert set(found.done) == {ids[0], ids[2]}
    assert list(found.refused) == [ids[1]]
    assert events() == 2
    db.session.refresh(still)
    assert still.answered_by_id is None


def test_what_a_refused_row_had_written_is_undone(asker, clerk, monkeypatch):
    first, second = make.order(), make.order()
    for order in (first, second):
        service.write_note(order.id, "礼盒", flag=Flag.RED, actor=asker)
    ids = [open_ids(order)[0] for order in (first, second)]
    answered = acknowledging.answer_notice

    def breaks(notice_id, given, *, actor):
        answered(notice_id, given, actor=actor)
        if notice_id == ids[0]:
            raise RuleViolation("Please say why.", code="late_refusal")

    monkeypatch.setattr(acknowledging, "answer_notice", breaks)
    found = service.acknowledge(ids, Answer.NOT_PRINTED, actor=clerk)
    assert (list(found.done), [error.code for error in found.refused.values()]) == ([ids[1]], ["late_refusal"])
    assert (open_ids(first), open_ids(second), events()) == ([ids[0]], [], 1)


def test_a_chunk_that_the_desk_could_not_take_is_refused_whole_and_stays_open(asker, clerk, monkeypatch):
    order = make.order()
    alarms(order, 6)
    ids = open_ids(order)
    monkeypatch.setattr(acknowledging, "AT_ONCE", 3)
    chunk, calls = acknowledging._chunk, []

    def busy(part, answer, *, actor):
        calls.append(len(part))
        if len(calls) == 1:
            raise Unavailable("The desk is very busy. Nothing was changed; please try again.")
        return chunk(part, answer, actor=actor)

    monkeypatch.setattr(acknowledging, "_chunk", busy)
    found = service.acknowledge(ids, None, actor=clerk)
    assert (calls, list(found.done), list(found.refused)) == ([3, 3], ids[3:], ids[:3])
    assert open_ids(order) == ids[:3]


def test_what_is_not_reached_in_time_is_named_and_stays_open(clerk, store, monkeypatch):
    order = make.order()
    alarms(order, 5)
    ids = open_ids(order)
    monkeypatch.setattr(acknowledging, "AT_ONCE", 2)
    found = service.acknowledge(ids, None, actor=clerk, seconds=0)
    assert (list(found.done), found.left) == (ids[:2], ids[2:])
    assert open_ids(order) == ids[2:]


def test_sent_twice_by_the_same_person_it_is_done_and_by_another_it_says_who(clerk, store):
    order = make.order()
    alarms(order, 1)
    ids = open_ids(order)
    colleague = make.actor(Role.PRINTING)
    assert service.acknowledge(ids, None, actor=clerk).done == {ids[0]: Answer.NOTED}
    assert service.acknowledge(ids, None, actor=clerk).done == {ids[0]: Answer.NOTED}
    error = service.acknowledge(ids, None, actor=colleague).refused[ids[0]]
    assert (error.code, error.facts["who"]) == ("answered", "敏敏")
    assert events() == 1


def test_what_is_another_roles_or_another_stores_is_refused(clerk, store):
    order, foreign = make.order(), make.order(make.store("other-shop"))
    alarms(order, 1, Role.WAREHOUSE)
    alarms(foreign, 1)
    ids = [*open_ids(order), *open_ids(foreign), 10**9]
    found = service.acknowledge(ids, None, actor=clerk)
    assert [error.code for error in found.refused.values()] == ["other_role", "not_found", "not_found"]


def test_all_that_match_means_what_was_there_when_one_looked(clerk, store, asker):
    order = make.order()
    alarms(order, 3)
    seen = inbox(clerk).newest
    alarms(order, 2)
    service.write_note(order.id, "礼盒", flag=Flag.RED, actor=asker)
    found = service.acknowledge_matching(None, kind=NoticeKind.ALARM, up_to=seen, actor=clerk)
    assert len(found.done) == 3
    assert len(open_ids(order, NoticeKind.ALARM)) == 2
    assert len(open_ids(order, NoticeKind.MEMO)) == 1


def test_two_people_at_once_answer_every_notice_exactly_once(app, asker, store):
    people = [make.actor(Role.PRINTING, signature=name) for name in ("敏敏", "小朱")]
    orders = [make.order() for _ in range(8)]
    for order in orders:
        make.change(order, by=asker, yes=True)
    alarms(orders[0], 30)
    ids = [i for order in orders for i in open_ids(order)]
    results = {}

    def run(number, wanted):
        results[number] = service.acknowledge(wanted, Answer.NOT_PRINTED, actor=people[number])

    assert outcomes(app, lambda: run(0, ids), lambda: run(1, ids[::-1])) == ["ok", "ok"]
    done = [set(results[number].done) for number in range(2)]
    assert done[0] | done[1] == set(ids)
    assert done[0] & done[1] == set()
    assert {error.code for r in results.values() for error in r.refused.values()} <= {"answered", "notice_closed"}
    assert events() == len(ids)
    assert [i for order in orders for i in open_ids(order)] == []


def test_the_page_acknowledges_all_that_match_and_says_what_did_not_go(asker, store, sign_in):
    order, stale = make.order(), make.order(as_of=clock.now() - make.timedelta(hours=9))
    alarms(order, 120)
    make.change(stale, by=asker)
    desk = sign_in(make.person(Role.PRINTING))
    desk.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = desk.get("/inbox")
    assert "All 121 that match" in page.text
    form = fields(page, "/inbox/acknowledge")
    done = desk.post("/inbox/acknowledge", data={**form, "every": "1", "answer": "noted"})
    assert (done.status_code, "120 notices acknowledged." in done.text) == (409, True)
    assert "choose one answer for all of them" in done.text
    done = desk.post("/inbox/acknowledge", data={**form, "every": "1", "answer": "not_printed", "command_key": "k2"})
    assert (done.status_code, "Nothing waits for you" in done.text) == (200, True)


def test_the_api_acknowledges_all_that_match(store, api):
    order = make.order()
    alarms(order, 3)
    call = api(make.person(Role.PRINTING))
    newest = call("GET", "/notices").json["items"][-1]["id"]
    sent = call("POST", "/notices/acknowledgements/matching", {"up_to": newest, "kind": "alarm"}, key="a")
    assert (len(sent.json["done"]), sent.json["refused"], sent.json["left"]) == (3, [], 0)
    again = call("POST", "/notices/acknowledgements/matching", {"up_to": newest, "kind": "alarm"}, key="a")
    assert again.json == sent.json
    assert call("GET", "/notices").json["items"] == []


@pytest.mark.mission("M060")
def test_five_thousand_open_notices_ask_the_database_no_more_than_two(store, clerk):
    order = make.order()
    alarms(order, 2)

    def asks():
        with seen_statements() as seen:
            inbox(clerk)
        return len(seen)

    few = asks()
    alarms(order, 4998)
    began = time.process_time()
    assert asks() == few
    assert time.process_time() - began < 5
    view = inbox(clerk)
    assert (view.total, sum(len(row.all) for row in view.rows)) == (5000, 100)
    assert inbox(clerk, after=view.next_after or 0).rows[0].notice.id > (view.next_after or 0)


def test_the_control_without_the_part_a_refused_row_leaves_its_half(asker, clerk, monkeypatch):
    """What the test above looks for is there when nothing undoes the row."""
    order = make.order()
    service.write_note(order.id, "礼盒", flag=Flag.RED, actor=asker)
    answered = acknowledging.answer_notice

    def breaks(notice_id, given, *, actor):
        answered(notice_id, given, actor=actor)
        raise RuleViolation("Please say why.", code="late_refusal")

    monkeypatch.setattr(acknowledging, "answer_notice", breaks)
    monkeypatch.setattr(acknowledging, "part", nullcontext)
    ids = open_ids(order)
    assert list(service.acknowledge(ids, Answer.NOT_PRINTED, actor=clerk).refused) == ids
    left = db.session.scalars(in_store(select(Notice.state), order.store_id, Notice)).all()
    assert left == [NoticeState.ACKNOWLEDGED]
