"""The keys and grams that an order is found by, kept in step with it."""

from collections.abc import Iterable

from sqlalchemy import select

from shopdesk.core import masking
from shopdesk.core.db import db
from shopdesk.core.personal import Personal
from shopdesk.core.phones import phone_key, tail4
from shopdesk.core.scope import in_store
from shopdesk.core.text import fold, grams
from shopdesk.orders.models import Order, SearchGram, SearchKey
from shopdesk.orders.states import KeyKind, number_tail

MAX_KEY = 128
MAX_GRAMS = 120  # of one order: names are short; a hostile 10,000-character one is not worth an index of its own


WHY = "to index it"
Keys = list[tuple[KeyKind, str | None]]


def index_order(order: Order, codes: Iterable[str | None], *, is_new: bool) -> None:
    """Add what an order is found by: its number, its people as it has them now, and the codes of told lines.

    The whole number is a key; its end, by which lists and notices name an order, stands with the grams.
    """
    name, phone, nick = order.recipient_name, order.phone, order.buyer_nick
    keys = _keys_of_people(phone, nick) + [(KeyKind.SKU, code) for code in codes]
    tail = None
    if is_new:
        keys.append((KeyKind.NUMBER, order.number))
        tail = number_tail(order.number)
    _put_keys(order, keys, there=set() if is_new else _keys_there(order))
    wanted = _grams_of(name, nick) | ({tail} if tail else set())
    _put_grams(order, wanted, there=set() if is_new else _grams_there(order))


def index_people(order: Order, *, name: Personal | None, phone: Personal | None, nick: Personal | None) -> None:
    """Add what a buyer or recipient is found by."""
    if phone or nick:
        _put_keys(order, _keys_of_people(phone, nick), there=_keys_there(order))
    if name or nick:
        _put_grams(order, _grams_of(name, nick), there=_grams_there(order))


def _keys_of_people(phone: Personal | None, nick: Personal | None) -> Keys:
    """Masked values are no key; their visible last four digits are."""
    keys: Keys = []
    if phone:
        clear = phone.reveal(WHY)
        keys += [(KeyKind.PHONE, phone_key(clear, "CN")), (KeyKind.PHONE_TAIL, tail4(clear))]
    if nick and not masking.is_masked(nick.reveal(WHY)):
        keys.append((KeyKind.BUYER, nick.reveal(WHY)))
    return keys


def index_waybill(order: Order, number: str) -> None:
    _put_keys(order, [(KeyKind.WAYBILL, number)], there=_keys_there(order))


def _keys_there(order: Order) -> set[tuple[KeyKind, str]]:
    found = select(SearchKey.kind, SearchKey.value).where(SearchKey.order_id == order.id)
    return {(row.kind, row.value) for row in db.session.execute(in_store(found, order.store_id, SearchKey))}


def _put_keys(order: Order, keys: Keys, *, there: set[tuple[KeyKind, str]]) -> None:
    wanted = {(kind, fold(value)[:MAX_KEY]) for kind, value in keys if value and fold(value)}
    for kind, value in sorted(wanted - there):
        db.session.add(SearchKey(store_id=order.store_id, value=value, kind=kind, order_id=order.id))


def _grams_of(*texts: Personal | None) -> set[str]:
    wanted: set[str] = set()
    for text in texts:
        if text:
            wanted |= set(sorted(g for g in grams(text.reveal(WHY)) if g != "*")[:MAX_GRAMS])
    return wanted


def _grams_there(order: Order) -> set[str]:
    found = select(SearchGram.gram).where(SearchGram.order_id == order.id)
    return set(db.session.scalars(in_store(found, order.store_id, SearchGram)))


def _put_grams(order: Order, wanted: set[str], *, there: set[str]) -> None:
    for gram in sorted(wanted - there):
        db.session.add(SearchGram(store_id=order.store_id, gram=gram, order_id=order.id))
