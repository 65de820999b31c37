"""Words alone end a case of which nothing is outstanding; what is, is said; a reminder is answered with the ending."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from shopdesk.cases import service
from shopdesk.cases.models import CaseReminder
from shopdesk.cases.rules.guidance import Standing, check_nothing_outstanding
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind, CasePhase, CaseSource, CourierOutcome, Fault, Goal, WaitingFor
from shopdesk.core.db import db
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.desk.service import closing_case
from shopdesk.parcels.states import Stage
from shopdesk.returns import service as returns
from tests import make
from tests.desk.pages import fields

K, W = CaseKind, WaitingFor
pytestmark = pytest.mark.usefixtures("app", "store")


def code(call, *args, **more):
    try:
        call(*args, **more)
    except DomainError as error:
        return error.code
    return "ok"


@pytest.mark.parametrize(("standing", "expected"), [
    (Standing(K.TRACE), "ok"),
    (Standing(K.RETURN, W.CUSTOMER), "ok"),
    (Standing(K.TRACE, W.COURIER, courier=CourierOutcome.ASKED), "ok"),
    (Standing(K.TRACE, W.PLATFORM), "still_waits"),
    (Standing(K.RETURN, W.WAREHOUSE), "still_waits"),
    (Standing(K.INVOICE, W.FINANCE), "still_waits"),
    (Standing(K.REFUND_ONLY, platform_number="T1", platform_status="买家已经申请退款，等待卖家同意"), "platform_open"),
    (Standing(K.REFUND_ONLY, platform_number="T1"), "platform_open"),
    (Standing(K.REFUND_ONLY, platform_status="一个没见过的词"), "platform_open"),
    (Standing(K.REFUND_ONLY, platform_number="T1", platform_status="退款关闭"), "ok"),
    (Standing(K.DISPUTE, platform_number="T1", platform_status="退款成功"), "ok"),
    (Standing(K.REFUND_ONLY, is_refunding=True), "platform_open"),
    (Standing(K.DISPUTE), "dispute_open"),
    (Standing(K.INTERCEPT), "outcome_missing"),
    (Standing(K.INTERCEPT, courier=CourierOutcome.ASKED), "outcome_missing"),
    (Standing(K.INTERCEPT, courier=CourierOutcome.TOO_LATE), "ok"),
])  # fmt: skip
def test_what_is_outstanding_is_named(standing, expected):
    assert code(check_nothing_outstanding, standing) == expected


@pytest.fixture
def store(app):
    return make.store()


def case_of(order, kind, goal=None, owner=None):
    boss = make.actor(Role.SUPERVISOR)
    case = service.record(order.id, Application(kind, "看一下", goal), actor=boss)
    return service.assign(case.id, owner.id, actor=boss) if owner else case


def shipped():
    order = make.order()
    make.fact(order, Stage.SHIPPED)
    return order


def reminder_of(case):
    statement = select(CaseReminder).where(CaseReminder.case_id == case.id)
    return db.session.scalars(in_store(statement, case.store_id, CaseReminder)).one()


@pytest.mark.mission("M079")
def test_whoever_closes_is_refused_until_it_is_settled_and_a_supervisor_still_closes_it_with_a_reason():
    agent, boss = make.actor(Role.AFTER_SALE), make.actor(Role.SUPERVISOR)
    dispute = case_of(shipped(), K.DISPUTE, owner=agent)
    for who in (agent, boss):
        assert code(service.close, dispute.id, "好了", actor=who) == "dispute_open"
    assert closing_case.close_open_case(
        dispute.id, service.Ended("平台已判", Fault.PLATFORM), actor=boss
    ).phase is CasePhase.CLOSED  # fmt: skip
    waits = case_of(shipped(), K.TRACE, owner=agent)
    service.set_waiting(waits.id, W.PLATFORM, actor=agent)
    assert code(service.close, waits.id, "好了", actor=agent) == "still_waits"
    service.set_waiting(waits.id, None, actor=agent)
    assert code(service.close, waits.id, "好了", actor=agent) == "ok"


def test_what_the_platform_told_by_the_order_alone_is_open_while_the_order_is_refunding():
    order = make.order(refunding=True)
    make.fact(order, Stage.SHIPPED)
    boss = make.actor(Role.SUPERVISOR)
    told = service.open_case(order, Application(K.REFUND_ONLY, "退款申请"), source=CaseSource.PLATFORM, actor=boss)
    assert code(service.close, told.id, "客户撤销了", actor=boss) == "platform_open"
    asked = service.record(order.id, Application(K.TRACE, "到哪了"), actor=boss)
    assert code(service.close, asked.id, "已告知", actor=boss) == "ok", "another matter of the same order"


def test_an_interception_that_reached_its_goal_stays_open_while_something_else_is_outstanding():
    agent = make.actor(Role.AFTER_SALE)
    case = case_of(shipped(), K.INTERCEPT, Goal.REDIRECT, agent)
    service.set_waiting(case.id, W.PLATFORM, actor=agent)
    returns.tell(case.id, CourierOutcome.DONE, actor=agent, said="已改派")
    assert (case.phase, case.waiting_for) == (CasePhase.COMMUNICATE, W.PLATFORM)
    service.set_waiting(case.id, None, actor=agent)
    assert service.close(case.id, "已改派", actor=agent).phase is CasePhase.CLOSED


@pytest.mark.mission("M105")
def test_however_a_case_ends_its_reminder_is_answered_with_that():
    agent, boss = make.actor(Role.AFTER_SALE), make.actor(Role.SUPERVISOR)
    solved, declined, merged, into = (case_of(shipped(), K.TRACE, owner=agent) for _ in range(4))
    merged_order = merged.order_id
    into = service.record(merged_order, Application(K.TRACE, "同一单"), actor=boss)
    for case in (solved, declined, merged):
        service.remind(case.id, "今天到期", actor=boss)
    service.close(solved.id, "已答复", actor=agent)
    service.decline(declined.id, "不符合", actor=agent)
    service.merge(merged.id, into.number, actor=agent)
    for case, words in ((solved, "已答复"), (declined, "不符合"), (merged, into.number)):
        found = reminder_of(case)
        assert (found.answer.reveal("test"), found.answered_by_id) == (words, agent.id)
        assert found.answered_at is not None


def test_closing_many_says_of_each_row_why_not_and_which_reminder_was_answered(sign_in, api):
    boss = make.actor(Role.SUPERVISOR)
    person = make.person(Role.SUPERVISOR)
    dispute, intercept = case_of(shipped(), K.DISPUTE), case_of(shipped(), K.INTERCEPT, Goal.RETURN)
    waits, reminded = case_of(shipped(), K.TRACE), case_of(shipped(), K.TRACE)
    service.set_waiting(waits.id, W.PLATFORM, actor=boss)
    service.remind(reminded.id, "今天到期", actor=boss)
    ids = [str(case.id) for case in (dispute, intercept, waits, reminded)]
    browser = sign_in(person)
    browser.environ_base.update(HTTP_ACCEPT_LANGUAGE="en")
    form = fields(browser.get("/cases"), "/cases/bulk")
    sent = {**form, "case": ids, "act": "close", "outcome": "已答复"}
    for _again in range(2):
        text = browser.post("/cases/bulk", data=sent).text
        rows = [part.split("</tr>")[0] for part in text.split("<tr data-row>")[1:]]
        assert "the platform has ended this dispute" in rows[0]
        assert "Say first what came of the interception." in rows[1]
        assert "Something is still awaited (Waiting for the platform)." in rows[2]
        assert "The reminder is answered with these words." in rows[3]
    answer = api(person)("POST", "/cases/bulk", {"cases": ids[:3], "act": "close", "outcome": "好"})
    refusals = [item["refused"]["error"] for item in answer.json["items"]]
    assert refusals == ["dispute_open", "outcome_missing", "still_waits"]
