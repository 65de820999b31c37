"""Cursor pages: stable under inserts, opaque to the outside."""

import base64
import binascii
import json
from typing import Any

from shopdesk.core.errors import Malformed

MAX_LIMIT = 200


def encode(*position: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def decode(cursor: str, kinds: tuple[type, ...]) -> tuple[Any, ...]:
    """The position in a cursor of ours.  Raises Malformed for anything else."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise Malformed("That is not a cursor of this list.", code="bad_cursor") from error
    if not isinstance(values, list) or len(values) != len(kinds):
        raise Malformed("That is not a cursor of this list.", code="bad_cursor")
    if any(type(value) is not kind for value, kind in zip(values, kinds, strict=True)):
        raise Malformed("That is not a cursor of this list.", code="bad_cursor")
    return tuple(values)
