"""The way in: files as they come, in any order, to records with an account of every row."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from shopdesk.imports.readers.asof import as_of_from_name
from shopdesk.imports.readers.encoding import check_content, decode, decode_by_guess
from shopdesk.imports.readers.merge import merge
from shopdesk.imports.readers.pinduoduo import order_of
from shopdesk.imports.readers.records import FileProblem, FileReport, ReadResult, RowProblem
from shopdesk.imports.readers.refunds import merge_refunds, refund_of
from shopdesk.imports.readers.rows import RowReading, Setting, read_row
from shopdesk.imports.readers.tables import Table, table_from_text
from shopdesk.imports.readers.tally import DetailRow, FileRows
from shopdesk.imports.readers.taobao import line_of, sale_of, status_of
from shopdesk.imports.readers.workbook import is_workbook, table_from_workbook


@dataclass(frozen=True, slots=True)
class _Opened:
    rows: FileRows
    table: Table
    sha256: str


def read_files(files: Sequence[tuple[str, bytes]], *, zone: str, currency: str) -> ReadResult:
    """Read (name, content) pairs of lists and details together.

    `zone` is the IANA zone of the files' local times, `currency` the ISO code of their amounts. A file that cannot
    be read is in `unreadable` and the others are read all the same; the caller decides whether they count.
    """
    setting = Setting(zone, currency)
    opened: list[_Opened] = []
    unreadable: list[FileProblem] = []
    for name, content in files:
        try:
            opened.append(_open(name, content, setting))
        except FileProblem as problem:
            unreadable.append(problem)
    sales = merge([each.rows for each in opened], currency=currency)
    refunds = merge_refunds([each.rows for each in opened])
    problems = [problem for each in opened for problem in sorted(each.rows.problems, key=lambda found: found.row_no)]
    return ReadResult(sales, problems, [_report(each) for each in opened], unreadable, refunds)


def open_table(name: str, content: bytes) -> Table:
    """The rows of one file under a known header. Raises FileProblem."""
    check_content(name, content)
    if is_workbook(content):
        return table_from_workbook(name, content)
    try:
        return table_from_text(name, decode(name, content))
    except FileProblem as problem:
        guessed = decode_by_guess(content) if problem.code == "unknown_header" else None
        if guessed is None:
            raise
        try:
            return table_from_text(name, guessed)
        except FileProblem:
            raise problem from None


def _open(name: str, content: bytes, setting: Setting) -> _Opened:
    table = open_table(name, content)
    rows = FileRows(name, as_of_from_name(name, zone=setting.zone))
    for sheet in table.skipped_sheets:
        rows.problems.append(RowProblem(name, 0, "warning", "sheet_skipped", facts={"sheet": sheet[:40]}))
    if not table.rows:
        rows.problems.append(RowProblem(name, 0, "warning", "no_rows"))
    for raw in table.rows:
        _take(rows, read_row(name, raw, table.match, setting), table, setting)
    return _Opened(rows, table, hashlib.sha256(content).hexdigest())


def _take(rows: FileRows, reading: RowReading, table: Table, setting: Setting) -> None:
    """Put a row's record with its file, or count the row as refused."""
    profile = table.match.profile
    if reading.is_refused:
        rows.tally["refused"] += 1
        if profile.grain == "detail" and "number" in reading.values:
            rows.incomplete.add(reading.values["number"])
    elif profile.grain == "list":
        rows.sales.append((reading.row_no, sale_of(reading, profile, currency=setting.currency)))
    elif profile.grain == "whole":
        rows.sales.append((reading.row_no, order_of(reading, profile, setting)))
    elif profile.grain == "refunds":
        rows.refunds.append(refund_of(reading))
    else:
        given, status = reading.values.get("platform_status"), status_of(reading, profile)
        rows.details.append(
            DetailRow(reading.row_no, reading.values["number"], line_of(reading, profile), given, status)
        )
    rows.problems += reading.problems


def _report(opened: _Opened) -> FileReport:
    rows, table = opened.rows, opened.table
    severities = Counter(problem.severity for problem in rows.problems)
    return FileReport(
        file=rows.name,
        profile=table.match.profile.name,
        encoding=table.encoding,
        rows=len(table.rows),
        accepted=rows.tally["accepted"],
        refused=rows.tally["refused"],
        duplicates=rows.tally["duplicates"],
        warnings=severities["warning"],
        sha256=opened.sha256,
        as_of_from_name=rows.as_of,
    )
