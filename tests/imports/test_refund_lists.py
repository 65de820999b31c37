"""The platforms' own lists of refunds: cases for what has left, holds for what has not, each row accounted for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
import time_machine
from sqlalchemy import func, select

from shopdesk.cases import queries as cases
from shopdesk.cases import service as case_service
from shopdesk.cases.models import CaseLine, CaseNote
from shopdesk.cases.states import CaseKind, CasePhase, CaseSource, Detail, DueSource, Goal, Reason
from shopdesk.changes import queries as changes
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.feeds import queries as feeds
from shopdesk.imports import queries
from shopdesk.imports.models import RunState
from shopdesk.imports.service import InputFile, note_message, run_files
from shopdesk.notices.models import NoticeKind
from shopdesk.parcels.states import Stage
from shopdesk.returns.models import Return, ReturnWaybill
from shopdesk.returns.states import FreightPayer, ReturnOrigin
from tests import invariants, make
from tests.imports.readers.reader_exports import order, order_list
from tests.imports.refund_exports import AGREED, CLOSED, DONE, KEY, PDD_ROW, TAOBAO_2024, WAITS, pdd, taobao

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app")]
NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)  # 16:00 in the store's zone
FIRST = "退款管理202611010900.csv"
EARLY, LATE = "退款管理202611011000.csv", "退款管理202611011400.csv"
STORES_OWN = NOW + timedelta(hours=48)  # of every case that the platform's clock does not drive
DUE = datetime(2026, 11, 2, 12, 15, tzinfo=UTC)
NUMBER = "3900123456789012345"


@pytest.fixture(autouse=True)
def afternoon():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def bring(*files, as_of=None, state=RunState.DONE):
    store = make.store()
    run = run_files(
        store, [InputFile(name, content) for name, content in files], as_of=as_of, actor=make.actor(Role.AFTER_SALE)
    )
    assert run.state is state, run.failure
    for file in queries.files_of(run):
        assert file.rows == file.accepted + file.refused + file.duplicates
    assert run.created + run.updated + run.unchanged + run.refused == run.orders_total
    assert invariants.broken(store.id) == []
    return db.session.merge(run)


def counts(run):
    return run.created, run.updated, run.unchanged, run.refused


def notes(run):
    return [(str(n.severity), n.code, n.row_no) for n in queries.notes_of(run)]


def shipped(number=NUMBER, **more):
    order = make.order(number=number, as_of=NOW - timedelta(hours=9), **more)
    make.fact(order, Stage.SHIPPED)
    return order


def case(key=KEY):
    return cases.of_platform(key, make.store().id)


def all_cases(order):
    return cases.of_order(order.id, order.store_id, make.actor(Role.SUPERVISOR))


def words(found):
    return found.wish.reveal("test")


@pytest.mark.both_engines
def test_an_application_on_what_has_left_becomes_a_case_with_the_platforms_status_amount_and_deadline():
    order = shipped()
    run = bring((EARLY, taobao({})))
    assert (counts(run), notes(run)) == ((1, 0, 0, 0), [])
    found = case()
    assert (found.kind, found.source, found.phase) == (CaseKind.RETURN, CaseSource.PLATFORM, CasePhase.COMMUNICATE)
    assert (found.platform_status, found.platform_amount_minor, found.platform_due_at) == (WAITS, 12_800, DUE)
    assert (found.due_at, found.due_source, found.platform_as_of) == (DUE, DueSource.PLATFORM, NOW - timedelta(hours=6))
    assert (found.reason, found.detail) == (Reason.QUALITY, Detail.FLAW)
    assert (found.order_id, found.parcel_id, found.role) == (order.id, make.parcel(order).id, Role.AFTER_SALE)
    assert words(found) == "平台退款申请 · 羊毛帽 · 做工粗糙/有瑕疵 · 帽檐开线"
    (line,) = db.session.scalars(in_store(select(CaseLine), order.store_id, CaseLine))
    assert (line.case_id, line.quantity, line.title) == (found.id, 1, "羊毛帽")


@pytest.mark.both_engines
def test_the_same_list_again_changes_nothing_and_says_so():
    order = shipped()
    bring((EARLY, taobao({"退货物流单号": "YT1234567890123", "退货物流公司": "圆通速递"})))
    before = case().version
    run = bring((EARLY, taobao({"退货物流单号": "YT1234567890123", "退货物流公司": "圆通速递"})))
    assert (counts(run), notes(run)) == ((0, 0, 1, 0), [])
    assert (case().version, len(all_cases(order))) == (before, 1)
    assert db.session.scalar(in_store(select(func.count(CaseNote.id)), order.store_id, CaseNote)) == 1


@pytest.mark.both_engines
def test_an_order_that_is_not_here_refuses_its_row_with_a_word_and_the_others_are_taken():
    shipped()
    run = bring((EARLY, taobao({}, {"退款编号": "170000000000000999", "订单编号": "3900123456789019999"})))
    assert (counts(run), notes(run)) == ((1, 0, 0, 1), [("refused", "order_not_here", 3)])
    (file,) = queries.files_of(run)
    assert (file.profile, file.rows, file.accepted, file.refused) == ("taobao_refunds", 2, 1, 1)
    message, params = note_message(queries.notes_of(run)[0])
    assert message % params == "Order 3900123456789019999 is not here yet; import the order list first."


def test_an_order_of_another_store_is_not_here():
    there = make.store("other")
    make.fact(make.order(there, number=NUMBER), Stage.SHIPPED)
    assert notes(bring((EARLY, taobao({})))) == [("refused", "order_not_here", 2)]
    assert case() is None


@pytest.mark.both_engines
def test_a_later_list_brings_the_case_up_to_date_and_never_moves_its_phase():
    shipped()
    bring((EARLY, taobao({})))
    run = bring((LATE, taobao({"退款状态": DONE, "超时时间": ""})))
    found = case()
    assert (counts(run), found.platform_status, found.platform_due_at) == ((0, 1, 0, 0), DONE, None)
    assert (found.phase, found.due_at, found.due_source, found.closed_at) == (
        CasePhase.COMMUNICATE, STORES_OWN, DueSource.STORE, None,
    )  # fmt: skip


@pytest.mark.both_engines
def test_yesterdays_list_after_todays_fills_gaps_only_and_says_so():
    shipped()
    bring((LATE, taobao({"退款状态": AGREED, "买家退款金额": "", "超时时间": "2026-11-08 20:15:00"})))
    run = bring((EARLY, taobao({"买家退款金额": "99.00"})))
    found = case()
    assert (counts(run), notes(run)) == ((0, 1, 0, 0), [("warning", "older_than_case", 2)])
    assert (found.platform_status, found.platform_amount_minor, found.platform_as_of) == (
        AGREED, 9_900, NOW - timedelta(hours=2),
    )  # fmt: skip
    assert found.due_at == DUE + timedelta(days=6)
    assert counts(bring((EARLY, taobao({"买家退款金额": "99.00"})))) == (0, 0, 1, 0)


def test_what_the_platform_called_done_never_runs_again_by_a_file():
    shipped()
    bring((FIRST, taobao({})))
    bring((EARLY, taobao({"退款状态": DONE})))
    bring((LATE, taobao({"退款状态": WAITS})))
    assert (case().platform_status, case().due_at, case().due_source) == (DONE, STORES_OWN, DueSource.STORE)


def test_absence_from_a_later_list_proves_nothing():
    shipped()
    shipped("3900123456789012399")
    bring((EARLY, taobao({})))
    bring((LATE, taobao({"退款编号": "170000000000000400", "订单编号": "3900123456789012399"})))
    assert (case().platform_status, case().platform_as_of) == (WAITS, NOW - timedelta(hours=6))


def test_a_closed_case_is_told_too_and_stays_closed():
    shipped()
    bring((EARLY, taobao({})))
    boss = make.actor(Role.SUPERVISOR)
    case_service.decline(case().id, "客户不退了", actor=boss)
    bring((LATE, taobao({"退款状态": AGREED})))
    assert (case().phase, case().platform_status) == (CasePhase.CLOSED, AGREED)


@pytest.mark.parametrize(("column", "word", "kind", "goal"), [
    ("售后类型", "仅退款", CaseKind.REFUND_ONLY, None),
    ("售后类型", "退货退款", CaseKind.RETURN, None),
    ("售后类型", "换货", CaseKind.EXCHANGE, None),
    ("售后类型", "补寄", CaseKind.RESHIP, None),
    ("售后类型", "补发", CaseKind.RESHIP, None),
    ("售后类型", "平台介入", CaseKind.DISPUTE, None),
    ("售后类型", "维权", CaseKind.DISPUTE, None),
    ("售后类型", "拦截退货", CaseKind.INTERCEPT, Goal.RETURN),
    ("客服介入状态", "客服已经介入", CaseKind.DISPUTE, None),
])  # fmt: skip
@pytest.mark.mission("M134")
def test_the_kind_of_application_decides_the_register(column, word, kind, goal):
    shipped()
    bring((EARLY, taobao({"售后类型": "仅退款"} | {column: word}, headers=TAOBAO_2024, encoding="utf-8")))
    assert (case().kind, case().goal) == (kind, goal)


@pytest.mark.mission("M105")
def test_a_refund_that_becomes_a_dispute_changes_its_register_while_nothing_is_decided():
    shipped()
    bring((EARLY, taobao({})))
    bring((LATE, taobao({"客服介入状态": "客服已经介入", "超时时间": "2026-11-01 23:59:00"})))
    assert (case().kind, case().due_at) == (CaseKind.DISPUTE, datetime(2026, 11, 1, 15, 59, tzinfo=UTC))


def test_a_kind_that_nobody_knows_is_taken_as_a_refund_with_a_warning_and_its_words_are_kept():
    shipped()
    row = {"售后类型": "以旧换新", "买家退款原因": "店里换了规则"}
    run = bring((EARLY, taobao(row, headers=TAOBAO_2024)))
    assert notes(run) == [("warning", "refund_kind_unknown", 2)]
    assert (case().kind, case().reason, case().detail) == (CaseKind.REFUND_ONLY, None, None)
    assert words(case()) == "平台退款申请 · 以旧换新 · 羊毛帽 · 店里换了规则 · 帽檐开线"


@pytest.mark.both_engines
@pytest.mark.parametrize("stage", [None, Stage.PRINTED])
def test_on_what_has_not_left_it_is_a_cancel_wish_with_a_hold_and_no_case(stage):
    order = make.order(number=NUMBER, as_of=NOW - timedelta(hours=9))
    if stage:
        make.fact(order, stage)
    for run, expected in ((EARLY, (1, 0, 0, 0)), (EARLY, (0, 0, 1, 0)), (LATE, (0, 0, 1, 0))):
        assert counts(bring((run, taobao({})))) == expected
    (change,) = changes.changes_of_order(order.id, order.store_id)
    (row,) = changes.applications.of_changes([change.id], order.store_id)
    assert (row.platform_number, row.amount_minor, row.due_at, row.told) == (KEY, 12_800, DUE, WAITS)
    assert (make.parcel(order).holds, all_cases(order)) == (1, [])
    assert counts(bring((EARLY, taobao({"退款状态": CLOSED})))) == (0, 0, 1, 0)  # older than what is known
    assert row.state == "applied"
    assert counts(bring((LATE.replace("1400", "1500"), taobao({"退款状态": CLOSED})))) == (0, 1, 0, 0)
    assert (row.state, make.parcel(order).holds) == ("withdrawn", 1)  # a file never releases


@pytest.mark.both_engines
def test_refunded_by_the_platform_before_it_left_is_an_alarm():
    order = make.order(number=NUMBER, as_of=NOW - timedelta(hours=9))
    bring((EARLY, taobao({"退款状态": DONE})))
    assert sorted(str(n.role) for n in make.notices(order, NoticeKind.ALARM)) == ["printing", "warehouse"]
    bring((LATE, taobao({"退款状态": WAITS})))
    assert [str(r.state) for r in changes.applications.of_order(order.id, order.store_id)] == ["refunded"]


@pytest.mark.both_engines
def test_what_a_feed_of_orders_made_a_case_already_gets_its_number_and_no_second_case():
    line = make.line(refund_state=WAITS)
    order = make.order(number=NUMBER, as_of=NOW - timedelta(hours=9))
    make.fact(order, Stage.SHIPPED)
    make.order(number=NUMBER, lines=(line,), as_of=NOW - timedelta(hours=8))
    (first,) = all_cases(order)
    assert counts(bring((EARLY, taobao({})))) == (0, 1, 0, 0)
    assert (case().id, case().kind, len(all_cases(order))) == (first.id, CaseKind.RETURN, 1)


@pytest.mark.both_engines
def test_what_a_list_made_a_case_already_is_no_second_one_by_a_feed_of_orders():
    order = shipped()
    bring((EARLY, taobao({})))
    for _ in range(2):
        make.order(number=NUMBER, lines=(make.line(refund_state=WAITS),), as_of=NOW - timedelta(hours=1))
    assert [row.id for row in all_cases(order)] == [case().id]


def test_an_application_whose_parcel_left_meanwhile_goes_on_in_the_case_of_its_change():
    order = make.order(number=NUMBER, as_of=NOW - timedelta(hours=9))
    bring((EARLY, taobao({})))
    make.fact(order, Stage.SHIPPED)
    (late,) = all_cases(order)
    bring((LATE, taobao({"退款状态": AGREED})))
    assert (case().id, case().platform_status, len(all_cases(order))) == (late.id, AGREED, 1)


def test_of_two_lines_the_title_says_which_and_only_that_one_is_held():
    lines = (make.line("n1", title="羊毛帽"), make.line("n2", title="围巾", sku="SCARF-02"))
    order = make.order(number=NUMBER, lines=lines, as_of=NOW - timedelta(hours=9))
    bring((EARLY, taobao({"宝贝标题": "围巾", "商品编码": "SCARF-02"})))
    (row,) = changes.applications.of_order(order.id, order.store_id)
    (change,) = changes.changes_of_order(order.id, order.store_id)
    assert (row.line_id, [p.line_id for p in changes.parts.parts_of([change.id], order.store_id)]) == (
        row.line_id, [row.line_id],
    )  # fmt: skip


@pytest.mark.both_engines
def test_return_waybills_stand_in_the_notes_until_there_is_a_return():
    order = shipped()
    bring((EARLY, taobao({"退货物流单号": "YT1234567890123", "退货物流公司": "圆通速递"})))
    (note,) = db.session.scalars(in_store(select(CaseNote), order.store_id, CaseNote))
    assert (note.case_id, note.text.reveal("test")) == (case().id, "平台退款列表里的退货运单：YT1234567890123 圆通速递")


def test_pinduoduos_list_is_known_by_its_headers_and_needs_no_buyer():
    order = make.order(number=PDD_ROW["订单编号"], buyer_id=None, buyer_nick=None, as_of=NOW - timedelta(hours=9))
    make.fact(order, Stage.SHIPPED)
    run = bring(("售后导出202611011000.csv", pdd({})))
    assert (counts(run), queries.files_of(run)[0].profile) == ((1, 0, 0, 0), "pdd_aftersales")
    found = case("2900000017")
    assert (found.kind, found.reason, found.platform_status) == (
        CaseKind.REFUND_ONLY, Reason.NOT_RECEIVED, "待商家处理",
    )  # fmt: skip
    assert (found.platform_amount_minor, found.due_at, found.due_source) == (2_490, STORES_OWN, DueSource.STORE)
    assert words(found) == "平台退款申请 · 仅退款 · 没有收到货"  # who the buyer is stands on the order
    assert str(found.wish) == "****"


def test_orders_and_their_applications_in_one_run_find_each_other():
    row = order(订单状态="交易成功")
    run = bring((EARLY, taobao({"宝贝标题": "样品茶壶"})), ("ExportOrderList202611011330.csv", order_list(row)))
    assert (counts(run)[0], counts(run)[3]) == (2, 0)
    assert case() is not None


def test_the_feed_of_refunds_says_as_of_when():
    shipped()
    bring((EARLY, taobao({})))
    told = {(str(f.kind), f.origin): f.as_of for f in feeds.feeds_in(make.store().id)}
    assert told["refunds", "taobao refunds"] == NOW - timedelta(hours=6)
    assert ("orders", "taobao export") not in told


def test_a_number_that_is_known_on_another_order_is_refused():
    shipped()
    shipped("3900123456789012399")
    bring((EARLY, taobao({})))
    run = bring((LATE, taobao({"订单编号": "3900123456789012399"})))
    assert notes(run) == [("refused", "refund_of_other_order", 2)]


def test_words_too_long_for_a_case_are_cut_with_a_warning():
    shipped()
    run = bring((EARLY, taobao({"买家退款说明": "线" * 10_050})))
    assert [code for _, code, _ in notes(run)] == ["text_clipped", "wish_clipped"]
    assert len(words(case())) == 2000


def test_an_earlier_day_that_a_person_set_stays():
    shipped()
    bring((EARLY, taobao({})))
    make._set(case(), {"due_at": NOW + timedelta(hours=3), "due_source": DueSource.PERSON})
    bring((LATE, taobao({"退款状态": AGREED})))
    assert (case().due_at, case().due_source) == (NOW + timedelta(hours=3), DueSource.PERSON)


@pytest.mark.both_engines
@pytest.mark.parametrize("order_of_files", list(permutations(range(3))))
def test_three_lists_in_any_order_end_alike(order_of_files):
    shipped()
    told = [
        ("退款管理202611011000.csv", taobao({})),
        ("退款管理202611011200.csv", taobao({"退款状态": AGREED, "超时时间": "2026-11-05 10:00:00",
        "买家退款金额": "90.00"})),
        ("退款管理202611011400.csv", taobao({"退款状态": DONE, "超时时间": "", "买家退款金额": "88.00"})),
    ]  # fmt: skip
    for nth in order_of_files:
        bring(told[nth])
    found = case()
    assert (found.platform_status, found.platform_amount_minor, found.platform_due_at) == (DONE, 8_800, None)
    assert found.platform_as_of == NOW - timedelta(hours=2)
    # Only what the very first list calls ended is history; no list ends or opens a case that stands.
    is_history = order_of_files[0] == 2
    assert (found.phase, found.due_at) == (
        (CasePhase.CLOSED, None) if is_history else (CasePhase.COMMUNICATE, STORES_OWN)
    )


@pytest.mark.both_engines
def test_return_waybills_stand_with_the_return_where_there_is_one():
    order = shipped()
    bring((EARLY, taobao({})))
    store = make.store()
    _expect_back(case(), make.parcel(order).warehouse_id)
    row = {"退款状态": AGREED, "退货物流单号": "YT1234567890123", "退货物流公司": "圆通速递"}
    assert counts(bring((LATE, taobao(row)))) == (0, 1, 0, 0)
    assert counts(bring((LATE, taobao(row)))) == (0, 0, 1, 0)
    (waybill,) = db.session.scalars(in_store(select(ReturnWaybill), store.id, ReturnWaybill))
    assert (waybill.number, waybill.carrier) == ("YT1234567890123", "圆通速递")
    assert db.session.scalar(in_store(select(func.count(CaseNote.id)), store.id, CaseNote)) == 0


@command
def _expect_back(found, warehouse_id):
    db.session.add(
        Return(
            store_id=found.store_id, case_id=found.id, order_id=found.order_id, warehouse_id=warehouse_id,
            origin=ReturnOrigin.CUSTOMER, confirmed_at=clock.now(), freight=FreightPayer.SHOP, policy_days=7,
            policy_condition="不影响再次销售",
        )
    )  # fmt: skip
    audit.record("test.set", "return", found.id, make.ROOT, store_id=found.store_id)
