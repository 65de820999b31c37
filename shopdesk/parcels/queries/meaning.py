"""What a text that is given as a waybill number means otherwise: our own papers, an order."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, within
from shopdesk.core.text import fold
from shopdesk.orders.models import SearchKey
from shopdesk.orders.states import KeyKind
from shopdesk.parcels import rules

BARCODE, ORDER = "barcode", "order"


def other_meanings(numbers: Sequence[str], store_id: int) -> dict[str, str]:
    """Those that are no waybills of the store → what they are (BARCODE, ORDER)."""
    found = {number: BARCODE for number in numbers if rules.is_like_ours(number)}
    left = {fold(rules.scanned(number)): number for number in numbers if number not in found}
    if not left:
        return found
    known = select(SearchKey.value).where(SearchKey.value.in_(left), SearchKey.kind == KeyKind.NUMBER)
    keys = set(db.session.scalars(in_store(known, store_id, SearchKey)))
    return found | {number: ORDER for key, number in left.items() if key in keys}


def other_meaning(number: str, store_id: int) -> str | None:
    return other_meanings([number], store_id).get(number)


def is_order_number(code: str, actor: Actor) -> bool:
    """Whether it is the number of an order in any store that the actor may look into."""
    known = select(SearchKey.order_id).where(SearchKey.value == fold(code), SearchKey.kind == KeyKind.NUMBER)
    return db.session.scalar(within(known.limit(1), actor, Permission.ORDER_READ, SearchKey)) is not None
