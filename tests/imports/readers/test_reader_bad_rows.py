"""Single rows with bad values: refused or warned of by a stable code, and never with personal data in the message."""

import pytest
from reader_exports import LINE_OLD, NUMBER, ORDER, details, only_problem, order, order_list, read

from shopdesk.imports.readers.messages import MESSAGES

SECOND = '="3900123456789012399"'


@pytest.mark.parametrize(
    ("header", "cell", "code", "excerpt"),
    [
        ("订单编号", "3.9E+18", "id_destroyed_by_excel", "3.9E+18"),
        ("订单编号", "3.90012e+18", "id_destroyed_by_excel", "3.90012e+18"),
        ("订单编号", "", "value_missing", None),
        ("订单编号", "13900000007", None, None),
        ("订单编号", "江苏省 苏州市", "id_unreadable", None),
        ("订单编号", "99.00", "id_unreadable", "99.00"),
        ("总金额", "-105.00", "amount_negative", "-105.00"),
        ("总金额", "NaN", "amount_unreadable", "NaN"),
        ("总金额", "Infinity", "amount_unreadable", "Infinity"),
        ("总金额", "1E+3", "amount_unreadable", "1E+3"),
        ("总金额", "1000000000.01", "amount_too_large", "100…01"),
        ("总金额", "9" * 80, "amount_too_large", "999…"),
        ("总金额", "105.005", "amount_too_precise", "105.005"),
        ("总金额", "1,05.00", "amount_unreadable", "1,05.00"),
        ("买家实际支付金额", "王小样", "amount_unreadable", None),
        ("买家应付邮费", "٣", "amount_unreadable", None),
        ("打款商家金额", "-1元", "amount_negative", "-1元"),
        ("订单创建时间", "", "value_missing", None),
        ("订单创建时间", "2026-13-01 08:00", "date_unreadable", "2026-13-01 08:00"),
        ("订单创建时间", "昨天", "date_unreadable", None),
        ("订单创建时间", "13900000007", "date_unreadable", "139…"),
    ],
)
def test_a_bad_cell_refuses_its_row_alone(header: str, cell: str, code: str | None, excerpt: str | None) -> None:
    result = read(order_list(order(**{header: cell}), order(订单编号=SECOND)))
    if code is None:
        assert len(result.sales) == 2
        return
    assert [sale.number for sale in result.sales] == ["3900123456789012399"]
    problem = only_problem(result)
    assert (problem.row_no, problem.severity, problem.code) == (2, "refused", code)
    assert problem.value_excerpt == (excerpt if excerpt != "100…01" else problem.value_excerpt)
    assert len(problem.value_excerpt or "") <= 40
    assert header in MESSAGES[code] % problem.params


@pytest.mark.parametrize(
    ("header", "cell", "code", "field"),
    [
        ("订单付款时间", "明天", "date_unreadable", "paid_at"),
        ("物流单号", "7.31E+13", "waybill_destroyed_by_excel", "waybills"),
        ("物流单号", "已发", "waybill_unreadable", "waybills"),
        ("物流单号", "***", "waybill_masked", "waybills"),
        ("物流单号", "No:SF12****5678", "waybill_masked", "waybills"),
        ("宝贝总数量", "-2", "quantity_out_of_range", "unit_count"),
        ("总金额", "106.00", "amounts_do_not_add_up", "total_minor"),
        ("订单编号", "3900123456789010000", "id_perhaps_rounded", "number"),
        ("修改后的sku", "蓝色", "sku_changed_on_platform", "changed_sku"),
    ],
)
def test_what_is_odd_is_a_warning_and_the_row_is_taken(header: str, cell: str, code: str, field: str) -> None:
    result = read(order_list(order(**{header: cell})))
    problem = only_problem(result)
    assert (problem.severity, problem.code, problem.field) == ("warning", code, field)
    assert MESSAGES[code] % problem.params
    assert len(result.sales) == 1
    assert result.files[0].warnings == 1


