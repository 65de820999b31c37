"""Reads about orders: effective values, amendments, lines, memos."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from shopdesk.core import clock, masking, memo_text
from shopdesk.core.addresses import FIELDS as ADDRESS_FIELDS
from shopdesk.core.addresses import ParsedAddress, address_line
from shopdesk.core.db import db
from shopdesk.core.errors import NotFound
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.personal import Personal, unpack
from shopdesk.core.scope import in_store, within
from shopdesk.orders import rules
from shopdesk.orders.models import Amendment, ContactTask, Memo, Order, OrderLine
from shopdesk.orders.rules import paid_is_known
from shopdesk.orders.rules.deciding import is_over, may_lift, may_set, readiness_on
from shopdesk.orders.states import OWN_SOURCE, Field, LineKind, OrderStatus, Readiness
from shopdesk.staff import queries as staff

__all__ = ["is_over", "may_lift", "may_set", "readiness_on"]
WHY = "to say what holds"
TO_PRINT = "to put it on the papers"


def order_by_id(order_id: int, store_id: int) -> Order:
    """An order of a store that was already found through the scope."""
    return db.session.scalars(in_store(select(Order).where(Order.id == order_id), store_id, Order)).one()


def gives_money_back(order: Order) -> bool:
    """Whether its own changes give money back: not an unpaid one's, nor one's that a case made and decides about."""
    return order.status is not OrderStatus.UNPAID and order.source != OWN_SOURCE


def order_by_number(number: str, store_id: int) -> Order | None:
    statement = in_store(select(Order).where(Order.number == number), store_id, Order)
    return db.session.scalars(statement).one_or_none()


def orders_by_ids(order_ids: list[int], actor: Actor) -> list[Order]:
    """The orders the actor may look at, newest first."""
    statement = within(select(Order).where(Order.id.in_(order_ids)), actor, Permission.ORDER_READ, Order)
    return list(db.session.scalars(statement.order_by(Order.id.desc())))


def lines(order_id: int, store_id: int) -> list[OrderLine]:
    statement = select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.position, OrderLine.id)
    return list(db.session.scalars(in_store(statement, store_id, OrderLine)))


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle with the parts of which it consists; what was paid for it stands on the parts."""

    head: OrderLine
    parts: tuple[OrderLine, ...]

    @property
    def paid_minor(self) -> int | None:
        """Minor units; None while nobody knows."""
        shares = [part.share_minor for part in self.parts]
        return None if None in shares else sum(share or 0 for share in shares)

    def others(self, line_id: int) -> list[OrderLine]:
        """The parts that stay where they are when this one comes back."""
        return [part for part in self.parts if part.id != line_id and part.shipped > part.in_return + part.returned]


def bundles_of(order_id: int, store_id: int) -> dict[int, Bundle]:
    """Line of a part → its bundle."""
    there = lines(order_id, store_id)
    found = rules.bundles([line.kind for line in there])
    made = [Bundle(there[head], tuple(there[place] for place in inside)) for head, inside in found.items()]
    return {part.id: bundle for bundle in made for part in bundle.parts}


def line_of(order_id: int, line_id: int, store_id: int) -> OrderLine:
    """A line of this very order.  Raises NotFound for another order's line."""
    statement = select(OrderLine).where(OrderLine.id == line_id, OrderLine.order_id == order_id)
    line = db.session.scalars(in_store(statement, store_id, OrderLine)).one_or_none()
    if line is None:
        raise NotFound("This order has no such line.", code="no_such_line")
    return line


def today_in(zone: str) -> date:
    """The day on the calendar of a store."""
    return clock.now().astimezone(ZoneInfo(zone)).date()


def readiness_now(readiness: Readiness, ready_on: date | None, status: OrderStatus, zone: str) -> Readiness:
    """The kept readiness as it is today: a pre-sale whose day has come is over, also before the worker wrote so."""
    if readiness is not Readiness.PRE_SALE_UNTIL:
        return readiness
    return readiness_on(readiness, ready_on, status, today_in(zone))


def open_contact(order_id: int, store_id: int) -> ContactTask | None:
    """The task to contact the customer that nobody has closed."""
    statement = select(ContactTask).where(ContactTask.order_id == order_id, ContactTask.closed_at.is_(None))
    return db.session.scalars(in_store(statement, store_id, ContactTask)).one_or_none()


