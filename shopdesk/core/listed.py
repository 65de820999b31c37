"""A list of numbers out of a text file: one number a row, or a table with a column of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from shopdesk.core.errors import RuleViolation
from shopdesk.core.text import fold

MOST_BYTES = 2_000_000
ENCODINGS = ("utf-8-sig", "gb18030")
#: How the columns of lists are headed, as a person would write it and as exports do; folded.
ORDERS = tuple(
    map(fold, ("订单编号", "订单号", "主订单编号", "线上订单号", "平台单号", "order number", "order no", "order"))
)
WAYBILLS = tuple(
    map(fold, ("运单号", "快递单号", "物流单号", "面单号", "运单号码", "waybill", "tracking number", "tracking"))
)
#: What a file begins with that is no text: pictures, PDF, old and new workbooks, archives.
MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"RIFF", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def numbers_in(content: bytes, columns: Sequence[str] = ORDERS) -> str:
    """The numbers as pasted text, a row each; the first column that is headed as one of `columns`, else whole rows.

    Raises RuleViolation: `empty_file`, `file_too_large`, `not_a_list`.  A workbook is not opened.
    """
    if not content.strip():
        raise RuleViolation("The file is empty.", code="empty_file")
    if len(content) > MOST_BYTES:
        raise RuleViolation("The file is too large for one list.", code="file_too_large")
    text = _text_of(content)
    rows = _rows_of(text)
    heads = [fold(cell) for cell in rows[0]] if rows else []
    at = next((heads.index(name) for name in columns if name in heads), None)
    if at is None:
        return text
    return "\n".join(row[at] for row in rows[1:] if len(row) > at)


def _text_of(content: bytes) -> str:
    if content.startswith(WORKBOOKS):
        raise RuleViolation(
            "Workbooks are not read here: copy the column of numbers and paste it, or save it as CSV.",
            code="not_a_list",
        )
    if not content.startswith(MAGIC):
        names = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ENCODINGS
        for name in names:
            try:
                text = content.decode(name)
            except UnicodeDecodeError:
                continue
            if "\0" not in text:
                return text
    raise RuleViolation(
        "This is no list of numbers: choose a text or CSV file with one number a row, or a column of them.",
        code="not_a_list",
    )


def _rows_of(text: str) -> list[list[str]]:
    first = text.splitlines()[0] if text.splitlines() else ""
    delimiter = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:
        return []
