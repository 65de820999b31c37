"""Personal data is revealed, not read: it prints masked everywhere until somebody asks on the record."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from shopdesk.core import masking

MASKS: dict[str, Callable[[str], str]] = {
    "name": masking.mask_name,
    "phone": masking.mask_phone,
    "address": masking.mask_address,
    "account": masking.mask_account,
    "text": lambda _: "****",
}


class Personal:
    """One personal value.  `str()` is the masked form; `reveal()` is the only way to the clear one.

    Who may look is decided by the caller (domain.md §1); `reveal` takes the word for why, so that a search
    for `.reveal(` finds every place where clear text leaves.
    """

    __slots__ = ("_clear", "kind")

    def __init__(self, clear: str, kind: str) -> None:
        self._clear = clear
        self.kind = kind

    def reveal(self, why: str) -> str:
        if not why:
            raise ValueError("say why")
        return self._clear

    def __str__(self) -> str:
        return MASKS[self.kind](self._clear)

    def __repr__(self) -> str:
        return f"<Personal {self.kind}>"

    def __bool__(self) -> bool:
        return bool(self._clear)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Personal) and other._clear == self._clear

    def __hash__(self) -> int:
        return hash(self._clear)


class PersonalText(TypeDecorator[Personal]):
    """A column of personal text; accepts `str` or Personal, gives Personal."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: str) -> None:
        super().__init__()
        if kind not in MASKS:
            raise ValueError(kind)
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None or value == "":
            return None
        return value.reveal("to store it") if isinstance(value, Personal) else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Personal | None:
        return None if value is None else Personal(value, self.kind)


def pack(value: dict[str, Any]) -> Personal:
    """A dict of values of which some are personal, as the value of a PersonalText("text") column."""
    return Personal(json.dumps(value, ensure_ascii=False, sort_keys=True), "text")


def unpack(value: Personal | None, why: str) -> dict[str, Any]:
    """The dict that was packed; like `reveal`, it says why."""
    found: dict[str, Any] = json.loads(value.reveal(why)) if value else {}
    return found