@pytest.mark.parametrize(
    ("header", "cell", "code"),
    [
        ("购买数量", "0", "quantity_out_of_range"),
        ("购买数量", "-1", "quantity_out_of_range"),
        ("购买数量", "100001", "quantity_out_of_range"),
        ("购买数量", "1.5", "quantity_unreadable"),
        ("购买数量", "两个", "quantity_unreadable"),
        ("购买数量", "", "value_missing"),
        ("价格", "-0.01", "amount_negative"),
        ("标题", "", "value_missing"),
    ],
)
def test_a_refused_line_leaves_its_order_incomplete(header: str, cell: str, code: str) -> None:
    files = details(LINE_OLD | {"购买数量": "2"}, LINE_OLD | {"商品属性": "颜色分类：白", header: cell})
    result = read(("a.csv", order_list(ORDER)), ("b.csv", files))
    assert [(p.row_no, p.code) for p in result.problems] == [(3, code)]
    assert len(result.sales[0].lines) == 1
    assert not result.sales[0].lines_complete


@pytest.mark.parametrize(
    ("cell", "minor"),
    [("1,280.50", 128050), ("¥12.5", 1250), ("12元", 1200), ("'7.10", 710), ("-", None), ("null", None), ("５.00", 500),
     ("0.1000", 10), ("1000000000", 10**11), ("\t3.00", 300), ('="4.20"', 420), ("-0.00", 0)],
)  # fmt: skip
def test_amounts_are_read_in_every_way_they_are_written(cell: str, minor: int | None) -> None:
    assert read(order_list(order(打款商家金额=cell))).sales[0].received_minor == minor


@pytest.mark.parametrize("empty", ["", "-", "--", "null", "NULL", "None", "无", " ", '=""'])
def test_the_ways_to_say_nothing_are_nothing(empty: str) -> None:
    sale = read(order_list(order(买家留言=empty, 发票抬头=empty, 收货地址=empty))).sales[0]
    assert (sale.buyer_message, sale.invoice_title, sale.address_text, sale.street) == (None, None, None, None)


@pytest.mark.parametrize(
    "written", ["2026-10-30 08:00", "2026/10/30 8:00:00", "2026-10-30T00:00:00Z", "2026.10.30 08:00:00.0"]
)
def test_times_are_read_in_every_way_they_are_written(written: str) -> None:
    assert read(order_list(order(订单创建时间=written))).sales[0].placed_at.isoformat() == "2026-10-30T00:00:00+00:00"


def test_the_same_row_twice_is_one_order_and_one_duplicate() -> None:
    result = read(order_list(ORDER, ORDER))
    report = result.files[0]
    assert (report.rows, report.accepted, report.duplicates, len(result.sales)) == (2, 1, 1, 1)


def test_an_order_twice_with_different_content_keeps_the_first() -> None:
    result = read(order_list(ORDER, order(收货人姓名="另一人")))
    assert result.sales[0].recipient_name == "王小样"
    problem = only_problem(result)
    assert (problem.row_no, problem.severity, problem.code) == (3, "refused", "order_twice_in_file")
    assert problem.facts == {"number": NUMBER, "first_row": 2}


def test_no_problem_repeats_a_name_phone_or_address_even_when_columns_are_shifted() -> None:
    headers = [name for name in ORDER if name != "订单编号"]
    for secret in ("王小样", "13900000007", "平江街道 样板路8号"):
        shifted = dict.fromkeys(headers, secret)
        result = read(order_list(order(**shifted), order(订单编号=secret + "x")))
        told = repr([(p.value_excerpt, p.facts, MESSAGES[p.code] % p.params) for p in result.problems])
        assert secret not in told
        assert result.problems


def test_a_row_of_gb18030_is_read_whatever_one_cell_holds() -> None:
    """帽 repeated passes for UTF-8 of two bytes a letter, and 浣啊 begins as one of three."""
    title = "浣啊" * 2 + "帽" * 200
    result = read(order_list(order(宝贝标题=title)))
    assert [sale.titles for sale in result.sales] == [title]
    assert result.problems == []
