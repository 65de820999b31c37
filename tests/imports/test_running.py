"""Whole import runs on invented exports: what the platform says arrives, what the desk decided stays."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import audit, clock
from shopdesk.core.db import db
from shopdesk.core.errors import NotAllowed, RuleViolation, Unavailable
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.imports import queries
from shopdesk.imports.models import ImportRun, RunState
from shopdesk.imports.service import InputFile, failure_message, queue, run_files, run_queued, running
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.orders.models import SearchKey
from shopdesk.orders.states import KeyKind, OrderStatus, Readiness
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Source, Stage
from tests import invariants, make, worlds
from tests.imports.readers.reader_exports import (
    DETAIL_NEW,
    LINE_NEW,
    LINE_OLD,
    NUMBER,
    details,
    order,
    order_list,
)

pytestmark = pytest.mark.usefixtures("app")  # what leans on the database runs on both engines
NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)  # 16:00 in the store's zone
LIST, LATER = "ExportOrderList202611011330.csv", "ExportOrderList202611011430.csv"
DETAILS = "ExportOrderDetailList202611011331.csv"
SHIPPED = "卖家已发货，等待买家确认"


@pytest.fixture(autouse=True)
def afternoon():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def bring(*files, as_of=None):
    store = make.store()
    by = make.actor(Role.PRE_SALE)
    named = [InputFile(name, content) for name, content in files]
    run = run_files(store, named, as_of=as_of, actor=by)
    assert run.state is RunState.DONE, run.failure
    for file in queries.files_of(run):
        assert file.rows == file.accepted + file.refused + file.duplicates
    assert run.created + run.updated + run.unchanged + run.refused == run.orders_total
    assert invariants.broken(store.id) == []
    return db.session.merge(run)


def counts(run):
    return run.created, run.updated, run.unchanged, run.refused


def found(number=NUMBER):
    return orders.order_by_number(number, make.store().id)


def codes(run):
    return [note.code for note in queries.notes_of(run)]


def lines(number=NUMBER):
    return [
        (ln.title, ln.quantity, ln.in_parcels, ln.incomplete) for ln in orders.lines(found(number).id, make.store().id)
    ]


def two_lines():
    row = LINE_NEW | {"购买数量": "1"}
    return details(row, row | {"子订单编号": "3900123456789012347", "商品标题": "样品茶杯"}, headers=DETAIL_NEW)


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.parametrize("is_list_first", [True, False])
def test_a_list_and_its_details_bring_an_order_whole_in_any_order(is_list_first):
    files = [(LIST, order_list(order())), (DETAILS, details(LINE_OLD))]
    run = bring(*(files if is_list_first else reversed(files)))
    assert counts(run) == (1, 0, 0, 0)
    got = found()
    assert (got.status, got.readiness, got.lines_complete) == (OrderStatus.PAID, Readiness.READY, True)
    assert (got.as_of, got.lines_as_of) == (NOW - timedelta(minutes=150), NOW - timedelta(minutes=149))
    assert lines() == [("样品茶壶", 2, 2, False)]
    assert orders.lines(got.id, got.store_id)[0].share_minor == 9_450
    parcel = make.parcel(got)
    assert (parcel.stage, parcel.stage_source, parcel.stage_as_of) == (Stage.UNPRINTED, Source.FILE, got.as_of)
    assert worlds.street(parcel).endswith("样板路8号")
    assert got.customer_id is not None


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_list_alone_makes_an_incomplete_line_and_details_complete_it():
    bring((LIST, order_list(order())))
    assert lines() == [("样品茶壶", 2, 2, True)]
    assert found().lines_complete is False
    run = bring((DETAILS, two_lines()))
    assert counts(run) == (0, 1, 0, 0)
    assert lines() == [("样品茶壶", 1, 1, False), ("样品茶杯", 1, 1, False)]
    assert found().lines_complete is True
    assert sum(ln.share_minor for ln in orders.lines(found().id, make.store().id)) == 9_450
    assert len(parcels.parcels_of_order(found().id, make.store().id)) == 1


def test_details_that_come_after_the_parcel_has_left_count_their_units_as_shipped():
    bring((LIST, order_list(order())))
    make.fact(found(), Stage.SHIPPED)
    bring((DETAILS, two_lines()))
    assert [worlds.counters(found(), n) for n in (1, 2)] == [(1, 0, 1, 1), (1, 0, 1, 1)]


def test_details_that_come_after_the_order_was_cancelled_are_cancelled_too():
    bring((LIST, order_list(order())))
    wish = make.change(found(), Kind.CANCEL, {}, by=make.actor(Role.SUPERVISOR))
    worlds.do(wish, "void", make.actor(Role.PRINTING))
    bring((DETAILS, two_lines()))
    assert [worlds.counters(found(), n)[:2] for n in (1, 2)] == [(1, 1), (1, 1)]
    assert make.parcel(found()).stage is Stage.VOIDED


@pytest.mark.parametrize(("word", "status", "ready"), [
    ("等待买家付款", OrderStatus.UNPAID, Readiness.UNPAID),
    ("交易关闭", OrderStatus.CLOSED, Readiness.CLOSED),
])  # fmt: skip
@pytest.mark.parametrize("name", [LIST, "ExportOrderList202611011000.csv"])
def test_details_that_say_no_status_leave_it_to_the_list_even_to_one_that_is_older(word, status, ready, name):
    bring((DETAILS, details(LINE_OLD | {"订单状态": ""})))
    assert found().has_list is False
    bring((name, order_list(order(订单状态=word))))
    assert (found().status, found().readiness, found().has_list) == (status, ready, True)
    assert found().total_minor == 10_500


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_the_same_files_again_change_nothing():
    files = (LIST, order_list(order())), (DETAILS, details(LINE_OLD))
    bring(*files)
    before = found().version, make.parcel(found()).version
    run = bring(*files)
    assert counts(run) == (0, 0, 1, 0)
    assert codes(run) == []
    assert (found().version, make.parcel(found()).version) == before


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_later_export_updates_what_the_platform_says_and_never_what_the_desk_decided():
    bring((LIST, order_list(order())), (DETAILS, details(LINE_OLD)))
    change = make.change(found(), by=make.actor(Role.PRE_SALE), value={"street": "新样板路1号"}, yes=True)
    bring((LATER, order_list(order(买家留言="请轻放", 商家备忘="别家的话", 买家实际支付金额="100.50"))))
    got = found()
    assert got.buyer_message.reveal("to compare it") == "请轻放"
    assert worlds.effective(got) == "新样板路1号"
    assert worlds.street(make.parcel(got)) == "新样板路1号"
    assert change.state is ChangeState.OPEN
    assert "别家的话" in orders.whole_memo(got)


def test_yesterdays_file_after_todays_fills_gaps_and_says_so():
    bring((LATER, order_list(order(联系手机=""))))
    run = bring(
        (LIST, order_list(order(收货地址="江苏省 苏州市 姑苏区 平江街道 昨天路9号(215000)", 订单状态="等待买家付款")))
    )
    assert codes(run) == ["older_than_known", "orders_without_details"]
    got = found()
    assert (got.status, got.phone.reveal("to compare it")) == (OrderStatus.PAID, "13900000007")
    assert worlds.effective(got).endswith("样板路8号")


def test_a_file_between_the_list_and_its_details_is_not_taken_for_old():
    """The list is of 13:30, its details of 14:00: one of 13:45 is newer than what the list said."""
    bring((LIST, order_list(order())), ("ExportOrderDetailList202611011400.csv", details(LINE_OLD)))
    run = bring(("ExportOrderList202611011345.csv", order_list(order(订单状态=SHIPPED))))
    assert (counts(run), codes(run)) == ((0, 1, 0, 0), [])
    assert found().status is OrderStatus.SHIPPED


def test_a_moment_in_the_future_counts_as_now_with_a_warning():
    run = bring(("ExportOrderList202611051330.csv", order_list(order())))
    assert codes(run) == ["as_of_in_future", "orders_without_details"]
    assert found().as_of == NOW


@pytest.mark.mission("M012")
def test_a_waybill_in_the_row_means_printed_at_a_time_nobody_told_and_several_are_kept():
    bring((LIST, order_list(order(物流单号="SF7000000001,SF7000000002", 物流公司="顺丰速运"))))
    parcel = make.parcel(found())
    assert (parcel.stage, parcel.stage_at, parcel.stage_as_of) == (Stage.PRINTED, None, found().as_of)
    store_id = make.store().id
    assert [w.number for w in parcels.waybills([parcel.id], store_id)] == ["SF7000000001", "SF7000000002"]
    bring((LATER, order_list(order(物流单号="SF7000000002,SF7000000003", 物流公司="顺丰速运"))))
    assert len(parcels.waybills([parcel.id], store_id)) == 3
    assert len(parcels.facts([parcel.id], store_id)) == 1


def test_a_couriers_name_that_is_none_does_not_cost_the_order_its_waybill():
    run = bring((LIST, order_list(order(物流单号="SF7000000001", 物流公司="顺" * 10_000))))
    assert (counts(run), codes(run)) == ((1, 0, 0, 0), ["text_clipped", "orders_without_details"])
    parcel = make.parcel(found())
    assert [len(w.carrier) for w in parcels.waybills([parcel.id], make.store().id)] == [64]


@pytest.mark.parametrize(("word", "stage", "ready"), [
    ("交易成功", Stage.DELIVERED, Readiness.READY),
    ("交易关闭", Stage.UNPRINTED, Readiness.CLOSED),
    (SHIPPED, Stage.UNPRINTED, Readiness.READY),
    ("等待买家付款", Stage.UNPRINTED, Readiness.UNPAID),
])  # fmt: skip
def test_a_status_yields_the_stage_and_the_readiness_of_the_contract(word, stage, ready):
    bring((LIST, order_list(order(订单状态=word))))
    assert (make.parcel(found()).stage, found().readiness) == (stage, ready)


def test_a_refund_state_in_the_details_stops_printing_and_its_end_lets_it_go_on():
    asked = LINE_NEW | {"退款状态": "买家已经申请退款，等待卖家同意"}
    bring((LATER, order_list(order())), (DETAILS, details(asked, headers=DETAIL_NEW)))
    assert found().readiness is Readiness.REFUNDING
    closed = LINE_NEW | {"退款状态": "退款关闭"}
    bring(("ExportOrderDetailList202611011500.csv", details(closed, headers=DETAIL_NEW)))
    assert found().readiness is Readiness.READY


def test_details_older_than_the_list_still_say_that_a_refund_was_asked():
    bring((LATER, order_list(order())))
    asked = LINE_NEW | {"退款状态": "买家已经申请退款，等待卖家同意"}
    bring((DETAILS, details(asked, headers=DETAIL_NEW)))
    assert found().readiness is Readiness.REFUNDING


def numbered(count):
    return [order(订单编号=f'="39001234567890{n:05d}"') for n in range(count)]


@pytest.mark.both_engines
@pytest.mark.parametrize("error", [RuleViolation("bad", code="bad_order"), ValueError("bad")])
def test_one_order_that_cannot_be_applied_does_not_lose_the_others(monkeypatch, error):
    apply_sale = running.apply_sale

    def careful(store, sale, *args, **more):
        if sale.number.endswith("00002"):
            raise error
        return apply_sale(store, sale, *args, **more)

    monkeypatch.setattr(running, "apply_sale", careful)
    run = bring((LIST, order_list(*numbered(4))))
    assert counts(run) == (3, 0, 0, 1)
    note = next(note for note in queries.notes_of(run) if note.severity == "refused")
    assert (note.order_number, note.row_no) == ("3900123456789000002", 4)
    assert note.code == ("bad_order" if isinstance(error, RuleViolation) else "not_stored")
    assert audit.verify()[1] == []


def test_a_desk_that_is_too_busy_refuses_no_order(monkeypatch):
    def busy(*args, **more):
        raise Unavailable("busy")

    monkeypatch.setattr(running, "apply_sale", busy)
    with pytest.raises(Unavailable):
        bring((LIST, order_list(order())))


@pytest.mark.both_engines
def test_texts_of_absurd_length_fit_on_both_engines_and_the_order_is_taken():
    wild = order(物流公司="快" * 900, 订单状态="状" * 300, 发票抬头="票" * 900, 收货人姓名="名" * 900)
    run = bring((LIST, order_list(wild, *numbered(1))), (DETAILS, details(LINE_OLD | {"外部系统编号": "S" * 900})))
    assert counts(run) == (2, 0, 0, 0)
    assert len(found().carrier) == 64


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_two_files_of_the_same_name_have_an_account_each():
    first, second = order_list(*numbered(2)), order_list(order())
    run = bring((LIST, first), (LIST, second), ("长" * 300 + ".csv", details(LINE_OLD)))
    assert counts(run) == (3, 0, 0, 0)
    assert sorted(file.accepted for file in queries.files_of(run)) == [1, 1, 2]


def test_a_masked_buyer_makes_no_customer_and_a_missing_one_none_either_e86():
    bring((LIST, order_list(order(买家会员名="云**"), order(订单编号='="3900123456789012399"', 买家会员名=""))))
    assert [found(n).customer_id for n in (NUMBER, "3900123456789012399")] == [None, None]


def test_an_order_of_fees_alone_has_nothing_to_print_and_makes_no_parcel_again_and_again():
    fee = LINE_OLD | {"标题": "补差价专拍"}
    for name in (LIST, LATER):
        bring((name, order_list(order())), (DETAILS, details(fee)))
    there = parcels.parcels_of_order(found().id, make.store().id)
    assert len(there) <= 1
    assert len(invariants.rows(invariants.Parcel, make.store().id)) <= 1


def test_a_third_value_from_a_file_is_put_to_pre_sale():
    bring((LIST, order_list(order())))
    make.change(found(), value={"street": "新样板路1号"}, by=make.actor(Role.PRE_SALE))
    bring((LATER, order_list(order(收货地址="江苏省 苏州市 姑苏区 平江街道 第三路3号(215000)"))))
    assert [n.role for n in make.notices(found(), NoticeKind.CONTRADICTION)] == [Role.PRE_SALE]
    assert worlds.effective(found()) == "新样板路1号"


def test_a_time_of_the_future_that_was_given_is_not_said_to_be_in_the_name():
    told = codes(bring(("orders.csv", order_list(order())), as_of=NOW + timedelta(days=1)))
    assert "told_in_future" in told
    assert "as_of_in_future" not in told


def test_who_may_not_import_does_not():
    make.store()
    with pytest.raises(NotAllowed):
        run_files(make.store(), [InputFile(LIST, order_list(order()))], as_of=None, actor=make.actor(Role.WAREHOUSE))
    with pytest.raises(RuleViolation):
        run_files(make.store(), [], as_of=None, actor=make.actor(Role.PRE_SALE))


def test_a_picture_named_csv_fails_the_run_and_nothing_is_applied():
    store = make.store()
    picture = InputFile("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(64))
    run = run_files(store, [InputFile(LIST, order_list(order())), picture], as_of=None, actor=make.actor(Role.PRE_SALE))
    assert (run.state, run.failure["file"], found()) == (RunState.FAILED, "photo.csv", None)
    assert clock.now() == NOW


def test_a_run_that_was_broken_off_goes_on_and_counts_and_notes_nothing_twice(tmp_path, monkeypatch):
    """Killed after the first chunk: the worker takes the run again when the lease ends."""
    store, by = make.store(), make.actor(Role.PRE_SALE)
    rows = [order(订单编号=f'="390012345678901230{n}"') for n in range(3)]
    content = order_list(*rows, order(订单编号="4.1E+18"))
    run_id = queue(store, [InputFile(LIST, content)], tmp_path, as_of=None, actor=by).id
    monkeypatch.setattr(running, "CHUNK", 1)
    apply, left = running._apply_chunk, [1]

    def killed(*args, **kwargs):
        if not left:
            raise SystemExit("killed")
        left.pop()
        apply(*args, **kwargs)

    monkeypatch.setattr(running, "_apply_chunk", killed)
    with pytest.raises(SystemExit):
        run_queued(store.id, run_id, tmp_path, actor=by)
    monkeypatch.setattr(running, "_apply_chunk", apply)
    run_queued(store.id, run_id, tmp_path, actor=by)
    run = queries.run_by_id(run_id, by)
    assert (run.state, counts(run), run.orders_total) == (RunState.DONE, (3, 0, 0, 0), 3)
    assert codes(run) == ["id_destroyed_by_excel", "orders_without_details"]


@pytest.mark.parametrize("reason", [KeyboardInterrupt, SystemExit, Unavailable("busy")], ids=repr)
def test_a_run_in_the_foreground_that_is_broken_off_does_not_stay_running(monkeypatch, reason):
    store, by = make.store(), make.actor(Role.PRE_SALE)
    monkeypatch.setattr(running, "CHUNK", 1)
    apply, left = running._apply_chunk, [1]

    def broken(*args, **kwargs):
        if not left:
            raise reason
        left.pop()
        apply(*args, **kwargs)

    monkeypatch.setattr(running, "_apply_chunk", broken)
    rows = order_list(*[order(订单编号=f'="390012345678901230{n}"') for n in range(3)])
    with pytest.raises(type(reason) if isinstance(reason, Exception) else reason):
        run_files(store, [InputFile(LIST, rows)], as_of=None, actor=by)
    run = db.session.scalars(in_store(select(ImportRun), store.id, ImportRun)).one()
    assert (run.state, counts(run), run.done_at) == (RunState.FAILED, (1, 0, 0, 0), NOW)
    assert "broken off" in failure_message(run.failure)[0]


def test_files_that_outlived_their_run_are_removed_when_it_is_met_again(tmp_path):
    """Killed between the last commit and the removal: exports are personal data and do not stay behind."""
    store, by = make.store(), make.actor(Role.PRE_SALE)
    run_id = queue(store, [InputFile(LIST, order_list(order()))], tmp_path, as_of=None, actor=by).id
    kept = next(tmp_path.iterdir())
    content = kept.read_bytes()
    run_queued(store.id, run_id, tmp_path, actor=by)
    kept.write_bytes(content)
    run_queued(store.id, run_id, tmp_path, actor=by)
    assert list(tmp_path.iterdir()) == []


def test_a_line_shows_the_code_of_its_variant_and_is_found_by_that_of_the_article_too():
    bring((LIST, order_list(order())), (DETAILS, details(LINE_OLD)))
    assert worlds.line(found()).sku == "POT-9-BLUE"
    keys = select(SearchKey.value).where(SearchKey.kind == KeyKind.SKU, SearchKey.order_id == found().id)
    assert sorted(db.session.scalars(in_store(keys, make.store().id, SearchKey))) == ["pot-9", "pot-9-blue"]
