"""Several files about the same orders: gaps filled, the later file believed, contradictions said aloud."""

import pytest
from reader_exports import (
    DETAIL_NEW,
    LINE_NEW,
    LINE_OLD,
    NUMBER,
    ORDER,
    V2016,
    codes,
    details,
    only_problem,
    order,
    order_list,
    read,
)

EARLY, LATE = "ExportOrderList20261101133000.csv", "ExportOrderList202611011430.csv"


@pytest.mark.parametrize("turn", [1, -1])
def test_the_later_of_two_dated_lists_wins_and_the_older_fills_gaps(turn: int) -> None:
    old = order_list(order(订单备注="送花", 订单状态="等待买家付款", 收货地址="江苏省 苏州市 姑苏区 旧路1号"))
    new = order_list(order(收货地址="某地新路2号"))
    result = read(*[(EARLY, old), (LATE, new)][::turn])
    (sale,) = result.sales
    problem = only_problem(result)
    assert (problem.file, problem.code, problem.facts["other"]) == (EARLY, "older_than_other_file", LATE)
    assert (sale.status, sale.platform_memo) == ("paid", "送花")
    assert (sale.address_text, sale.city) == ("某地新路2号", None)
    assert {name for name, _ in sale.rows} == {EARLY, LATE}


def test_an_unknown_newer_status_is_not_filled_by_an_older_one() -> None:
    result = read((EARLY, order_list(ORDER)), (LATE, order_list(order(订单状态="新词"))))
    assert (result.sales[0].platform_status, result.sales[0].status) == ("新词", None)


def test_two_undated_lists_that_disagree_are_reported_and_the_first_stands() -> None:
    result = read(("a.csv", order_list(ORDER)), ("b.csv", order_list(order(收货人姓名="李小样"))))
    assert result.sales[0].recipient_name == "王小样"
    problem = only_problem(result)
    assert (problem.file, problem.code, problem.facts["other"]) == ("b.csv", "files_disagree", "a.csv")
    assert problem.facts["taken"] == "a.csv"
    assert problem.facts["fields"] == ["recipient_name"]
    assert [report.accepted for report in result.files] == [1, 1]


def test_two_variants_with_the_same_content_are_duplicates_only_when_equal() -> None:
    result = read(("a.csv", order_list(ORDER, headers=V2016)), ("b.csv", order_list(ORDER)))
    assert result.problems == []
    assert result.sales[0].received_minor == 0


def test_details_without_their_list_are_kept_with_a_warning() -> None:
    result = read(details(LINE_OLD))
    (sale,) = result.sales
    assert (sale.number, sale.has_list, sale.currency, sale.total_minor) == (NUMBER, False, "CNY", None)
    assert sale.lines_complete
    assert (only_problem(result).severity, only_problem(result).code) == ("warning", "detail_without_list")


def test_fewer_units_than_the_list_counts_leave_the_lines_incomplete() -> None:
    result = read(("a.csv", order_list(ORDER)), ("b.csv", details(LINE_OLD | {"购买数量": "1"})))
    assert not result.sales[0].lines_complete
    assert only_problem(result).facts == {"number": NUMBER, "units": 1, "list_units": 2}


def test_equal_rows_without_line_numbers_are_two_lines_when_the_list_counts_them() -> None:
    twin = LINE_OLD | {"购买数量": "1"}
    counted = read(("a.csv", order_list(ORDER)), ("b.csv", details(twin, twin)))
    assert [line.key for line in counted.sales[0].lines] == ["n1", "n2"]
    assert counted.files[1].accepted == 2
    repeated = read(("a.csv", order_list(order(宝贝总数量="1"))), ("b.csv", details(twin, twin)))
    assert len(repeated.sales[0].lines) == 1
    assert repeated.files[1].duplicates == 1


def test_a_line_number_twice_with_different_content_is_refused() -> None:
    result = read(details(LINE_NEW, LINE_NEW | {"购买数量": "1"}, LINE_NEW, headers=DETAIL_NEW))
    report = result.files[0]
    assert (report.accepted, report.refused, report.duplicates) == (1, 1, 1)
    assert "line_twice_in_file" in codes(result)
    assert not result.sales[0].lines_complete


def test_details_later_than_the_list_bring_the_newer_status() -> None:
    shipped = details(LINE_OLD | {"订单状态": "卖家已发货，等待买家确认"})
    later = read((EARLY, order_list(ORDER)), ("ExportOrderDetailList202611011430.csv", shipped))
    assert (later.sales[0].status, later.problems) == ("shipped", [])
    earlier = read((LATE, order_list(ORDER)), ("ExportOrderDetailList202611011330.csv", shipped))
    assert (earlier.sales[0].status, earlier.problems) == ("paid", [])
    undated = read(("a.csv", order_list(ORDER)), ("b.csv", shipped))
    assert undated.sales[0].status == "paid"
    assert only_problem(undated).facts["fields"] == ["platform_status"]


def test_shares_above_what_was_paid_are_reported() -> None:
    result = read(
        ("a.csv", order_list(ORDER)), ("b.csv", details(LINE_NEW | {"买家实付金额": "100.51"}, headers=DETAIL_NEW))
    )
    assert only_problem(result).code == "shares_exceed_paid"


def test_numbered_lines_of_two_files_are_joined() -> None:
    other = LINE_NEW | {"子订单编号": "3900123456789012347", "商品属性": "颜色分类:白"}
    result = read(
        ("a.csv", details(LINE_NEW, headers=DETAIL_NEW)), ("b.csv", details(LINE_NEW, other, headers=DETAIL_NEW))
    )
    assert [line.key[-1] for line in result.sales[0].lines] == ["6", "7"]
    assert [(report.accepted, report.duplicates) for report in result.files] == [(1, 0), (1, 1)]


def test_old_and_new_details_together_keep_the_platforms_line_numbers() -> None:
    result = read(("a.csv", details(LINE_OLD)), ("b.csv", details(LINE_NEW, headers=DETAIL_NEW)))
    assert [line.key for line in result.sales[0].lines] == ["3900123456789012346"]
    assert "files_disagree" in codes(result)
