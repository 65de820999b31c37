"""Lines of text to rows of cells: delimiter, header, quotes that do not close, rows cut short."""

import csv
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from shopdesk.imports.readers.encoding import Decoded
from shopdesk.imports.readers.profiles import Match, find_match
from shopdesk.imports.readers.records import FileProblem

MAX_COLUMNS = 200
MAX_LINES_IN_ROW = 500
HEADER_WITHIN_ROWS = 5
DELIMITERS = (",", "\t", ";", "|")


@dataclass(frozen=True, slots=True)
class RawRow:
    """One data row. `refused` is the code that keeps it out, `warnings` codes about the row as a whole."""

    row_no: int
    cells: list[str]
    refused: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A file's rows under a header that a profile knows. `skipped_sheets` are other filled sheets of a workbook."""

    match: Match
    encoding: str
    rows: list[RawRow]
    skipped_sheets: tuple[str, ...] = ()


def table_from_text(name: str, decoded: Decoded) -> Table:
    """Cut decoded lines into rows. Raises FileProblem for a header that no profile knows, or too many columns."""
    at, delimiter, header = _find_header(name, decoded.lines)
    match = find_match(header)
    assert match is not None  # noqa: S101  _find_header returns only what matches
    rows = list(_rows(decoded, start=at + 1, delimiter=delimiter, width=len(header)))
    return Table(match, decoded.encoding, _judge_widths(rows, len(header), decoded))


def unknown_header(name: str, cells: Sequence[str]) -> FileProblem:
    """The refusal of a header nobody knows, with its first eight names."""
    return FileProblem("unknown_header", name, {"headers": [cell.strip()[:40] for cell in cells[:8]]})


def _find_header(name: str, lines: list[str]) -> tuple[int, str, list[str]]:
    filled = [(i, line) for i, line in enumerate(lines[:50]) if line.strip()][:HEADER_WITHIN_ROWS]
    widest: list[str] = []
    for i, line in filled:
        for delimiter in DELIMITERS:
            cells = _cells(line, delimiter)
            if find_match(cells[:MAX_COLUMNS]) is not None:
                if len(cells) > MAX_COLUMNS:
                    raise FileProblem("too_many_columns", name, {"columns": len(cells), "limit": MAX_COLUMNS})
                return i, delimiter, cells
            widest = max(widest, cells, key=len)
    if len(widest) > MAX_COLUMNS:
        raise FileProblem("too_many_columns", name, {"columns": len(widest), "limit": MAX_COLUMNS})
    raise unknown_header(name, widest)


def _rows(decoded: Decoded, *, start: int, delimiter: str, width: int) -> Iterator[RawRow]:
    """Every record that holds anything. Row numbers count records, as a spreadsheet shows them."""
    lines, at, row_no = decoded.lines, start, start
    while at < len(lines):
        row_no += 1
        cells, used, refused, warnings = _record(lines, at, delimiter, width)
        span = range(at, at + used)
        at += used
        if not any(cell.strip() for cell in cells):
            continue
        if any(i in decoded.mixed for i in span):
            warnings = (*warnings, "mixed_encoding")
        if any(i in decoded.nul for i in span):
            warnings = (*warnings, "nul_bytes")
        yield RawRow(row_no, cells, refused, warnings)


def _record(
    lines: list[str], at: int, delimiter: str, width: int
) -> tuple[list[str], int, str | None, tuple[str, ...]]:
    """One record, how many lines it took, why it is refused, what to warn of.

    A quote that never closes would swallow the rows behind it: a record over several lines is believed only when it
    has the header's width, else its first line stands alone and reading goes on with the next line.
    """
    line = lines[at]
    if '"' not in line:
        return line.split(delimiter), 1, None, ()
    source = itertools.islice(lines, at, at + MAX_LINES_IN_ROW)
    reader = csv.reader((text + "\n" for text in source), delimiter=delimiter, strict=True)
    try:
        cells = next(reader)
    except (csv.Error, StopIteration):
        cells = []
    if cells and (len(cells) == width or reader.line_num == 1):
        return cells, reader.line_num, None, ()
    for repaired in (_cells(line, delimiter), [_unquote(cell) for cell in line.split(delimiter)]):
        if len(repaired) == width:
            return repaired, 1, None, ("quote_repaired",)
    return line.split(delimiter), 1, "quote_not_closed", ()


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return [_unquote(cell) for cell in line.split(delimiter)]


def _unquote(cell: str) -> str:
    if not cell.startswith('"'):
        return cell
    return cell[1 : -1 if len(cell) > 1 and cell.endswith('"') else None].replace('""', '"')


def _judge_widths(rows: list[RawRow], width: int, decoded: Decoded) -> list[RawRow]:
    """Refuse rows wider than the header (a stray delimiter shifts every column), and the row a cut file ends in.

    Wider by the same number of empty cells all through is only a delimiter at the end of each line.
    """
    widths = {len(row.cells) for row in rows if not row.refused}
    tail = widths.pop() if len(rows) >= 3 and len(widths) == 1 else width
    if any("".join(row.cells[width:]).strip() for row in rows):
        tail = width
    judged = []
    for row in rows:
        if not row.refused and len(row.cells) > max(width, tail):
            row = replace(row, refused="row_too_wide")
        elif not row.refused and len(row.cells) < width:
            cut = row is rows[-1] and not decoded.ends_with_newline
            row = replace(row, refused="row_truncated") if cut else _short(row)
        judged.append(row)
    return judged


def _short(row: RawRow) -> RawRow:
    return replace(row, warnings=(*row.warnings, "row_short"))
