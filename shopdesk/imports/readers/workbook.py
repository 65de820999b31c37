"""Workbooks (.xlsx, .xls) to the same rows of cells as text files, with a guard against ones that explode."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from shopdesk.imports.readers.profiles import Match, find_match
from shopdesk.imports.readers.records import FileProblem
from shopdesk.imports.readers.tables import HEADER_WITHIN_ROWS, MAX_COLUMNS, RawRow, Table, unknown_header

ZIP_MAGIC, OLE_MAGIC = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MAX_UNZIPPED_BYTES = 512 * 1024 * 1024
MAX_CELLS = 12_000_000  # the reader keeps a sheet's whole rectangle in memory
MAX_MEMBERS = 2_000
CELL = re.compile(rb"""\sr\s*=\s*["']([A-Z]{0,3})(\d{1,7})["']""")
CHUNK = 1024 * 1024


def is_workbook(content: bytes) -> bool:
    """Whether the content, whatever its name, must be opened as a workbook or refused."""
    return content.startswith((ZIP_MAGIC, OLE_MAGIC, b"PK\x05\x06"))


def table_from_workbook(name: str, content: bytes) -> Table:
    """Read the first sheet whose header a profile knows. Raises FileProblem for anything else."""
    if not content.startswith(OLE_MAGIC):
        _check_archive(name, content)
    try:
        return _read(name, content)
    except FileProblem:
        raise
    except PasswordError as error:
        raise FileProblem("workbook_password", name) from error
    except (CalamineError, ValueError, OSError, ArithmeticError) as error:
        raise FileProblem("workbook_damaged", name) from error
    except BaseException as error:
        # the reader's Rust panics are no Exceptions
        if type(error).__name__ != "PanicException":
            raise
        raise FileProblem("workbook_damaged", name) from error


def _check_archive(name: str, content: bytes) -> None:
    """Measure the archive before anything is kept: member sizes as told and as found, and the sheets' rectangles.

    Every member is looked at: a workbook may keep its sheets under any name.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if not any(member.filename == "xl/workbook.xml" for member in members):
                raise FileProblem("not_a_table", name, {"kind": "ZIP"})
            told = sum(member.file_size for member in members)
            if told > MAX_UNZIPPED_BYTES or len(members) > MAX_MEMBERS:
                raise FileProblem("workbook_too_large", name, {"limit_mb": MAX_UNZIPPED_BYTES // (1024 * 1024)})
            left = MAX_UNZIPPED_BYTES
            for member in members:
                left = _measure(name, archive, member, left)
    # RuntimeError is zipfile's word for a password and for a compression that it does not know.
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError, zlib.error) as error:
        raise FileProblem("workbook_damaged", name) from error


def _measure(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> int:
    last_column = last_row = 0
    rest = b""
    with archive.open(member) as stream:
        while chunk := stream.read(CHUNK):
            left -= len(chunk)
            if left < 0:
                raise FileProblem("workbook_too_large", name, {"limit_mb": MAX_UNZIPPED_BYTES // (1024 * 1024)})
            text = rest + chunk
            for letters, digits in set(CELL.findall(text)):
                last_column = max(last_column, _column(letters))
                last_row = max(last_row, int(digits))
            rest = text[-32:]
    if last_column > MAX_COLUMNS:
        raise FileProblem("too_many_columns", name, {"columns": last_column, "limit": MAX_COLUMNS})
    if last_column * last_row > MAX_CELLS:
        raise FileProblem("workbook_too_large", name, {"limit_mb": MAX_UNZIPPED_BYTES // (1024 * 1024)})
    return left


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _read(name: str, content: bytes) -> Table:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    table: Table | None = None
    skipped: list[str] = []
    first: list[str] = []
    for index, sheet_name in enumerate(workbook.sheet_names):
        rows = list(_sheet_rows(workbook, index))
        found = None if table else _header(rows)
        if found:
            at, match = found
            table = Table(match, "xlsx", [_fit(no, cells, match) for no, cells in rows[at + 1 :]])
        elif rows:
            skipped.append(sheet_name)
            first = first or rows[0][1]
    if table is None:
        raise unknown_header(name, first) if first else FileProblem("file_empty", name)
    return Table(table.match, table.encoding, table.rows, tuple(skipped))


def _sheet_rows(workbook: CalamineWorkbook, index: int) -> Iterator[tuple[int, list[str]]]:
    sheet = workbook.get_sheet_by_index(index)
    if sheet.start is None:
        return
    first_row_no = sheet.start[0] + 1
    for offset, values in enumerate(sheet.to_python(skip_empty_area=True)):
        cells = [as_text(value) for value in values]
        if any(cell.strip() for cell in cells):
            yield first_row_no + offset, cells


def _header(rows: list[tuple[int, list[str]]]) -> tuple[int, Match] | None:
    for at, (_, cells) in enumerate(rows[:HEADER_WITHIN_ROWS]):
        if match := find_match(cells):
            return at, match
    return None


def _fit(row_no: int, cells: list[str], match: Match) -> RawRow:
    """Cells beyond the last named column have no meaning; they are reported, not read."""
    width = max((i + 1 for i, header in enumerate(match.headers) if header), default=0)
    beyond = any(cell.strip() for cell in cells[width:])
    return RawRow(row_no, cells[:width], None, ("cells_without_header",) if beyond else ())


def as_text(value: Any) -> str:
    """A cell's value as the text the export would have shown; numbers keep 15 digits, as Excel does.

    A longer number is written with an exponent, so that an order number kept as a number is refused, not rounded.
    """
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | int):
        if abs(value) >= 1e15:
            return f"{value:.14E}"
        return format(value, ".15g") if abs(value) >= 1e-4 else format(value, ".10f").rstrip("0").rstrip(".")
    if isinstance(value, datetime):
        rounded = value + timedelta(microseconds=500_000)
        return rounded.replace(microsecond=0).isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
