"""Files that are not what they should be: refused as a whole with a reason, or read as far as they go."""

import zipfile
from io import BytesIO

import pytest
from reader_exports import (
    LINE_OLD,
    NUMBER,
    ORDER,
    V2018,
    V2022,
    cells_of,
    codes,
    details,
    only_problem,
    order,
    order_list,
    read,
    table,
    workbook,
)

from shopdesk.imports.readers import encoding
from shopdesk.imports.readers import workbook as workbook_reader
from shopdesk.imports.readers.messages import MESSAGES

SECOND = '="3900123456789012399"'


def zipped(**members: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "file_empty"),
        (b"\x00" * 50, "file_empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, "not_a_table"),
        (b"\xff\xd8\xff\xe0JFIF", "not_a_table"),
        (b"%PDF-1.7\n", "not_a_table"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "not_a_table"),
        (bytes(range(1, 32)) * 300, "not_a_text"),
        (b'{"orders": [{"number": "4100"}]}', "not_a_table"),
        (b'\xef\xbb\xbf [\n {"number": 1', "not_a_table"),
        (zipped(**{"a.txt": b"x"}), "not_a_table"),
        (b"PK\x03\x04" + b"cut short", "workbook_damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "workbook_damaged"),
        (zipped(**{"xl__workbook.xml": b"<workbook"}), "workbook_damaged"),
        ("姓名,电话\n甲,1\n".encode(), "unknown_header"),
        ("日期,金额".encode("gb18030"), "unknown_header"),
        (b"just words", "unknown_header"),
        (",".join(["订单编号", *map(str, range(300))]).encode(), "too_many_columns"),
        (workbook([["a", "b"]]), "unknown_header"),
        (workbook([]), "file_empty"),
        (workbook([["x"] * 250]), "too_many_columns"),
    ],
)
def test_a_file_that_is_no_export_is_refused_with_a_reason(content: bytes, code: str) -> None:
    result = read(("订单.csv", content))
    (problem,) = result.unreadable
    assert (problem.code, problem.file) == (code, "订单.csv")
    assert MESSAGES[code] % problem.params
    assert (result.sales, result.files) == ([], [])


def test_an_unknown_header_is_shown_by_its_first_eight_names() -> None:
    (problem,) = read(",".join(f"列{i}" for i in range(12)).encode("gb18030")).unreadable
    assert problem.facts == {"headers": [f"列{i}" for i in range(8)]}


def test_one_unreadable_file_does_not_hide_the_others() -> None:
    result = read(("bild.csv", b"\x89PNG\r\n"), ("o.csv", order_list(ORDER)))
    assert [sale.number for sale in result.sales] == [NUMBER]
    assert [problem.file for problem in result.unreadable] == ["bild.csv"]


def test_a_file_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "MAX_FILE_BYTES", 100)
    assert read(order_list(ORDER)).unreadable[0].code == "file_too_large"


def test_a_workbook_that_unpacks_too_large_is_refused_by_what_it_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_reader, "MAX_UNZIPPED_BYTES", 100_000)
    bomb = workbook(cells_of(V2022, ORDER), extra={"xl/media/a.bin": b"\x00" * 200_000})
    assert read(("o.xlsx", bomb)).unreadable[0].code == "workbook_too_large"


def test_a_workbook_that_lies_about_its_size_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_reader, "MAX_UNZIPPED_BYTES", 100_000)
    bomb = workbook(cells_of(V2022, ORDER), extra={"xl/media/a.bin": b"\x00" * 200_000})
    lying = bomb.replace((200_000).to_bytes(4, "little"), (20).to_bytes(4, "little"))
    assert read(("o.xlsx", lying)).unreadable[0].code in {"workbook_too_large", "workbook_damaged"}


