"""Longer to send: how often it was given, how often it may be, and what the customer is told of it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from shopdesk.core import audit
from shopdesk.orders import queries as orders
from shopdesk.returns.models import Return
from shopdesk.returns.rules.slip import extended_text
from shopdesk.returns.rules.window import last_day
from shopdesk.staff import queries as staff
from shopdesk.staff.models import RETURN_EXTENSIONS, RETURN_EXTENSIONS_DEFAULT, Store


def extensions_of(store: Store) -> int:
    """How often the customer gets longer to send without an exception."""
    return int(store.settings.get(RETURN_EXTENSIONS, RETURN_EXTENSIONS_DEFAULT))


def extended(return_id: int) -> int:
    """How often the day of a return was moved; its trail is what counts."""
    return audit.times("return.extended", "return", return_id)


def extended_phrase(back: Return, case_number: str) -> str:
    """What the customer is told, with the day that holds now; empty while it was never moved."""
    if back.until is None or not extended(back.id):
        return ""
    store = staff.store_by_id(back.store_id)
    order = orders.order_by_id(back.order_id, back.store_id)
    day = last_day(back.until.astimezone(ZoneInfo(store.zone))).isoformat()
    return extended_text(store.memo_language, order=order.number, case=case_number, until=day)
