"""Where the goods are, as the platforms' lists of refunds say: what the buyer has was shipped, and is no recall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from shopdesk.cases import queries as cases
from shopdesk.changes import queries as changes
from shopdesk.core.permissions import Role
from shopdesk.imports.models import RunState
from shopdesk.imports.service import InputFile, run_files
from shopdesk.parcels.states import Stage
from tests import invariants, make
from tests.imports.refund_exports import KEY, PDD_ROW, pdd, taobao

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app")]
NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)  # 16:00 in the store's zone
EARLY, LATE = "退款管理202611011000.csv", "退款管理202611011400.csv"
NUMBER = "3900123456789012345"


@pytest.fixture(autouse=True)
def afternoon():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def bring(name, content):
    """(created, updated, unchanged, refused)"""
    store = make.store()
    run = run_files(store, [InputFile(name, content)], as_of=None, actor=make.actor(Role.AFTER_SALE))
    assert run.state is RunState.DONE, run.failure
    assert invariants.broken(store.id) == []
    return run.created, run.updated, run.unchanged, run.refused


def case(key=KEY):
    return cases.of_platform(key, make.store().id)


@pytest.mark.both_engines
@pytest.mark.parametrize(
    "told",
    [{"货物状态": "买家已收到货"}, {"货物状态": "买家已退货"}, {"货物状态": "", "退货物流单号": "YT1234567890123"}],
)
def test_what_the_buyer_has_or_sends_back_was_shipped_and_is_a_case_not_a_recall(told):
    order = make.order(number=NUMBER, as_of=NOW - timedelta(hours=9))
    make.fact(order, Stage.PRINTED)
    assert bring(EARLY, taobao(told)) == (1, 0, 0, 0)
    assert (make.parcel(order).stage, make.parcel(order).holds) == (Stage.SHIPPED, 0)
    assert (case().parcel_id, changes.changes_of_order(order.id, order.store_id)) == (make.parcel(order).id, [])
    assert bring(LATE, taobao(told)) == (0, 0, 1, 0)


def test_a_hold_of_the_morning_ends_in_a_case_when_the_list_of_the_afternoon_says_that_the_buyer_has_it():
    order = make.order(number=NUMBER, as_of=NOW - timedelta(hours=9))
    bring(EARLY, taobao({}))
    assert make.parcel(order).holds == 1
    bring(LATE, taobao({"货物状态": "买家已收到货"}))
    (late,) = cases.of_order(order.id, order.store_id, make.actor(Role.SUPERVISOR))
    assert (case().id, make.parcel(order).stage) == (late.id, Stage.SHIPPED)


def test_pinduoduos_order_status_says_that_it_was_sent():
    order = make.order(number=PDD_ROW["订单编号"], buyer_id=None, buyer_nick=None, as_of=NOW - timedelta(hours=9))
    bring("售后导出202611011000.csv", pdd({"订单状态": "已发货"}))
    assert (make.parcel(order).stage, case("2900000017").parcel_id) == (Stage.SHIPPED, make.parcel(order).id)
    other = make.order(number="261030-123456789012346", buyer_id=None, as_of=NOW - timedelta(hours=9))
    bring("售后导出202611011100.csv", pdd({"订单编号": other.number, "售后编号": "2900000018", "订单状态": "未发货"}))
    assert (make.parcel(other).stage, make.parcel(other).holds) == (Stage.UNPRINTED, 1)
