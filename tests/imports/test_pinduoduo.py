"""Pinduoduo by files alone: its list of orders and its list of after-sales, in any order, and again."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest
import time_machine
from sqlalchemy import select

from shopdesk.cases import queries as cases
from shopdesk.cases.states import CaseKind, CasePhase, Reason
from shopdesk.changes import queries as changes
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.feeds import queries as feeds
from shopdesk.imports.models import RunState
from shopdesk.imports.service import InputFile, run_files
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.states import LineKind, OrderStatus
from shopdesk.parcels.states import Stage
from tests import invariants, make
from tests.imports.readers.reader_exports import read, table
from tests.imports.refund_exports import PDD_ROW, pdd

NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
NUMBER = PDD_ROW["订单编号"]
HEADERS = [
    "商品", "订单号", "订单状态", "商品总价(元)", "邮费(元)", "店铺优惠折扣(元)", "平台优惠折扣(元)",
    "用户实付金额(元)", "商家实收金额(元)", "商品数量(件)", "支付时间", "发货时间",
    "商品规格", "商家编码-规格维度", "商家备注", "售后状态",
    "订单成交时间", "赠品名称", "赠品数量", "快递单号", "快递公司", "省", "市", "区", "街道/镇",
]  # fmt: skip
ROW = {
    "商品": "毛巾 3条装", "订单号": NUMBER, "订单状态": "已发货，待签收", "商品总价(元)": "59.80", "邮费(元)": "0",
    "用户实付金额(元)": "49.80", "商家实收金额(元)": "53.80", "商品数量(件)": "2", "支付时间": "2026-10-30 10:00:00",
    "发货时间": "2026-10-31 15:30:00", "商品规格": "灰色,3条", "商家编码-规格维度": "TOWEL-3-GRY",
    "售后状态": "无售后或售后取消", "订单成交时间": "2026-10-30 10:00:05", "快递单号": "730000000000011",
    "快递公司": "中通快递", "省": "湖南省", "市": "长沙市", "区": "****",
}  # fmt: skip
ORDERS, AFTER = "orders_export202611011000.csv", "售后导出202611011100.csv"


def listed(*rows, headers=HEADERS, encoding="utf-8-sig"):
    return table(headers, [ROW | row for row in rows]).encode(encoding)


def bring(*files):
    store = make.store(platform="pdd")
    given = [InputFile(name, content) for name, content in files]
    run = run_files(store, given, as_of=None, actor=make.actor(Role.AFTER_SALE, store_id=store.id))
    assert run.state is RunState.DONE, run.failure
    assert invariants.broken(store.id) == []
    return store, run


def order_in(store):
    return db.session.scalars(in_store(select(Order).where(Order.number == NUMBER), store.id, Order)).one()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize("headers", [HEADERS, HEADERS[::-1]])
def test_a_row_is_a_whole_order_whatever_the_order_of_its_columns(headers, encoding):
    result = read(listed({"赠品名称": "搓澡巾", "赠品数量": "1"}, headers=headers, encoding=encoding))
    (sale,) = result.sales
    assert (result.problems, result.files[0].profile) == ([], "pdd_order_list")
    assert (sale.number, sale.status, sale.buyer_id, sale.lines_complete) == (NUMBER, "shipped", None, True)
    assert (sale.goods_minor, sale.paid_minor, sale.received_minor) == (5_980, 4_980, 5_380)
    towel, gift = sale.lines
    assert (towel.quantity, towel.unit_price_minor, towel.sku, towel.refunding) == (2, 2_990, "TOWEL-3-GRY", False)
    assert (gift.kind, gift.title, gift.quantity) == ("gift", "搓澡巾", 1)
    assert (sale.waybills, sale.district) == ((("730000000000011", "中通快递"),), "****")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("待支付", "unpaid"), ("待发货", "paid"), ("已签收", "done"), ("已收货", "done"), ("已取消", "closed"),
        ("未发货，退款成功", "closed"), ("以后才有的词", None),
    ],
)  # fmt: skip
def test_its_status_words_are_known_and_others_are_reported(word, status):
    result = read(listed({"订单状态": word, "售后状态": "售后处理中", "订单成交时间": ""}))
    (sale,) = result.sales
    assert (sale.status, sale.platform_status, sale.refunding) == (status, word, True)
    assert sale.placed_at == datetime(2026, 10, 29, 16, tzinfo=UTC)  # the day in its number, in the store's zone
    assert [p.code for p in result.problems] == ([] if status else ["status_unknown"])


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("turn", [*permutations(["orders", "after"]), ("both",)])
def test_orders_and_after_sales_give_one_case_with_the_article_in_any_order(turn):
    files = {"orders": (ORDERS, listed({"售后状态": "售后处理中"})), "after": (AFTER, pdd({"订单状态": "已发货"}))}
    with time_machine.travel(NOW, tick=False):
        for name in turn:
            store, run = bring(*([files[name]] if name in files else files.values()))
        if turn[0] == "after":
            assert run.created == 1
            bring(files["after"])  # the first time its order was not here yet
        order = order_in(store)
        (case,) = cases.of_order(order.id, store.id, make.actor(Role.SUPERVISOR, store_id=store.id))
        found = cases.of_platform(PDD_ROW["售后编号"], store.id)
        assert (found.id, found.phase, found.kind, found.reason) == (
            case.id, CasePhase.COMMUNICATE, CaseKind.REFUND_ONLY, Reason.NOT_RECEIVED,
        )  # fmt: skip
        assert (make.parcel(order).stage, changes.changes_of_order(order.id, store.id)) == (Stage.SHIPPED, [])
        (line,) = orders.lines(order.id, store.id)
        assert (line.share_minor, line.quantity, line.kind) == (4_980, 2, LineKind.GOODS)
        assert (order.status, order.customer_id) == (OrderStatus.SHIPPED, None)
        told = {(str(f.kind), f.origin) for f in feeds.feeds_in(store.id)}
        assert told == {("orders", "pdd export"), ("refunds", "pdd after-sales")}


@pytest.mark.usefixtures("app")
def test_an_application_on_what_was_not_sent_is_a_hold_and_a_later_list_that_says_none_withdraws_it():
    not_sent = {"订单状态": "待发货", "发货时间": "", "快递单号": ""}
    with time_machine.travel(NOW, tick=False):
        store, _run = bring((ORDERS, listed(not_sent | {"售后状态": "售后处理中"})))
        bring(("orders_export202611011200.csv", listed(not_sent)))
        found = changes.applications.of_order(order_in(store).id, store.id)
        assert [str(row.state) for row in found] == ["withdrawn"]