def test_a_sheet_whose_corner_lies_a_million_rows_down_is_refused_before_it_is_loaded() -> None:
    book = workbook(cells_of(V2022, ORDER))
    source = zipfile.ZipFile(BytesIO(book))
    members = {name: source.read(name) for name in source.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    members["xl/worksheets/sheet1.xml"] = sheet.replace(
        b"</sheetData>", b'<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'
    )
    assert read(("o.xlsx", zipped(**members))).unreadable[0].code == "workbook_too_large"


def test_a_header_without_rows_is_read_with_a_warning() -> None:
    result = read(order_list())
    assert (result.files[0].rows, only_problem(result).code) == (0, "no_rows")


def test_rows_in_another_encoding_are_read_and_pointed_out() -> None:
    header, row = table(V2018, [ORDER]).splitlines()
    other = row.replace(NUMBER, "3900123456789012399")
    for base, strange in (("gb18030", "utf-8"), ("utf-8", "gb18030")):
        content = b"\r\n".join(
            [header.encode(base), row.encode(base), row.replace("012345", "012366").encode(base), other.encode(strange)]
        )
        result = read(content)
        assert {sale.recipient_name for sale in result.sales} == {"王小样"}
        assert len(result.sales) == 3
        assert (only_problem(result).row_no, only_problem(result).code) == (4, "mixed_encoding")


def test_a_damaged_row_is_refused_and_its_neighbours_are_read() -> None:
    good, bad = order(), order(订单编号=SECOND)
    for base in ("utf-8", "gb18030"):
        content = table(V2018, [good, bad]).encode(base)
        name = "王小样".encode(base)
        at = content.rindex(name)
        content = content[:at] + name[:1] + b"\xff\xff" + name[3:] + content[at + len(name) :]
        result = read(content)
        assert [sale.number for sale in result.sales] == [NUMBER]
        assert [(p.row_no, p.severity, p.code, p.value_excerpt) for p in result.problems] == [
            (3, "refused", "damaged_text", None)
        ]


def test_a_replacement_character_in_a_message_is_kept_with_a_warning() -> None:
    result = read(order_list(order(买家留言="谢谢\ufffd"), encoding="utf-8"))
    assert result.sales[0].buyer_message == "谢谢\ufffd"
    assert (only_problem(result).severity, only_problem(result).code) == ("warning", "damaged_text")


def test_the_row_in_which_a_file_is_cut_off_is_refused() -> None:
    whole = table(V2018, [order(), order(订单编号=SECOND)]).encode("gb18030")
    for lost in (60, 61, 62, 120):
        result = read(whole[:-lost])
        assert [sale.number for sale in result.sales] == [NUMBER]
        assert only_problem(result).severity == "refused"
        assert only_problem(result).row_no == 3


def test_nul_bytes_are_left_out_with_a_warning() -> None:
    content = order_list(order(买家留言="你好世界")).replace(
        "你好".encode("gb18030"), "你".encode("gb18030") + b"\x00\x00"
    )
    result = read(content)
    assert result.sales[0].buyer_message == "你世界"
    assert only_problem(result).code == "nul_bytes"


def test_a_comma_that_shifts_the_columns_refuses_the_row() -> None:
    content = (
        table(V2018, [order(宝贝标题="茶壶甲乙"), order(订单编号=SECOND)]).replace("茶壶甲乙", "茶壶,甲乙").encode()
    )
    result = read(content)
    assert [sale.number for sale in result.sales] == ["3900123456789012399"]
    assert (only_problem(result).row_no, only_problem(result).code) == (2, "row_too_wide")


def test_a_line_end_inside_quotes_belongs_to_the_message() -> None:
    result = read(order_list(order(买家留言="第一行\n第二行"), order(订单编号=SECOND)))
    assert result.sales[0].buyer_message == "第一行\n第二行"
    assert [sale.rows[0][1] for sale in result.sales] == [2, 3]


def test_a_line_end_without_quotes_loses_no_other_row() -> None:
    content = table(V2018, [order(买家留言="半句话在此"), order(订单编号=SECOND)]).replace("话在", "话\n在").encode()
    result = read(content)
    assert [sale.number for sale in result.sales] == ["3900123456789012399"]
    refused = [(p.row_no, p.code) for p in result.problems if p.severity == "refused"]
    assert refused == [(2, "row_short_of_field"), (3, "row_short_of_field")]


def test_a_quote_that_never_closes_swallows_no_row() -> None:
    content = table(V2018, [order(买家留言="引号甲"), order(订单编号=SECOND), order(订单编号=SECOND[:-2] + '8"')])
    result = read(content.replace("引号甲", '"引号甲').encode())
    assert {"3900123456789012399", "3900123456789012398"} <= {sale.number for sale in result.sales}
    assert result.files[0].rows == 3
    assert codes(result) <= {"quote_repaired", "quote_not_closed"}


def test_a_file_in_big5_is_recognised_by_its_header_or_refused() -> None:
    result = read("訂單編號,買家\n1,2\n".encode("big5"))
    assert result.unreadable[0].code == "unknown_header"


def test_ten_thousand_characters_are_kept_and_more_are_clipped_with_a_warning() -> None:
    kept = read(order_list(order(买家留言="长" * 10_000)))
    assert kept.sales[0].buyer_message == "长" * 10_000
    assert kept.problems == []
    clipped = read(order_list(order(买家留言="长" * 10_001)))
    assert clipped.sales[0].buyer_message == "长" * 10_000
    assert (only_problem(clipped).code, only_problem(clipped).facts["length"]) == ("text_clipped", 10_001)


def test_a_name_of_more_than_ten_thousand_characters_refuses_the_row() -> None:
    for text in ("名" * 10_001, "名" * 200_000):
        result = read(order_list(order(收货人姓名=text)))
        assert result.sales == []
        assert ("refused", "text_too_long", None) in [(p.severity, p.code, p.value_excerpt) for p in result.problems]


def test_emoji_and_right_to_left_text_pass_unharmed_and_control_characters_do_not() -> None:
    text = "👨‍👩‍👧 شكراً \u202eabc\u202c 👍🏽"
    result = read(order_list(order(买家留言=f"\x07{text}\x1b"), encoding="gb18030"))
    assert result.sales[0].buyer_message == text
    assert result.problems == []


def test_the_same_file_twice_is_all_duplicates() -> None:
    result = read(("a.csv", order_list(ORDER)), ("b.csv", details(LINE_OLD)), ("a.csv", order_list(ORDER)))
    assert [report.duplicates for report in result.files] == [0, 0, 1]
    assert len(result.sales) == 1
