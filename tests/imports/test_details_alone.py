"""A detail file without its list: its rows' status counts like a list's, its amounts stay unknown."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from shopdesk.changes.queries.checks import look_at_parcels
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core.permissions import Permission, Role
from shopdesk.imports import queries
from shopdesk.imports.models import RunState
from shopdesk.imports.service import InputFile, run_files
from shopdesk.orders import queries as orders
from shopdesk.orders.states import OrderStatus, Readiness
from shopdesk.parcels.states import Stage
from tests import invariants, make, worlds
from tests.imports.readers.reader_exports import DETAIL_NEW, LINE_NEW, LINE_OLD, NUMBER, details, order, order_list

pytestmark = pytest.mark.usefixtures("app")
NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
SHIPPED, UNPAID, PAID = "卖家已发货，等待买家确认", "等待买家付款", "买家已付款，等待卖家发货"


@pytest.fixture(autouse=True)
def afternoon():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def bring(content, minutes_ago):
    store, by = make.store(), make.actor(Role.PRE_SALE)
    run = run_files(store, [InputFile("file.csv", content)], as_of=NOW - timedelta(minutes=minutes_ago), actor=by)
    assert run.state is RunState.DONE, run.failure
    assert invariants.broken(store.id) == []
    return [note.code for note in queries.notes_of(run)]


def rows(word):
    return details(LINE_OLD | {"订单状态": word})


def found():
    return orders.order_by_number(NUMBER, make.store().id)


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.parametrize(("word", "status", "ready", "stage"), [
    (SHIPPED, OrderStatus.SHIPPED, Readiness.READY, Stage.UNPRINTED),
    (UNPAID, OrderStatus.UNPAID, Readiness.UNPAID, Stage.UNPRINTED),
    (PAID, OrderStatus.PAID, Readiness.READY, Stage.UNPRINTED),
    ("交易关闭", OrderStatus.CLOSED, Readiness.CLOSED, Stage.UNPRINTED),
    ("交易成功", OrderStatus.DONE, Readiness.READY, Stage.DELIVERED),
    ("新词", OrderStatus.PAID, Readiness.AWAITING_REVIEW, Stage.UNPRINTED),
])  # fmt: skip
def test_the_status_of_the_rows_counts_as_a_lists_does(word, status, ready, stage):
    assert "detail_without_list" in bring(rows(word), 10)
    got = found()
    assert (got.status, got.readiness, got.status_given, got.has_list) == (status, ready, word, False)
    assert (got.as_of, make.parcel(got).stage) == (NOW - timedelta(minutes=10), stage)
    row = look_at_parcels([make.parcel(got).id], make.actor(Role.PRINTING), Permission.PRINT_CHECK)[0]
    assert "list_missing" in row.reasons or stage is Stage.DELIVERED


def test_a_row_that_says_shipped_asks_printing_before_anything_is_amended():
    bring(rows(SHIPPED), 10)
    assert found().marked_shipped_at == NOW - timedelta(minutes=10)
    line, by = worlds.line(found()), make.actor(Role.PRE_SALE)
    change = make.change(found(), Kind.ATTRIBUTE, {"attributes": "颜色分类：白"}, line_id=line.id, by=by, yes=True)
    assert (change.state, worlds.amendments(found()), worlds.memos(found())) == (ChangeState.OPEN, [], [])
    assert worlds.open_codes(change)[0] == "ask_stage"


def test_a_list_that_says_shipped_without_a_time_is_a_mark_too_and_its_time_follows():
    bring(order_list(order(订单状态=SHIPPED)), 10)
    assert found().marked_shipped_at == NOW - timedelta(minutes=10)
    bring(order_list(order(订单状态=SHIPPED, 发货时间="2026-11-01 15:20:00")), 5)
    assert found().marked_shipped_at == NOW - timedelta(minutes=40)


def test_a_later_status_of_details_overwrites_and_an_older_one_does_not():
    bring(rows(PAID), 20)
    bring(rows(SHIPPED), 10)
    assert (found().status, found().status_given) == (OrderStatus.SHIPPED, SHIPPED)
    bring(rows("交易关闭"), 30)
    assert (found().status, found().status_given, found().readiness) == (OrderStatus.SHIPPED, SHIPPED, Readiness.READY)


def test_a_list_that_is_older_than_the_details_brings_its_values_and_not_its_status():
    bring(rows(SHIPPED), 10)
    bring(order_list(order(订单状态=UNPAID)), 20)
    got = found()
    assert (got.status, got.has_list, got.total_minor) == (OrderStatus.SHIPPED, True, 10_500)
    assert got.as_of == NOW - timedelta(minutes=20)


def test_details_later_than_the_known_list_bring_its_newer_status_and_no_word_of_a_missing_list():
    bring(order_list(order()), 20)
    assert bring(rows(SHIPPED), 10) == []
    got = found()
    assert (got.status, got.as_of) == (OrderStatus.SHIPPED, NOW - timedelta(minutes=20))
    assert bring(order_list(order(买家留言="请轻放")), 15) == []
    assert (found().status_given, found().buyer_message.reveal("to compare it")) == (SHIPPED, "请轻放")


def test_details_older_than_the_known_list_say_nothing_of_the_status():
    bring(order_list(order()), 10)
    bring(rows("交易关闭"), 20)
    assert (found().status, found().readiness) == (OrderStatus.PAID, Readiness.READY)


@pytest.mark.parametrize(("words", "status"), [
    ((PAID, SHIPPED), OrderStatus.PART_SHIPPED),
    ((PAID, "交易关闭"), OrderStatus.PAID),
    (("交易关闭", "交易关闭"), OrderStatus.CLOSED),
])  # fmt: skip
def test_lines_that_do_not_agree_make_the_least_that_is_true_of_the_order(words, status):
    lines = [LINE_NEW | {"子订单编号": f"390012345678901234{n}", "订单状态": word, "商品标题": f"样品{n}"}
             for n, word in enumerate(words)]  # fmt: skip
    bring(details(*lines, headers=DETAIL_NEW), 10)
    assert found().status is status
