"""A statement as CSV: what a bank, Alipay or another account says went out, a line for each payment."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from shopdesk.core.money import EXPONENT, parse_minor
from shopdesk.core.text import strip_controls

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 50_000
MOST_CELL = 64  # characters of a reference or a number
LOOK_FOR_HEAD = 30  # rows above the head, where banks write about the account
#: what a column is → how files call it; spaces and case do not count
NAMES = {
    "at": ("date", "time", "日期", "时间", "发生时间", "记账时间", "交易时间", "入账时间"),
    "reference": (
        "reference",
        "单号",
        "转账单号",
        "凭证号",
        "流水号",
        "账务流水号",
        "资金流水单号",
        "交易流水号",
        "交易号",
    ),
    "number": ("number", "ournumber", "商户订单号", "商户退款单号", "退款编号", "我方单号", "业务流水号"),
    "amount": ("amount", "金额", "退款金额", "支出金额", "支出金额(-元)", "支出金额(元)", "付款金额"),
    "currency": ("currency", "币种"),
    "destination": ("destination", "渠道", "账户", "去向"),
}
NEEDED = ("at", "reference", "amount")
FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d")


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One payment of a statement; `amount_minor` is positive for what went out, negative for what came back."""

    row_no: int
    day: date
    reference: str
    number: str | None
    amount_minor: int
    currency: str
    destination: str | None


@dataclass(slots=True)
class Read:
    """The lines of a statement; `refused`: row → why, by a code."""

    rows: list[StatementRow] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)


def read_statement(content: bytes, *, currency: str) -> Read | None:
    """Its lines; None for what is no statement.  Days are those of the store's zone, as the file writes them.

    A line whose amount is empty or 0 is about money that came in, and is left out.
    """
    if len(content) > MOST_BYTES:
        return None
    table = _table(content)
    head = next(((n, _columns(cells)) for n, cells in enumerate(table[:LOOK_FOR_HEAD]) if _columns(cells)), None)
    if head is None or head[1] is None:
        return None
    found, (at, columns) = Read(), (head[0], head[1])
    for row_no, cells in enumerate(table[at + 1 : at + 1 + MOST_ROWS], start=at + 2):
        _take(found, row_no, {name: cells[n] if n < len(cells) else "" for name, n in columns.items()}, currency)
    return found


def _table(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        lines = text.replace("\0", "").splitlines()
        mark = "\t" if lines and max(lines[:LOOK_FOR_HEAD], key=len).count("\t") > 2 else ","
        try:
            return [[_clean(cell) for cell in cells] for cells in csv.reader(lines, delimiter=mark)]
        except csv.Error:
            return []
    return []


def _clean(cell: str) -> str:
    return strip_controls(cell).strip().lstrip("`'").removeprefix('="').removesuffix('"').strip()


def _columns(cells: Sequence[str]) -> dict[str, int] | None:
    """Where each thing stands in a head; None where it is none."""
    plain = ["".join(cell.lower().replace("（", "(").replace("）", ")").split()) for cell in cells]
    found = {what: plain.index(name) for what, names in NAMES.items() for name in reversed(names) if name in plain}
    return found if all(what in found for what in NEEDED) else None


def _take(found: Read, row_no: int, cells: dict[str, str], currency: str) -> None:
    if not any(cells.values()) or cells["at"].startswith("#"):
        return
    code = cells.get("currency") or currency
    day, amount_minor = _day(cells["at"]), _amount(cells["amount"], code)
    if amount_minor == 0:
        return
    if day is None or amount_minor is None or code not in EXPONENT:
        found.refused[row_no] = "bad_day" if day is None else "bad_amount" if code in EXPONENT else "bad_currency"
    elif not 1 <= len(cells["reference"]) <= MOST_CELL:
        found.refused[row_no] = "bad_reference"
    else:
        number = cells.get("number", "")[:MOST_CELL] or None
        where = cells.get("destination") or None
        found.rows.append(StatementRow(row_no, day, cells["reference"], number, amount_minor, code, where))


def _day(text: str) -> date | None:
    first = text.split()[0].split("T")[0] if text.split() else ""
    for form in FORMS:
        try:
            found = datetime.strptime(first, form)  # noqa: DTZ007 a day alone
        except ValueError:
            continue
        return found.date() if 2000 <= found.year <= 2100 else None
    return None


def _amount(text: str, currency: str) -> int | None:
    """Minor units; a bank writes what went out with a minus or without, and a plus is what came back."""
    if not text.strip():
        return 0
    try:
        amount_minor = parse_minor(text, currency)
    except (ValueError, KeyError):
        return None
    return -amount_minor if text.strip().startswith("+") else abs(amount_minor)
