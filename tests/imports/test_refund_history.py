"""The first list of refunds of a store tells an old history: what the platform had ended waits for nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from shopdesk.cases import queries as cases
from shopdesk.cases import service
from shopdesk.cases.states import CaseKind, CasePhase, CaseSource, DueSource, Ending
from shopdesk.core import clock
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.desk.queries.cases import days
from shopdesk.imports.models import RunState
from shopdesk.imports.service import InputFile, run_files
from shopdesk.parcels.states import Stage
from tests import invariants, make
from tests.imports.refund_exports import CLOSED, DONE, PDD_ROW, WAITS, pdd, taobao

pytestmark = pytest.mark.usefixtures("app")
NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)  # 16:00 in the store's zone
FIRST, LATER = "退款管理202611011000.csv", "退款管理202611011400.csv"
ENDED = {
    "退款状态": DONE,
    "超时时间": "",
    "退款的申请时间": "2026-09-03 10:00:00",
    "退款完结时间": "2026-09-05 11:30:00",
}


@pytest.fixture(autouse=True)
def afternoon():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def bring(name, content):
    store = make.store()
    run = run_files(store, [InputFile(name, content)], as_of=None, actor=make.actor(Role.AFTER_SALE, store_id=store.id))
    assert run.state is RunState.DONE, run.failure
    assert invariants.broken(store.id) == []


def application(number, **columns):
    """A row about an order of its own that has left."""
    order_number = f"39001234567890{number:05d}"
    order = make.order(number=order_number, as_of=NOW - timedelta(hours=9))
    make.fact(order, Stage.SHIPPED)
    return {"退款编号": f"17000000000000{number:04d}", "订单编号": order_number, **columns}


def case(number):
    return cases.of_platform(f"17000000000000{number:04d}", make.store().id)


def test_what_had_ended_before_the_first_list_is_a_closed_case_of_its_own_time():
    bring(FIRST, taobao(application(1, **ENDED), application(2, **(ENDED | {"退款状态": CLOSED})), application(3)))
    done, withdrawn, running = case(1), case(2), case(3)
    for found in (done, withdrawn):
        assert (found.phase, found.source, found.ending) == (CasePhase.CLOSED, CaseSource.PLATFORM, None)
        assert (found.owner_id, found.due_at, found.waiting_for, found.closed_by_id) == (None, None, None, None)
        assert found.opened_at == datetime(2026, 9, 3, 2, 0, tzinfo=UTC)
        assert found.closed_at == datetime(2026, 9, 5, 3, 30, tzinfo=UTC)
        assert found.number.startswith("C20260903-")
    assert done.outcome.reveal("test") == "接入之前平台已经结束：退款成功"
    assert (withdrawn.platform_status, withdrawn.kind) == (CLOSED, CaseKind.RETURN)
    assert (running.phase, running.platform_status) == (CasePhase.COMMUNICATE, WAITS)
    kept = db.session.scalars(select(Event.subject_id).where(Event.action == "case.kept_as_history")).all()
    assert sorted(kept) == [done.id, withdrawn.id]


def test_history_fills_neither_the_queue_nor_the_figures_of_today_and_stands_on_its_order(sign_in):
    bring(FIRST, taobao(*[application(n, **ENDED) for n in range(1, 6)], application(9)))
    boss = make.actor(Role.SUPERVISOR, store_id=make.store().id)
    today = days.day(boss, NOW.date())
    assert (today.total.opened, today.total.closed, today.total.open) == (1, 0, 1)
    then = days.day(boss, datetime(2026, 9, 5, tzinfo=UTC).date())
    assert (then.total.closed, then.people[None].closed) == (5, 5)
    agent = sign_in(make.person(Role.AFTER_SALE, store_id=make.store().id))
    queue = agent.get("/cases?kind=return").text
    assert case(9).number[-4:] in queue
    assert case(1).number not in queue
    assert case(1).number[-4:] in agent.get(f"/orders/{case(1).order_id}").text
    page = agent.get(f"/cases/{case(1).id}")
    assert page.status_code == 200
    assert "接入之前平台已经结束" in page.text


def test_what_ended_after_the_first_list_is_looked_at_by_somebody():
    bring(FIRST, taobao(application(1, **ENDED)))
    after = {**ENDED, "退款的申请时间": "2026-11-01 11:00:00", "退款完结时间": "2026-11-01 13:00:00"}
    bring(LATER, taobao(application(2, **after)))
    assert (case(1).phase, case(2).phase) == (CasePhase.CLOSED, CasePhase.COMMUNICATE)


def test_an_older_history_that_is_imported_later_is_history_too():
    bring(FIRST, taobao(application(1)))
    bring(LATER, taobao(application(2, **ENDED)))
    assert case(2).phase is CasePhase.CLOSED


def test_without_the_time_of_its_end_the_time_of_the_application_decides_and_pinduoduos_too():
    no_end = {"退款状态": DONE, "退款的申请时间": "2026-10-30 10:00:00"}
    bring(FIRST, taobao(application(1, **no_end)))
    assert (case(1).phase, case(1).closed_at) == (CasePhase.CLOSED, datetime(2026, 10, 30, 2, 0, tzinfo=UTC))
    order = make.order(number=PDD_ROW["订单编号"], buyer_id=None, buyer_nick=None, as_of=NOW - timedelta(hours=9))
    make.fact(order, Stage.SHIPPED)
    bring("售后导出202611011200.csv", pdd({"售后状态": "退款成功"}))
    found = cases.of_platform("2900000017", order.store_id)
    assert (found.phase, found.closed_at) == (CasePhase.CLOSED, datetime(2026, 10, 31, 1, 30, tzinfo=UTC))
    assert "丁" not in found.wish.reveal("test") + found.outcome.reveal("test")


def test_what_runs_again_on_the_platform_comes_into_the_queue_and_the_same_list_changes_nothing():
    bring(FIRST, taobao(row := application(1, **(ENDED | {"退款状态": CLOSED}))))
    version = case(1).version
    bring(FIRST, taobao(row))
    assert (case(1).phase, case(1).version) == (CasePhase.CLOSED, version)
    bring(LATER, taobao(row | {"退款状态": "卖家已经同意退款，等待买家退货", "退款完结时间": ""}))
    found = case(1)
    assert (found.phase, found.closed_at, found.outcome) == (CasePhase.RESOLVE, None, None)
    assert (found.due_at, found.due_source) == (clock.now() + timedelta(hours=48), DueSource.STORE)


def test_a_case_that_somebody_closed_here_is_not_opened_by_a_list():
    bring(FIRST, taobao(row := application(1)))
    service.decline(case(1).id, "客户不退了", actor=make.actor(Role.SUPERVISOR, store_id=make.store().id))
    bring(LATER, taobao(row | {"退款状态": "卖家已经同意退款，等待买家退货"}))
    assert (case(1).phase, case(1).ending) == (CasePhase.CLOSED, Ending.DECLINED)