def due_minor(order: Order) -> int | None:
    """What is still to be paid of an unpaid order, in minor units; None while nobody knows what it costs."""
    if not order.has_list:
        return None
    there = lines(order.id, order.store_id)
    total = effective_amounts(order, there, active_amendments(order.id, order.store_id)).total_minor
    return None if total is None else max(0, total - order.paid_by_hand_minor)


def memos(order_id: int, store_id: int) -> list[Memo]:
    """Oldest first."""
    statement = select(Memo).where(Memo.order_id == order_id).order_by(Memo.id)
    return list(db.session.scalars(in_store(statement, store_id, Memo)))


def active_amendments(order_id: int, store_id: int) -> list[Amendment]:
    statement = select(Amendment).where(Amendment.order_id == order_id, Amendment.ended_at.is_(None))
    return list(db.session.scalars(in_store(statement, store_id, Amendment).order_by(Amendment.id)))


def active_amendment(order_id: int, store_id: int, field: Field, line_id: int | None) -> Amendment | None:
    found = [a for a in active_amendments(order_id, store_id) if a.field is field and a.line_id == line_id]
    return found[0] if found else None


def amendment_by_id(amendment_id: int, store_id: int) -> Amendment:
    return db.session.scalars(
        in_store(select(Amendment).where(Amendment.id == amendment_id), store_id, Amendment)
    ).one()


def mirrored_value(order: Order, field: Field, line_id: int | None) -> dict[str, Any]:
    """What the platform says about a field, with the keys that `Field` names; clear values."""
    if field is Field.ADDRESS:
        return mirrored_address(order)
    if line_id is not None:
        line = line_of(order.id, line_id, order.store_id)
        if field is Field.ATTRIBUTE:
            return {"attributes": line.attributes}
        if field is Field.QUANTITY:
            return {"quantity": line.told_quantity if line.told_quantity is not None else line.quantity}
        return {"amount_minor": line.unit_price_minor}
    if field is Field.FREIGHT:
        return {"amount_minor": order.shipping_minor}
    if field is Field.COURIER:
        return {"text": order.carrier}
    if field is Field.INVOICE:
        return {"text": order.invoice_title.reveal(WHY) if order.invoice_title else None}
    return {"text": None}


def mirrored_address(order: Order) -> dict[str, Any]:
    return {
        "name": order.recipient_name.reveal(WHY) if order.recipient_name else None,
        "phone": order.phone.reveal(WHY) if order.phone else None,
        "province": order.province,
        "city": order.city,
        "district": order.district,
        "street": order.street_address.reveal(WHY) if order.street_address else None,
        "zip": order.zip,
    }


