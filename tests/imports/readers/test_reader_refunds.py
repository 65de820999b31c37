"""Reading refund and after-sale lists: known by their headers, each cell as in the other readers."""

from __future__ import annotations

import pytest

from shopdesk.cases.states import DETAILS, CaseKind, PlatformWord, platform_word
from shopdesk.imports.readers.reasons import KINDS, REASONS, reason_of
from tests.imports.readers.reader_exports import ORDER, V2022, cells_of, codes, only_problem, read, table, workbook
from tests.imports.refund_exports import PDD, PDD_ROW, ROW, TAOBAO_2019, TAOBAO_2024, pdd, taobao


def only(result):
    (record,) = result.refunds
    return record


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("headers", [TAOBAO_2019, TAOBAO_2024])
def test_both_headers_of_taobao_are_known_in_every_encoding(headers, encoding):
    result = read(taobao({"售后类型": "退货退款"}, headers=headers, encoding=encoding))
    assert (result.problems, result.files[0].profile, only(result).kind) == ([], "taobao_refunds", CaseKind.RETURN)
    assert result.sales == []


def test_pinduoduos_header_is_known_with_its_mark_in_front_and_masks_stay():
    record = only(read(pdd({})))
    assert (record.key, record.number) == ("2900000017", PDD_ROW["订单编号"])
    assert "丁*" not in str(record)
    assert (record.amount_minor, record.due_at) == (2_490, None)


def test_a_workbook_and_a_text_with_tabs_say_the_same():
    of_book = only(read(("退款.xlsx", workbook(cells_of(TAOBAO_2019, ROW)))))
    tabs = "\r\n".join("\t".join(row) for row in (TAOBAO_2019, [ROW.get(name, "") for name in TAOBAO_2019])) + "\r\n"
    assert of_book == only(read(("退款.txt", tabs.encode("gb18030"))))


def test_guards_of_excel_and_an_amount_with_its_unit_are_taken_off():
    record = only(read(taobao({"订单编号": '="3900123456789012345"', "买家退款金额": "1,128.00元"})))
    assert (record.number, record.amount_minor) == ("3900123456789012345", 112_800)


@pytest.mark.parametrize(("cells", "code"), [
    ({"退款编号": "1.7E+17"}, "id_destroyed_by_excel"),
    ({"订单编号": "4.1E+18"}, "id_destroyed_by_excel"),
    ({"退款编号": ""}, "value_missing"),
    ({"退款状态": ""}, "value_missing"),
    ({"退款状态": "款" * 10_001}, "text_too_long"),
    ({"买家退款金额": "一百"}, "amount_unreadable"),
    ({"买家退款金额": "-1.00"}, "amount_negative"),
    ({"买家退款金额": "1.005"}, "amount_too_precise"),
    ({"买家退款金额": "99999999999"}, "amount_too_large"),
])  # fmt: skip
def test_a_bad_cell_refuses_its_row_only(cells, code):
    result = read(taobao(cells, {"退款编号": "170000000000000777"}))
    problem = only_problem(result)
    assert (problem.severity, problem.code, problem.row_no) == ("refused", code, 2)
    assert only(result).key == "170000000000000777"


@pytest.mark.parametrize(("cells", "code"), [
    ({"超时时间": "后天"}, "date_unreadable"),
    ({"退货物流单号": "1.2E+13"}, "waybill_destroyed_by_excel"),
    ({"退货物流单号": "****"}, "waybill_masked"),
    ({"买家退款说明": "线" * 10_001}, "text_clipped"),
    ({"退款状态": "款" * 80}, "text_clipped"),
    ({"订单编号": "3900123456789010000", "退款编号": "170000000000000000"}, "id_perhaps_rounded"),
])  # fmt: skip
def test_an_odd_cell_warns_and_the_row_is_taken(cells, code):
    result = read(taobao(cells))
    assert (codes(result), len(result.refunds), result.files[0].accepted) == ({code}, 1, 1)
    assert len(only(result).platform_status) <= 64


def test_the_same_row_twice_is_a_duplicate_and_another_under_its_number_is_refused():
    result = read(taobao({}, {}, {"退款状态": "退款成功"}))
    (file,) = result.files
    assert (file.rows, file.accepted, file.duplicates, file.refused) == (3, 1, 1, 1)
    assert (only_problem(result).code, only_problem(result).row_no) == ("refund_twice_in_file", 4)


def test_a_list_that_was_cut_off_gives_all_but_its_last_row():
    whole = table(PDD, [PDD_ROW, PDD_ROW | {"售后编号": "2900000018"}]).encode("utf-8")
    result = read(whole[: whole.index(b"2900000018") + 30])
    assert (only_problem(result).severity, len(result.refunds)) == ("refused", 1)


def test_a_list_of_orders_and_one_of_refunds_are_told_apart_in_one_read():
    result = read(taobao({}), table(V2022, [ORDER]).encode("gb18030"))
    assert [file.profile for file in result.files] == ["taobao_refunds", "taobao_order_list"]
    assert (len(result.sales), len(result.refunds)) == (1, 1)


def test_no_problem_repeats_what_a_buyer_wrote():
    result = read(taobao({"买家退款说明": "王小样 13900000007 " * 900, "退货物流公司": "13900000007" * 9}))
    assert len(result.problems) == 2
    assert all("13900000007" not in str(problem.params) for problem in result.problems)


@pytest.mark.parametrize(("word", "meaning"), [
    ("买家已经申请退款，等待卖家同意", PlatformWord.RUNNING),
    ("卖家拒绝退款", PlatformWord.RUNNING),
    ("待商家处理", PlatformWord.RUNNING),
    ("驳回退款，待买家处理", PlatformWord.RUNNING),
    ("平台处理中", PlatformWord.RUNNING),
    ("从未见过的词", PlatformWord.RUNNING),
    (None, PlatformWord.RUNNING),
    ("退款成功", PlatformWord.DONE),
    ("换货补寄成功", PlatformWord.DONE),
    ("退款关闭", PlatformWord.CLOSED),
    ("平台拒绝退款，退款关闭", PlatformWord.CLOSED),
    ("买家撤销", PlatformWord.CLOSED),
    ("买家逾期，超过有效期", PlatformWord.CLOSED),
    ("换货补寄失败", PlatformWord.CLOSED),
])  # fmt: skip
def test_the_platforms_words_come_to_running_closed_or_done(word, meaning):
    assert platform_word(word) is meaning


def test_every_known_reason_has_a_detail_of_its_own_level():
    for reason, detail in REASONS.values():
        assert detail is None or detail in DETAILS[reason]
    assert reason_of("7 天无理由退换货") == reason_of("7天无理由退换货") != (None, None)
    assert reason_of("别的") == reason_of(None) == (None, None)
    assert all((kind is CaseKind.INTERCEPT) == (goal is not None) for kind, goal in KINDS.values())
