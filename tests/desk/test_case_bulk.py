"""Many cases at once: what is done, what is refused with its reason, who gets which; kept views."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select

from shopdesk.cases import service
from shopdesk.cases.models import Case
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind, CasePhase, DueSource, WaitingFor
from shopdesk.core.db import db
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.parcels.states import Stage
from tests import make
from tests.desk.pages import by, fields

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def order():
    made = make.order()
    make.fact(made, Stage.SHIPPED)
    return made


def cases_of(order, count, kind=CaseKind.RETURN):
    boss = make.actor(Role.SUPERVISOR)
    return [service.record(order.id, Application(kind, "尺寸不合适"), actor=boss).id for _ in range(count)]


def now(order):
    db.session.rollback()
    rows = db.session.scalars(in_store(select(Case).order_by(Case.id), order.store_id, Case))
    return {case.id: case for case in rows}


def send_all(browser, ids, act, **more):
    form = fields(browser.get("/cases"), "/cases/bulk")
    return browser.post("/cases/bulk", data={**form, "case": [str(i) for i in ids], "act": act, **more})


def code(call, *args, **more):
    try:
        call(*args, **more)
    except DomainError as error:
        return error.code
    return "ok"


def test_of_five_hundred_selected_those_that_may_not_be_changed_say_why_and_the_others_are_done(order, sign_in):
    browser = sign_in(make.person(Role.AFTER_SALE))
    ids = cases_of(order, 40)
    closed, boss = ids[:6], make.actor(Role.SUPERVISOR)
    for case_id in closed:
        service.close(case_id, "solved", actor=boss)
    answer = send_all(browser, ids, "waiting", waiting_for="courier")
    assert answer.status_code == 200
    after = now(order)
    assert {after[i].waiting_for for i in ids[6:]} == {WaitingFor.COURIER}
    assert {after[i].waiting_for for i in closed} == {None}
    assert answer.text.count("34") >= 1
    assert all(after[i].number in answer.text for i in ids)
    assert send_all(browser, [], "waiting").status_code == 303
    assert send_all(browser, range(1, 503), "waiting").status_code == 303


def test_all_that_match_are_done_up_to_the_newest_that_was_there_and_a_repeat_does_the_same_ones(order, sign_in):
    browser = sign_in(make.person(Role.AFTER_SALE))
    ids, other = cases_of(order, 55), cases_of(order, 1, CaseKind.TRACE)
    form = fields(browser.get("/cases?kind=return"), "/cases/bulk")
    late = cases_of(order, 1)
    sent = {**form, "every": "1", "act": "waiting", "waiting_for": "courier"}
    text = browser.post("/cases/bulk", data=sent).text
    assert text.count("<tr data-row>") == 55
    after = now(order)
    assert {after[i].waiting_for for i in ids} == {WaitingFor.COURIER}
    assert {after[i].waiting_for for i in (*other, *late)} == {None}
    sent = {**fields(browser.get("/cases?waiting=courier"), "/cases/bulk"), "every": "1", "act": "waiting"}
    before = browser.post("/cases/bulk", data=sent).text.count("<tr data-row>")
    assert before == browser.post("/cases/bulk", data=sent).text.count("<tr data-row>") == 55
    assert "data-every" not in browser.get("/cases?kind=trace").text, "all of them are on the page"


def test_rows_of_another_store_are_refused_and_tell_nothing(order, sign_in):
    ids = cases_of(order, 1)
    browser = sign_in(make.person(Role.AFTER_SALE, store_id=make.store("other").id))
    other = make.order(make.store("other"))
    make.fact(other, Stage.SHIPPED)
    cases_of(other, 1)
    answer = send_all(browser, ids, "waiting", waiting_for="courier")
    assert now(order)[ids[0]].number not in answer.text
    assert now(order)[ids[0]].waiting_for is None


def test_a_supervisor_gives_cases_to_anybody_of_the_role_and_others_take_only_what_nobody_has(order):
    boss, agent, other = make.actor(Role.SUPERVISOR), make.actor(Role.AFTER_SALE), make.actor(Role.AFTER_SALE)
    clerk = make.actor(Role.PRINTING)
    first, second = cases_of(order, 2)
    assert service.assign(first, agent.id, actor=boss).owner_id == agent.id
    assert service.assign(first, agent.id, actor=boss).version == 2, "again changes nothing"
    assert service.assign(first, other.id, actor=boss).owner_id == other.id
    assert code(service.assign, first, clerk.id, actor=boss) == "not_of_role"
    assert code(service.assign, first, agent.id, actor=agent) == "assign_needs_supervisor"
    assert code(service.assign, second, other.id, actor=agent) == "assign_needs_supervisor"
    assert service.assign(second, agent.id, actor=agent).owner_id == agent.id
    service.close(second, "solved", actor=agent)
    assert code(service.assign, second, other.id, actor=boss) == "case_closed"
    assert code(service.assign, first, agent.id, actor=clerk) == "not_allowed"


@pytest.mark.mission("M103")
def test_sharing_out_gives_each_case_to_whoever_has_fewest(order, sign_in):
    people = [make.actor(Role.AFTER_SALE) for _ in range(3)]
    before, fresh = cases_of(order, 4), cases_of(order, 8)
    for case_id in before:
        service.accept(case_id, actor=people[0])
    answer = send_all(sign_in(make.person(Role.SUPERVISOR)), fresh, "share")
    assert answer.status_code == 200
    owners = Counter(case.owner_id for case in now(order).values())
    assert owners == {person.id: 4 for person in people}


def test_due_is_set_in_the_persons_zone_and_ends_with_the_platforms_source_gone(order, sign_in):
    (case_id,) = cases_of(order, 1)
    browser = sign_in(make.person(Role.AFTER_SALE))
    assert send_all(browser, [case_id], "due", due="2026-12-01T10:00").status_code == 200
    case = now(order)[case_id]
    assert (case.due_at.isoformat(), case.due_source) == ("2026-12-01T02:00:00+00:00", DueSource.PERSON)
    assert send_all(browser, [case_id], "due", due="").status_code == 200
    assert now(order)[case_id].due_at is None


def test_closing_many_closes_those_that_may_be_closed(order, sign_in):
    person = make.person(Role.AFTER_SALE)
    mine, free = cases_of(order, 2)
    service.accept(mine, actor=by(person))
    traced = cases_of(order, 1, CaseKind.TRACE)
    browser = sign_in(person)
    assert send_all(browser, [mine], "close").status_code == 303, "without words nothing is done"
    assert send_all(browser, [mine, free, *traced], "close", outcome="已答复").status_code == 200
    after = now(order)
    assert [after[i].phase is CasePhase.CLOSED for i in (mine, free, *traced)] == [True, False, True]


def test_sent_twice_with_one_key_it_is_done_once(order, sign_in):
    (case_id,) = cases_of(order, 1)
    browser, agent = sign_in(make.person(Role.SUPERVISOR)), make.actor(Role.AFTER_SALE)
    form = {**fields(browser.get("/cases"), "/cases/bulk"), "case": str(case_id), "act": "assign", "to": str(agent.id)}
    assert [browser.post("/cases/bulk", data=form).status_code for _ in range(2)] == [200, 200]
    assert now(order)[case_id].version == 2


def test_a_program_hears_of_each_row_what_became_of_it(order, api):
    ids, boss = cases_of(order, 3), api(make.person(Role.SUPERVISOR))
    service.close(ids[2], "solved", actor=make.actor(Role.SUPERVISOR))
    agent = make.actor(Role.AFTER_SALE)
    body = {"cases": [str(i) for i in (*ids, 999_999)], "act": "assign", "to": str(agent.id)}
    answer = boss("POST", "/cases/bulk", body, key="k")
    assert answer.status_code == 200, answer.text
    assert [item["is_done"] for item in answer.json["items"]] == [True, True, False, False]
    assert [item["refused"]["error"] for item in answer.json["items"][2:]] == ["case_closed", "not_found"]
    assert boss("POST", "/cases/bulk", body, key="k").json == answer.json
    assert boss("POST", "/cases/bulk", {"cases": body["cases"], "act": "assign"}).json["error"] == "value_required"
    assert boss("POST", "/cases/bulk", {"cases": ["1"] * 501, "act": "share"}).status_code == 400
    listed = boss("GET", "/cases?waiting=courier").json["items"]
    assert listed == []
    boss("POST", "/cases/bulk", {"cases": [str(ids[0])], "act": "waiting", "waiting_for": "courier"})
    (row,) = boss("GET", "/cases?waiting=courier").json["items"]
    assert (row["id"], row["waiting_for"]) == (str(ids[0]), "courier")
    boss("POST", "/cases/bulk", {"cases": [str(ids[0])], "act": "due", "due_at": "2026-11-01T10:00:00+08:00"})
    assert len(boss("GET", "/cases?due=2026-11-02T00:00:00%2B08:00").json["items"]) == 1
    assert boss("GET", "/cases?due=2026-10-02T00:00:00%2B08:00").json["items"] == []


def test_a_program_reminds_and_answers(order, api):
    (case_id,) = cases_of(order, 1)
    person = make.person(Role.AFTER_SALE)
    service.accept(case_id, actor=by(person))
    made = api(make.person(Role.SUPERVISOR))("POST", f"/cases/{case_id}/reminders", {"words": "今天到期"})
    assert (made.status_code, made.json["to_id"]) == (201, str(person.id))
    done = api(person)("POST", f"/case-reminders/{made.json['id']}/answer", {"words": "已处理"})
    assert done.json["answered_at"]


def test_a_view_is_kept_under_a_name_opened_written_over_and_deleted(order, sign_in):
    cases_of(order, 1)
    person = make.person(Role.AFTER_SALE)
    browser, other = sign_in(person), sign_in(make.person(Role.AFTER_SALE))
    page = browser.get("/cases?whose=mine&kind=trace&kind=return&after=zzz")
    form = fields(page, "/cases/views")
    assert browser.post("/cases/views", data={**form, "title": "急件"}).status_code == 303
    page = browser.get("/cases")
    assert "急件" in page.text
    assert "/cases?kind=trace&amp;kind=return&amp;whose=mine" in page.text
    assert "zzz" not in page.text
    assert "急件" not in other.get("/cases").text
    form = fields(browser.get("/cases?whose=overdue"), "/cases/views")
    assert browser.post("/cases/views", data={**form, "title": "急件"}).status_code == 303
    page = browser.get("/cases")
    assert "kind=trace&amp;kind=return" not in page.text
    action = page.text.split("/delete")[0].rsplit("/cases/views/", 1)[1] + "/delete"
    assert other.post(f"/cases/views/{action}", data=fields(page, f"/cases/views/{action}")).status_code in {400, 404}
    assert browser.post(f"/cases/views/{action}", data=fields(page, f"/cases/views/{action}")).status_code == 303
    assert "急件" not in browser.get("/cases").text
    assert browser.post("/cases/views", data={**form, "title": "", "command_key": "k2"}).status_code == 303


def test_only_a_supervisor_is_offered_colleagues_to_assign_to(sign_in):
    mine = make.person(Role.AFTER_SALE, store_id=make.store().id, signature="阿禾")
    other = make.person(Role.AFTER_SALE, store_id=make.store().id, signature="小禾")
    order = make.order()
    make.fact(order, Stage.SHIPPED)
    service.record(order.id, Application(CaseKind.RETURN, "尺寸不合适"), actor=make.actor(Role.AFTER_SALE))
    for reader, is_offered in ((mine, False), (make.person(Role.SUPERVISOR), True)):
        box = sign_in(reader).get("/cases").text.partition('name="to"')[2].partition("</select>")[0]
        assert f'value="{mine.id}"' in box
        assert (f'value="{other.id}"' in box) is is_offered
