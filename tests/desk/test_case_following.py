"""What is left over from yesterday, 催办 and its answer, the day's figures."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.cases import service
from shopdesk.cases.models import CaseReminder
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind
from shopdesk.core import clock
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Role
from shopdesk.desk.queries.cases import days, following
from shopdesk.desk.states import CaseGroup
from shopdesk.parcels.states import Stage
from shopdesk.refunds.states import Shelf
from tests import make
from tests.desk.pages import EN, by, fields

pytestmark = [pytest.mark.both_engines, pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app")]


@pytest.fixture
def order():
    made = make.order()
    make.fact(made, Stage.SHIPPED)
    return made


@pytest.fixture
def boss(order):
    return make.actor(Role.SUPERVISOR)


def case_of(order, kind=CaseKind.RETURN, *, by, days_ago=0):
    with clock.earlier(timedelta(days=days_ago)):
        return service.record(order.id, Application(kind, "尺寸不合适"), actor=by).id


def code(call, *args, **more):
    try:
        call(*args, **more)
    except DomainError as error:
        return error.code
    return "ok"


@pytest.mark.mission("M143")
def test_left_over_is_what_was_opened_before_today_and_is_not_closed_oldest_first_for_each_owner(order, boss, sign_in):
    person, other = make.person(Role.AFTER_SALE, signature="阿禾"), make.actor(Role.AFTER_SALE)
    agent = by(person)
    old, older, oldest = (case_of(order, by=boss, days_ago=ago) for ago in (1, 2, 3))
    case_of(order, by=boss)
    done = case_of(order, by=boss, days_ago=2)
    for case_id in (old, oldest, done):
        service.accept(case_id, actor=agent)
    service.accept(older, actor=other)
    service.close(done, "solved", actor=agent)
    found = following.left_over(agent, agent.id)
    assert [row.id for row in found.rows] == [oldest, old]
    assert {owner: count for owner, _, count in found.owners} == {agent.id: 2, other.id: 1}
    assert [row.id for row in following.left_over(boss, everybody=True).rows] == [oldest, older, old]
    assert following.left_over(make.actor(Role.AFTER_SALE, store_id=make.store("far").id), everybody=True).rows == []
    mine = found.rows[0].number
    browser = sign_in(person)
    assert mine in browser.get("/work").text
    assert mine in browser.get("/cases/left-over").text
    assert mine not in browser.get("/cases/left-over?owner=none").text


@pytest.mark.mission("M105")
def test_a_supervisor_reminds_of_a_refunding_order_and_hears_the_answer(order, boss, sign_in):
    person = make.person(Role.AFTER_SALE, signature="阿禾")
    refund, free = case_of(order, CaseKind.REFUND_ONLY, by=boss), case_of(order, CaseKind.DISPUTE, by=boss)
    other = case_of(order, CaseKind.TRACE, by=boss)
    service.accept(refund, actor=by(person))
    above, agent = sign_in(make.person(Role.SUPERVISOR, signature="青禾")), sign_in(person)
    page = above.get("/cases/to-remind")
    assert f"/cases/{refund}/remind" in page.text
    assert f"/cases/{free}/remind" in page.text
    assert f"/cases/{other}/remind" not in page.text
    form = fields(page, f"/cases/{refund}/remind")
    assert above.post(f"/cases/{refund}/remind", data={**form, "words": "平台只剩一天"}).status_code == 303
    assert code(service.remind, refund, "", actor=boss) == "reminded_already"
    work = agent.get("/work")
    assert "平台只剩一天" in work.text
    (row,) = following.reminders_of(by(person))
    action = f"/case-reminders/{row.reminder_id}/answer"
    assert agent.post(action, data={**fields(work, action), "words": ""}).status_code == 303
    assert (
        agent.post(action, data={**fields(work, action), "words": "已在平台同意", "command_key": "k"}).status_code
        == 303
    )
    assert "平台只剩一天" not in agent.get("/work").text
    told = above.get("/cases/to-remind").text
    assert "已在平台同意" in told
    assert "阿禾" in told


def test_a_reminder_of_what_nobody_has_is_answered_by_anybody_of_the_role_once(order, boss):
    agent, other = make.actor(Role.AFTER_SALE), make.actor(Role.AFTER_SALE)
    case_id = case_of(order, CaseKind.REFUND_ONLY, by=boss)
    reminder: CaseReminder = service.remind(case_id, "看一下", actor=boss)
    assert [row.reminder_id for row in following.reminders_of(agent)] == [reminder.id]
    assert following.reminders_of(boss) == []
    assert code(service.answer_reminder, reminder.id, "x", actor=boss) == "not_reminded"
    assert code(service.answer_reminder, reminder.id, " ", actor=agent) == "value_required"
    assert code(service.answer_reminder, reminder.id, "好", actor=agent) == "ok"
    assert code(service.answer_reminder, reminder.id, "好", actor=other) == "answered_already"
    assert code(service.remind, case_id, "", actor=agent) == "not_allowed"
    assert code(service.remind, case_id, "x" * 501, actor=boss) == "too_long"
    service.close(case_id, "solved", actor=boss)
    assert code(service.remind, case_id, "", actor=boss) == "case_closed"


def test_an_order_with_a_refund_applied_for_stands_there_with_its_case_and_without_one(boss, sign_in):
    order, sent = make.order(refunding=True), make.order(refunding=True)
    make.fact(sent, Stage.SHIPPED)  # too late for the cancelling, so this one has a case
    above = make.actor(Role.SUPERVISOR)
    found = following.daily(above)
    assert [row.id for row in found.orders] == [order.id]
    assert [row.order_id for row in found.cases] == [sent.id]
    page = sign_in(make.person(Role.SUPERVISOR)).get("/cases/to-remind").text.replace("&amp;", "&")
    assert f"/orders/{order.id}/cases/new?kind=refund_only" in page
    assert f"/cases/{found.cases[0].id}/remind" in page


@pytest.mark.mission("M002")
@pytest.mark.mission("M103")
@pytest.mark.mission("M104")
def test_the_day_counts_opened_closed_and_open_of_each_kind_and_person(order, boss, sign_in):
    agent = make.actor(Role.AFTER_SALE, signature="阿禾")
    yesterday = case_of(order, CaseKind.EXCHANGE, by=agent, days_ago=1)
    case_of(order, CaseKind.RETURN, by=agent)
    case_of(order, CaseKind.TRACE, by=boss)
    service.accept(yesterday, actor=agent)
    service.close(yesterday, "solved", actor=agent)
    today = following.day_of(boss)
    found = days.day(boss, today)

    def figures(one):
        return one.opened, one.closed, one.open

    assert figures(found.kinds[CaseKind.EXCHANGE]) == (0, 1, 0)
    assert figures(found.kinds[CaseKind.RETURN]) == (1, 0, 1)
    assert figures(found.group(CaseGroup.RETURNS)) == (1, 1, 1)
    assert figures(found.group(CaseGroup.TRACING)) == (1, 0, 1)
    assert figures(found.people[agent.id]) == (1, 1, 0)
    assert figures(found.people[None]) == (0, 0, 2)
    before = days.day(boss, today - timedelta(days=1))
    assert figures(before.total) == (1, 0, 1)
    assert figures(days.day(make.actor(Role.AFTER_SALE), today).total) == (0, 0, 0)
    manager = sign_in(make.person(Role.MANAGER)).get("/cases/day")
    assert manager.status_code == 200
    assert "阿禾" in manager.text
    page = sign_in(make.person(Role.SUPERVISOR)).get("/cases/day?day=nonsense").text
    for queue in (
        "/cases?whose=overdue",
        "/cases?whose=unassigned",
        "/cases/to-remind",
        "/cases/left-over",
        "/changes",
    ):
        assert queue in page


@pytest.mark.mission("M002")
def test_the_supervisor_sees_what_waits_of_refunds_and_changes_and_with_whom_beside_the_cases(boss, sign_in):
    asker = make.person(Role.PRE_SALE, signature="小满")
    make.change(make.order(), by=by(asker))
    found = days.queues(boss)
    assert found.changes >= 1
    assert (found.changes_late, found.is_whole) == (0, True)
    assert found.refunds == {Shelf.TO_APPROVE: 0, Shelf.UNDER_WAY: 0, Shelf.TROUBLE: 0}
    page = sign_in(make.person(Role.SUPERVISOR)).get("/cases/day", headers=EN).text
    for tile in ("/changes", "/refunds?shelf=to_approve", "/refunds?shelf=under_way", "/refunds?shelf=trouble"):
        assert f'<a href="{tile}" class="sd-tile' in page
    far = days.queues(make.actor(Role.SUPERVISOR, store_id=make.store("far").id))
    assert far.changes == 0
    nothing = days.queues(make.actor(Role.WAREHOUSE))
    assert (nothing.changes, nothing.refunds, nothing.changes_of) == (None, {}, {})
