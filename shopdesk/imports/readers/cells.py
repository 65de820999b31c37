"""One cell to one value: texts, numbers of orders, money, moments, quantities. Bad values raise CellError."""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shopdesk.core.masking import hides_number
from shopdesk.core.text import SCIENTIFIC

MAX_CELL_CHARS = 10_000
MAX_MAJOR_UNITS = 10**9
MAX_QUANTITY = 100_000
EXPONENTS = dict.fromkeys(("JPY", "KRW", "VND", "CLP", "ISK", "XAF", "XOF", "PYG", "UGX", "RWF"), 0) | dict.fromkeys(
    ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3
)
EMPTY = frozenset({"", "-", "--", "null", "none", "nil", "无", "n/a", "#n/a"})
EXCEL_TEXT = re.compile(r'^="(.*)"$', re.DOTALL)
ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{3,39}$", re.ASCII)
PLAIN_NUMBER = re.compile(r"^[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?$", re.ASCII)
MONEY_MARKS = re.compile(r"^(?:CNY|RMB|USD|[¥$€£])\s*|\s*(?:元|CNY|RMB|USD)$", re.IGNORECASE)
MOMENT = re.compile(
    r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d{1,9})?)?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?$",
    re.ASCII,
)
WAYBILL = re.compile(r"[A-Za-z0-9]+", re.ASCII)
BETWEEN_WAYBILLS = re.compile(r"[\s,;:/|、]+")
DAMAGE = "\ufffd"


class CellError(ValueError):
    """A cell that cannot be read as what its column says; `code` names why."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def clean(text: str, *, many_lines: bool = False) -> str | None:
    """A cell's text without export guards, blanks around it and control characters; None for the ways to say empty.

    Emoji, joiners and the marks of right-to-left scripts stay. Single-line fields get a blank for a line end.
    """
    if not text:
        return None
    text = unguard(text)
    if not many_lines:
        text = text.removeprefix("'")
    if not text.isprintable():
        text = "".join(_kept(char, many_lines=many_lines) for char in text)
    text = text.strip()
    return None if len(text) <= 4 and text.lower() in EMPTY else text


def unguard(text: str) -> str:
    """Take off the export's guards: a TAB before the value, or the value as the formula ="…"."""
    text = text.lstrip("\ufeff").strip()
    if text.startswith('="') and (found := EXCEL_TEXT.match(text)):
        text = found[1].replace('""', '"')
    return text


def _kept(char: str, *, many_lines: bool) -> str:
    if char == "\n":
        return "\n" if many_lines else " "
    if char in "\t\r\u2028\u2029":
        return " "
    return "" if unicodedata.category(char) in {"Cc", "Cs"} else char


def _folded(text: str) -> str:
    """Full-width to half-width, and no invisible marks: for values where only the characters count."""
    if text.isascii():
        return text.strip()
    return "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf").strip()


def read_id(text: str) -> str:
    """An order's or line's number, kept as text. Raises id_destroyed_by_excel, id_unreadable."""
    value = _folded(text).removeprefix("'")
    if SCIENTIFIC.match(value):
        raise CellError("id_destroyed_by_excel")
    if not ID.match(value):
        raise CellError("id_unreadable")
    return value


def is_perhaps_rounded(number: str) -> bool:
    """Whether a long number ends in zeros from its 16th digit on, as Excel leaves what it took for a figure."""
    return len(number) >= 18 and number.isdecimal() and not number[15:].strip("0")


def exponent_of(currency: str) -> int:
    """How many decimals the currency's minor unit has (ISO 4217)."""
    return EXPONENTS.get(currency.upper(), 2)


def read_money(text: str, *, exponent: int) -> int:
    """Money as integer minor units, exactly or not at all.

    Raises amount_unreadable, amount_negative, amount_too_large, amount_too_precise.
    """
    value = _folded(text)
    if len(value) > 100:
        raise CellError("amount_unreadable")
    value = MONEY_MARKS.sub("", MONEY_MARKS.sub("", value))
    if not PLAIN_NUMBER.match(value):
        raise CellError("amount_unreadable")
    whole, _, decimals = value.replace(",", "").partition(".")
    scale = 10 ** len(decimals)
    scaled = int(whole + decimals)
    if scaled < 0:
        raise CellError("amount_negative")
    if scaled > MAX_MAJOR_UNITS * scale:
        raise CellError("amount_too_large", limit=MAX_MAJOR_UNITS)
    minor, rest = divmod(scaled * 10**exponent, scale)
    if rest:
        raise CellError("amount_too_precise", decimals=exponent)
    return minor


def read_quantity(text: str) -> int:
    """Units, 1 to 100,000. Raises quantity_unreadable, quantity_out_of_range."""
    value = _folded(text)
    if not PLAIN_NUMBER.match(value) or len(value) > 60 or value.partition(".")[2].strip("0"):
        raise CellError("quantity_unreadable")
    quantity = int(value.partition(".")[0].replace(",", ""))
    if not 1 <= quantity <= MAX_QUANTITY:
        raise CellError("quantity_out_of_range", limit=MAX_QUANTITY)
    return quantity


def read_moment(text: str, *, zone: str) -> datetime:
    """A local time of `zone` (or one with its own offset) as aware UTC. Raises date_unreadable."""
    found = MOMENT.match(_folded(text))
    if not found:
        raise CellError("date_unreadable")
    try:
        moment = datetime(*(int(part or 0) for part in found.groups()[:6]), tzinfo=ZoneInfo(zone))  # type: ignore[misc,arg-type]
        if offset := found[7]:
            sign = offset.replace("Z", "+0000").replace(":", "")
            moment = datetime.strptime(f"{moment:%Y%m%d%H%M%S}{sign}", "%Y%m%d%H%M%S%z")
    except ValueError as error:
        raise CellError("date_unreadable") from error
    if not 2000 <= moment.year <= 2100:
        raise CellError("date_unreadable")
    return moment.astimezone(UTC)


def split_hidden(text: str) -> tuple[str, bool]:
    """A cell's waybills without those that the export masked, of which no part is a number; whether there were such."""
    parts = BETWEEN_WAYBILLS.split(_folded(text))
    shown = [part for part in parts if not hides_number(part)]
    if len(shown) == len(parts):
        return text, False
    return " ".join(part for part in shown if any(char.isdigit() for char in part)), True


def read_waybills(text: str) -> tuple[str, ...]:
    """All waybill numbers in a cell, in order, each once. Raises waybill_destroyed_by_excel, waybill_unreadable."""
    value = _folded(text)
    if any(SCIENTIFIC.match(part) for part in BETWEEN_WAYBILLS.split(value)):
        raise CellError("waybill_destroyed_by_excel")
    parts = WAYBILL.findall(value)
    numbers = [part for part in parts if 6 <= len(part) <= 40 and any(char.isdigit() for char in part)]
    if not numbers:
        raise CellError("waybill_unreadable")
    return tuple(dict.fromkeys(numbers))
