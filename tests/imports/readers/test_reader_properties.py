"""Whatever a file holds, reading ends with an account of every row, and good rows are never lost to bad neighbours."""

import contextlib
import csv
import io
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from reader_exports import DETAIL_NEW, DETAIL_OLD, LINE_NEW, LINE_OLD, ORDER, V2018, V2022, order_list, table

from shopdesk.imports.readers import read_files
from shopdesk.imports.readers.cells import CellError, read_money
from shopdesk.imports.readers.messages import MESSAGES
from shopdesk.imports.readers.records import ReadResult

GARBAGE = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["", "-1", "NaN", "4.1E+18", "99.00", "null", '="1234567"', "2026-11-01 08:00", "\ufffd", '"', "'", "1\n2"]
    ),
    st.integers(-5, 10**20).map(str),
)
PREFIXES = st.sampled_from(["ExportOrderList202611011430.csv", "ExportOrderList202611011500.csv", "x.csv", "y.csv"])
NUMBERS = st.sampled_from(["4000000000000000001", "4000000000000000002", "4000000000000000003"])


@st.composite
def _rows(draw: st.DrawFn, headers: list[str], base: dict[str, str], number: str) -> list[list[str]]:
    rows = []
    for _ in range(draw(st.integers(0, 6))):
        cells = base | {number: draw(NUMBERS)}
        if draw(st.booleans()):
            cells |= draw(st.dictionaries(st.sampled_from(list(base)), GARBAGE, max_size=3))
        row = [cells.get(name.strip(), "") for name in headers]
        cut = draw(st.sampled_from([None, None, None, None, 3, -1]))
        rows.append(row[:cut] if cut else row)
        if draw(st.integers(0, 4)) == 0:
            rows.append(rows[-1])
    return rows


@st.composite
def _files(draw: st.DrawFn) -> tuple[str, bytes]:
    headers, base, number = draw(
        st.sampled_from(
            [(V2018, ORDER, "订单编号"), (V2022, ORDER, "订单编号"), (DETAIL_OLD, LINE_OLD, "订单编号"),
             (DETAIL_NEW, LINE_NEW, "主订单编号")]
        )
    )  # fmt: skip
    out = io.StringIO()
    writer = csv.writer(out, quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])))
    writer.writerows([headers, *draw(_rows(headers, base, number))])
    content = out.getvalue().encode(draw(st.sampled_from(["gb18030", "utf-8", "utf-8-sig"])), "replace")
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(len(",".join(headers).encode()) // 2, len(content)))
        content = content[:at] + draw(st.binary(max_size=4)) + content[at + draw(st.integers(0, 4)) :]
    return draw(PREFIXES), content


def assert_accounted(result: ReadResult) -> None:
    for report in result.files:
        assert report.rows == report.accepted + report.refused + report.duplicates
        assert min(report.accepted, report.refused, report.duplicates) >= 0
    for problem in result.problems:
        assert MESSAGES[problem.code] % problem.params
        assert len(problem.value_excerpt or "") <= 40
    for unreadable in result.unreadable:
        assert MESSAGES[unreadable.code] % unreadable.params
    assert len({sale.number for sale in result.sales}) == len(result.sales)
    refused = sum(problem.severity == "refused" for problem in result.problems)
    assert refused >= sum(report.refused for report in result.files)
    assert sum(report.warnings for report in result.files) == len(result.problems) - refused


@settings(max_examples=150, deadline=None)
@given(st.lists(_files(), max_size=3))
def test_every_row_of_every_file_is_accounted_for(files: list[tuple[str, bytes]]) -> None:
    result = read_files(files, zone="Asia/Shanghai", currency="CNY")
    assert len(result.files) + len(result.unreadable) == len(files)
    assert_accounted(result)
    taken = {row for sale in result.sales for row in sale.rows}
    if len({name for name, _ in files}) == len(files):
        assert len(taken) >= sum(report.accepted for report in result.files)


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=300), st.sampled_from([b"", b"\xff\xfe", b"\xef\xbb\xbf", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"])
)
def test_no_bytes_raise(content: bytes, start: bytes) -> None:
    assert_accounted(read_files([("a.csv", start + content)], zone="Asia/Shanghai", currency="CNY"))
    header = table(V2018, []).encode("gb18030")
    assert_accounted(read_files([("a.csv", header + content)], zone="Asia/Shanghai", currency="CNY"))


@settings(max_examples=100, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=60),
    st.sampled_from(["gb18030", "utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_text_survives_any_encoding(text: str, encoding: str) -> None:
    message = f"«{text}»"
    result = read_files(
        [("a.csv", order_list(ORDER | {"买家留言": message}, encoding=encoding))], zone="UTC", currency="CNY"
    )
    assert result.sales[0].buyer_message == message


@given(st.integers(0, 10**11), st.sampled_from([0, 2, 3]))
def test_every_amount_is_read_exactly(minor: int, exponent: int) -> None:
    text = f"{Decimal(minor).scaleb(-exponent):f}"
    if minor > 10 ** (9 + exponent):
        return
    assert read_money(text, exponent=exponent) == minor
    whole, dot, decimals = text.partition(".")
    assert read_money(f"¥{int(whole):,}{dot}{decimals}", exponent=exponent) == minor


@given(st.text(max_size=30))
def test_an_amount_is_a_number_that_can_be_or_an_error(text: str) -> None:
    with contextlib.suppress(CellError):
        assert 0 <= read_money(text, exponent=2) <= 10**11
