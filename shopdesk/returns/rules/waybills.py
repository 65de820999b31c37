"""Numbers under which goods come back."""

from __future__ import annotations

import re
from collections.abc import Iterable

from shopdesk.core.errors import RuleViolation

MOST_AT_ONCE = 20
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9\-_]{5,63}\Z")


def waybill_numbers(texts: Iterable[str]) -> list[str]:
    """Waybills in capitals, without repeats.  Raises RuleViolation for none, too many, and what is no waybill."""
    found = list(dict.fromkeys(text.upper() for text in texts if text))
    if not found or len(found) > MOST_AT_ONCE:
        raise RuleViolation("Paste the waybill, or up to %(most)s of them.", code="bad_waybill", most=MOST_AT_ONCE)
    for number in found:
        if not _NUMBER.match(number) or not any(char.isdigit() for char in number):
            raise RuleViolation("This is no waybill: %(text)s", code="bad_waybill", text=number[:64])
    return found
