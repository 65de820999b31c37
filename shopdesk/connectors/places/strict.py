"""Reading what a place said: amounts are whole numbers, words have no spaces, nothing stands twice."""

from __future__ import annotations

import json
import re
from typing import Any

from shopdesk.core.money import MAX_MINOR

_WORD = re.compile(r"[!-~]{1,100}\Z", re.ASCII)


def read_object(body: bytes) -> dict[str, Any]:
    """A JSON object in which no name stands twice.  Raises ValueError, RecursionError."""
    said = json.loads(body, object_pairs_hook=_once)
    if not isinstance(said, dict):
        raise ValueError("no object")
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    if len(said) != len(pairs):
        raise ValueError("a name stands twice")
    return said


def word(value: Any) -> str:
    if not isinstance(value, str) or not _WORD.match(value):
        raise ValueError("not a word")
    return value


def minor(value: Any) -> int:
    if type(value) is not int or not 0 < value <= MAX_MINOR:
        raise ValueError("not an amount")
    return value
