"""Every variant of the list and the detail file, in every encoding and container, gives the same order."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from reader_exports import (
    DETAIL_NEW,
    DETAIL_OLD,
    LINE_NEW,
    LINE_OLD,
    NUMBER,
    ORDER,
    V2018,
    V2022,
    VARIANTS,
    cells_of,
    details,
    order,
    order_list,
    read,
    table,
    workbook,
)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_every_list_variant_gives_the_order(variant: str, encoding: str) -> None:
    result = read(order_list(ORDER, headers=VARIANTS[variant], encoding=encoding))

    (sale,) = result.sales
    assert result.problems == []
    assert (sale.number, sale.buyer_id, sale.status) == (NUMBER, "云上的猫", "paid")
    assert (sale.goods_minor, sale.shipping_minor, sale.total_minor, sale.paid_minor) == (9900, 600, 10500, 10050)
    assert sale.placed_at == datetime(2026, 10, 30, 0, 0, 1, tzinfo=UTC)
    assert (sale.province, sale.city, sale.district, sale.street, sale.zip) == (
        "江苏省",
        "苏州市",
        "姑苏区",
        "平江街道 样板路8号",
        "215000",
    )
    assert (sale.phone, sale.unit_count, sale.titles) == ("13900000007", 2, "样品茶壶")
    assert sale.received_minor == (None if variant == "v2016" else 0)
    assert (sale.lines, sale.lines_complete, sale.has_list) == ((), False, True)
    assert result.files[0].profile == "taobao_order_list"
    assert result.files[0].encoding.startswith("utf-16" if encoding == "utf-16" else encoding)


def test_a_workbook_gives_the_same_order_as_a_csv_file() -> None:
    from_text = read(order_list(ORDER)).sales[0]
    from_book = read(("订单.xlsx", workbook(cells_of(V2022, ORDER)))).sales[0]
    assert replace(from_book, rows=()) == replace(from_text, rows=())
    assert from_book.rows == (("订单.xlsx", 2),)


def test_numbers_in_a_workbook_are_read_exactly_and_a_numeric_order_number_is_refused() -> None:
    rows = cells_of(V2018, order(), order(订单编号="X"))
    rows[1][V2018.index("总金额")] = 105.00
    rows[1][V2018.index("买家实际支付金额")] = 0.1 + 0.2
    rows[2][0] = 3900123456789012345
    result = read(("o.xlsx", workbook(rows)))
    assert (result.sales[0].total_minor, result.sales[0].paid_minor) == (10500, 30)
    assert [(p.row_no, p.code) for p in result.problems] == [(3, "id_destroyed_by_excel")]


def test_other_filled_sheets_are_named_and_an_empty_first_sheet_is_passed_over() -> None:
    result = read(("o.xlsx", workbook([], cells_of(V2022, ORDER), [["备忘"]])))
    assert len(result.sales) == 1
    assert [(p.code, p.facts["sheet"]) for p in result.problems] == [("sheet_skipped", "Sheet3")]


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_other_delimiters_are_found(delimiter: str) -> None:
    text = table(V2022, [order(订单编号=NUMBER)]).replace(",", delimiter)
    assert read(text.encode("gb18030")).sales[0].number == NUMBER


def test_a_title_row_above_the_header_is_passed_over_and_rows_keep_their_numbers() -> None:
    text = "订单报表 2026-11\r\n\r\n" + table(V2018, [ORDER])
    assert read(text.encode()).sales[0].rows == (("file1.csv", 4),)


@pytest.mark.parametrize("order_of_files", [1, -1])
def test_a_list_and_its_details_make_complete_lines_in_any_order(order_of_files: int) -> None:
    files = [("a.csv", order_list(ORDER)), ("b.csv", details(LINE_OLD))][::order_of_files]
    result = read(*files)
    (sale,) = result.sales
    assert result.problems == []
    assert sale.lines_complete
    assert sale.rows == (("a.csv", 2), ("b.csv", 2))
    (line,) = sale.lines
    assert (line.key, line.quantity, line.unit_price_minor) == ("n1", 2, 4950)
    assert (line.sku, line.item_code) == ("POT-9-BLUE", "POT-9")
    assert line.attributes == "颜色分类：青花；容量：500ml"
    assert line.pairs == (("颜色分类", "青花"), ("容量", "500ml"))


def test_the_new_detail_file_brings_shares_and_refund_states() -> None:
    asked = LINE_NEW | {
        "子订单编号": "3900123456789012347",
        "退款状态": "买家已经申请退款，等待卖家同意",
        "买家实付金额": "",
    }
    closed = LINE_NEW | {"子订单编号": "3900123456789012348", "退款状态": "退款关闭", "买家实付金额": ""}
    (sale,) = read(details(LINE_NEW, asked, closed, headers=DETAIL_NEW)).sales
    assert [line.key for line in sale.lines] == ["3900123456789012346", "3900123456789012347", "3900123456789012348"]
    assert [line.refunding for line in sale.lines] == [False, True, False]
    assert sale.lines[0].paid_share_minor == 9450
    assert sale.refunding


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("样品茶壶", "goods"),
        ("【赠品】茶巾 勿拍", "gift"),
        ("赠品茶巾", "gift"),
        ("买一送一有赠品 茶壶", "goods"),
        ("补差价专用链接", "fee"),
        ("邮费", "fee"),
        ("包邮茶壶", "goods"),
    ],
)
def test_the_title_tells_gifts_and_fees_apart(title: str, kind: str) -> None:
    assert read(details(LINE_OLD | {"标题": title})).sales[0].lines[0].kind == kind


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("等待买家付款", "unpaid"),
        ("买家已付款,等待卖家发货", "paid"),
        ("卖家部分发货", "part_shipped"),
        ("卖家已发货，等待买家确认", "shipped"),
        ("交易成功", "done"),
        ("交易关闭", "closed"),
        ("等待卖家发货（买家已付款）", "paid"),
    ],
)
def test_the_platforms_words_are_mapped_and_kept(given: str, status: str) -> None:
    (sale,) = read(order_list(order(订单状态=given))).sales
    assert (sale.platform_status, sale.status) == (given, status)


def test_an_unknown_status_is_kept_verbatim_with_a_warning() -> None:
    result = read(order_list(order(订单状态="买家正在犹豫")))
    assert (result.sales[0].platform_status, result.sales[0].status) == ("买家正在犹豫", None)
    assert (result.problems[0].code, result.problems[0].value_excerpt) == ("status_unknown", "买家正在犹豫")


@pytest.mark.parametrize(
    ("cell", "carrier", "waybills"),
    [
        ("No:YT0000000000012", "圆通速递", (("YT0000000000012", "圆通速递"),)),
        (
            "No:YT0000000000012,No:SF0000000000013",
            "圆通速递,顺丰速运",
            (("YT0000000000012", "圆通速递"), ("SF0000000000013", "顺丰速运")),
        ),
        (
            "YT0000000000012；YT0000000000014 YT0000000000012",
            "圆通速递",
            (("YT0000000000012", "圆通速递"), ("YT0000000000014", "圆通速递")),
        ),
        ("", "", ()),
    ],
)
def test_all_waybills_of_a_cell_are_kept(cell: str, carrier: str, waybills: tuple[tuple[str, str], ...]) -> None:
    assert read(order_list(order(物流单号=cell, 物流公司=carrier))).sales[0].waybills == waybills


def test_the_changed_address_counts_and_says_so() -> None:
    result = read(order_list(order(修改后的收货地址="浙江省 杭州市 西湖区 新样路9号(310000)")))
    assert (result.sales[0].city, result.sales[0].street) == ("杭州市", "新样路9号")
    assert result.problems[0].code == "address_changed_on_platform"


def test_the_landline_stands_in_for_a_missing_mobile() -> None:
    assert read(order_list(order(联系手机="", 联系电话="0512-65000000"))).sales[0].phone == "0512-65000000"


def test_detail_headers_are_matched_by_name_in_any_order() -> None:
    result = read(details(LINE_OLD, headers=DETAIL_OLD[::-1]))
    assert result.files[0].profile == "taobao_order_detail_old"
    assert result.sales[0].lines[0].title == "样品茶壶"
