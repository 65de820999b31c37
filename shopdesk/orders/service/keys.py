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


def index_number(order: Order) -> None:
    """The whole number is a key; its end, by which lists and notices name an order, stands with the grams."""
    add_keys(order, [(KeyKind.NUMBER, order.number)])
    if tail := number_tail(order.number):
        _add_grams(order, {tail})


def index_people(order: Order, *, name: Personal | None, phone: Personal | None, nick: Personal | None) -> None:
    """Add what a buyer or recipient is found by.  Masked values are no key; their visible last four digits are."""
    why = "to index it"
    keys: list[tuple[KeyKind, str | None]] = []
    if phone:
        clear = phone.reveal(why)
        keys += [(KeyKind.PHONE, phone_key(clear, "CN")), (KeyKind.PHONE_TAIL, tail4(clear))]
    if nick and not masking.is_masked(nick.reveal(why)):
        keys.append((KeyKind.BUYER, nick.reveal(why)))
    add_keys(order, keys)
    add_grams(order, [value.reveal(why) for value in (name, nick) if value])


def index_skus(order: Order, skus: Iterable[str | None]) -> None:
    add_keys(order, [(KeyKind.SKU, sku) for sku in skus])


def index_waybill(order: Order, number: str) -> None:
    add_keys(order, [(KeyKind.WAYBILL, number)])


def add_keys(order: Order, keys: Iterable[tuple[KeyKind, str | None]]) -> None:
    wanted = {(kind, fold(value)[:MAX_KEY]) for kind, value in keys if value and fold(value)}
    found = select(SearchKey.kind, SearchKey.value).where(SearchKey.order_id == order.id)
    there = {(row.kind, row.value) for row in db.session.execute(in_store(found, order.store_id, SearchKey))}
    for kind, value in sorted(wanted - there):
        db.session.add(SearchKey(store_id=order.store_id, value=value, kind=kind, order_id=order.id))


def add_grams(order: Order, texts: Iterable[str]) -> None:
    wanted: set[str] = set()
    for text in texts:
        wanted |= set(sorted(g for g in grams(text) if g != "*")[:MAX_GRAMS])
    _add_grams(order, wanted)


def _add_grams(order: Order, wanted: set[str]) -> None:
    found = select(SearchGram.gram).where(SearchGram.order_id == order.id)
    there = set(db.session.scalars(in_store(found, order.store_id, SearchGram)))
    for gram in sorted(wanted - there):
        db.session.add(SearchGram(store_id=order.store_id, gram=gram, order_id=order.id))