def effective_value(order: Order, field: Field, line_id: int | None) -> dict[str, Any]:
    """Amended where present, else mirrored (domain.md §2); clear values, for commands and for who may see them."""
    amendment = active_amendment(order.id, order.store_id, field, line_id)
    if amendment:
        return unpack(amendment.value, WHY)
    if field is Field.QUANTITY and line_id is not None:
        line = line_of(order.id, line_id, order.store_id)
        return {"quantity": line.quantity - line.cancelled}
    return mirrored_value(order, field, line_id)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What an order costs as things stand: amended where the desk amended it, else as the platform says."""

    unit_prices_minor: Mapping[int, int | None]  # by line
    goods_minor: int | None
    shipping_minor: int | None  # None: nobody told it
    total_minor: int | None  # None: nobody told it, or a line of which no price is known was changed
    mirrored_total_minor: int | None  # None: nobody told it
    paid_minor: int | None  # likewise


def effective_amounts(order: Order, lines: Sequence[OrderLine], amendments: Sequence[Amendment]) -> Amounts:
    """Prices, freight and what they come to, in minor units; `amendments`: the order's that have not ended.

    Where the platform says the same as the desk, its own sums stand: they know of discounts.
    """
    ours = {(a.field, a.line_id): value_of(a) for a in amendments if a.field in {Field.PRICE, Field.FREIGHT}}
    prices = {n.id: ours.get((Field.PRICE, n.id), {}).get("amount_minor", n.unit_price_minor) for n in lines}
    freight_minor: int | None = ours.get((Field.FREIGHT, None), {}).get("amount_minor", order.shipping_minor)
    told = _told_sums(order, lines)
    fewer = {a.line_id for a in amendments if a.field is Field.QUANTITY and order.status is OrderStatus.UNPAID}
    if any(prices[n.id] != n.unit_price_minor or (n.id in fewer and _is_news(n)) for n in lines):
        counted = [n for n in lines if n.kind is not LineKind.BUNDLE_PART]
        sums = [_line_minor(prices[n.id], n, order.status) for n in counted]
        goods = None if None in sums else sum(s or 0 for s in sums)
        return Amounts(prices, goods, freight_minor, _sum(goods, freight_minor), *told)
    total_minor = told[0]
    if freight_minor != order.shipping_minor:
        goods = order.goods_minor if order.shipping_minor is None else _sum(total_minor, -order.shipping_minor)
        total_minor = _sum(goods, freight_minor)
    return Amounts(prices, order.goods_minor, freight_minor, total_minor, *told)


def _sum(goods_minor: int | None, freight_minor: int | None) -> int | None:
    return None if goods_minor is None or freight_minor is None else goods_minor + freight_minor


def _told_sums(order: Order, lines: Sequence[OrderLine]) -> tuple[int | None, int | None]:
    """(total, paid) as the platform tells them; None where nobody told."""
    is_fixed = any(n.share_minor is not None for n in lines)
    paid_minor = order.paid_minor if paid_is_known(order.status, order.paid_minor, is_fixed=is_fixed) else None
    return order.total_minor, paid_minor


def told_paid_minor(order: Any) -> int | None:
    """What was paid of an order (or its row) without a look at its lines; None while nobody told it."""
    is_known = order.has_list and paid_is_known(order.status, order.paid_minor, is_fixed=False)
    return order.paid_minor if is_known else None


def paid_minor_of(order: Order) -> int | None:
    """What was paid of an order; None while nobody told it."""
    return _told_sums(order, lines(order.id, order.store_id))[1]


def shares_are_known(order: Order) -> bool:
    """Whether what was paid was shared out among the lines; not while nobody told the details or the freight."""
    return all(n.share_minor is not None for n in lines(order.id, order.store_id) if n.kind is not LineKind.BUNDLE_PART)


def _is_news(line: OrderLine) -> bool:
    """Whether the platform still counts units that were taken off here."""
    told = line.quantity if line.told_quantity is None else line.told_quantity
    return told != line.quantity - line.cancelled


def _line_minor(price_minor: int | None, line: OrderLine, status: OrderStatus) -> int | None:
    """What is cancelled before it was paid for costs nothing; afterwards it is refunded."""
    units = line.quantity - (line.cancelled if status is OrderStatus.UNPAID else 0)
    return None if price_minor is None else price_minor * units


_REFERENCE = re.compile(r"\{\{amendment:(\d+)(:was)?\}\}")  # its value, or the one that it took the place of


def memo_lines(order: Order, *, clear: str = "") -> list[str]:
    """The order's memo lines, oldest first.

    Where a personal value stands, its masked form; with `clear` (the word for why) the value itself, for the text to
    copy into the platform, which the caller logs.
    """
    texts = [memo.text.reveal("to fill in its references") for memo in memos(order.id, order.store_id)]
    ids = _named(texts)
    return written_lines(texts, {i: amendment_by_id(i, order.store_id) for i in ids}, clear=clear)


def written_lines(texts: Iterable[str], amendments: Mapping[int, Amendment], *, clear: str = "") -> list[str]:
    """As `memo_lines`, from memo texts and the amendments they refer to that were read already."""
    return [_REFERENCE.sub(lambda found: _written(amendments, found, clear), text) for text in texts]


def _named(texts: Iterable[str]) -> set[int]:
    return {int(found[1]) for text in texts for found in _REFERENCE.finditer(text)}


def paper_memos(memos: Sequence[Memo], amendments: Mapping[int, Amendment]) -> dict[int, tuple[str, str]]:
    """Memo id → its line for our papers, and as it stands in the platform once it was pasted.

    On paper what has to be done stands in clear; an address stays a masked reference: the one that counts stands on
    the paper itself, and an earlier one has no business there.
    """
    lines = {memo.id: memo.text.reveal(TO_PRINT) for memo in memos}
    return {
        memo.id: (
            _REFERENCE.sub(lambda found: _printed(amendments, found), lines[memo.id]),
            _REFERENCE.sub(lambda found: _written(amendments, found, TO_PRINT), lines[memo.id]),
        )
        for memo in memos
    }


def _printed(amendments: Mapping[int, Amendment], found: re.Match[str]) -> str:
    is_address = amendments[int(found[1])].field is Field.ADDRESS
    return _written(amendments, found, "" if is_address else TO_PRINT)


def amendments_named(memos: Sequence[Memo]) -> set[int]:
    """Ids of the amendments that these memo lines refer to."""
    return _named(memo.text.reveal("to fill in its references") for memo in memos)


def masked_memos(memos: Sequence[Memo], actor: Actor) -> dict[int, str]:
    """Memo id → its line with references masked, of many orders in one statement."""
    lines = {memo.id: memo.text.reveal("to fill in its references") for memo in memos}
    ids = _named(lines.values())
    rows = db.session.scalars(
        within(select(Amendment).where(Amendment.id.in_(ids)), actor, Permission.ORDER_READ, Amendment)
    )
    shown = {(a.order_id, a.id): a for a in rows}
    return {memo.id: _filled(memo, lines[memo.id], shown) for memo in memos}


def _filled(memo: Memo, line: str, shown: Mapping[tuple[int, int], Amendment]) -> str:
    """An order's memo names only its own values."""

    def masked(found: re.Match[str]) -> str:
        amendment = shown.get((memo.order_id, int(found[1])))
        return worded(amendment.field, _referred(amendment, found), is_clear=False) if amendment else "****"

    return _REFERENCE.sub(masked, line)


def _referred(amendment: Amendment, found: re.Match[str]) -> Personal:
    return amendment.was if found[2] else amendment.value


def _written(amendments: Mapping[int, Amendment], found: re.Match[str], clear: str) -> str:
    amendment = amendments[int(found[1])]
    value = unpack(_referred(amendment, found), clear or "to mask it")
    if amendment.field is not Field.ADDRESS:
        text = str(value["text"])
        return text if clear else f"{text[:1]}***"
    return address_text(value, is_clear=bool(clear))


def address_text(value: dict[str, Any], *, is_clear: bool) -> str:
    """An address in one line; masked it keeps the region, the first letter of the name and the ends of the phone."""
    if is_clear:
        return address_line(_parts(value))
    hidden = {
        **value,
        "name": masking.mask_name(value.get("name")),
        "phone": masking.mask_phone(value.get("phone")),
        "street": "****" if value.get("street") else None,
        "zip": None,
    }
    return address_line(_parts(hidden))


def _parts(value: dict[str, Any]) -> ParsedAddress:
    texts: dict[str, Any] = {name: value.get(name) or "" for name in ADDRESS_FIELDS}
    return ParsedAddress(**texts)


def whole_memo(order: Order, more: list[str] | None = None, *, clear: str = "") -> str:
    """The whole text for the platform's one memo field: what stands there, then our lines, then `more`."""
    return composed_memo(order, [*memo_lines(order, clear=clear), *(more or [])])


def shorter_memo(order: Order, *, clear: str = "") -> str:
    """A whole text that the platform takes, where `whole_memo` is too long for it (memo_text.condense)."""
    foreign = order.platform_memo.reveal("to compose the whole memo") if order.platform_memo else None
    platform = str(staff.store_by_id(order.store_id).platform)
    return memo_text.condense(memo_lines(order, clear=clear), foreign, platform)


def composed_memo(order: Order, lines: list[str]) -> str:
    """The whole text from lines that were written out already."""
    foreign = order.platform_memo.reveal("to compose the whole memo") if order.platform_memo else None
    return memo_text.compose(lines, foreign)


def value_of(amendment: Amendment) -> dict[str, Any]:
    """The amended value, clear."""
    return unpack(amendment.value, WHY)


def value_in(value: Personal) -> dict[str, Any]:
    """A wished or amended value, clear, for a text that its caller logs."""
    return unpack(value, WHY)


def worded(field: Field | None, value: Personal | None, *, is_clear: bool) -> str:
    """A wished or amended value in one line: the address with a masked phone, the rest as it is or its first letter."""
    found = unpack(value, "to word it")
    if field is Field.ADDRESS:
        shown = {**found, "phone": masking.mask_phone(found.get("phone"))}
        return address_text(shown if is_clear else found, is_clear=is_clear)
    if field is Field.QUANTITY:
        return str(found["quantity"])
    if field in {Field.PRICE, Field.FREIGHT}:
        return str(found["amount_minor"])
    text = str(found.get("attributes") or found.get("text") or "")
    if field in {Field.INVOICE, Field.GREETING_CARD} and not is_clear and text:
        return f"{text[:1]}***"
    return text
