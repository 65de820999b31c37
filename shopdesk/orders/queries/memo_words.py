"""Memo lines and values as people see them: masked, in clear, on paper."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from shopdesk.core import masking, memo_text
from shopdesk.core.addresses import FIELDS as ADDRESS_FIELDS
from shopdesk.core.addresses import ParsedAddress, address_line
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.personal import Personal, unpack
from shopdesk.core.scope import within
from shopdesk.orders.models import Amendment, Memo, Order
from shopdesk.orders.queries.reading import amendment_by_id, memos
from shopdesk.orders.states import Field
from shopdesk.staff import queries as staff

TO_PRINT = "to put it on the papers"
#: Fields whose value is an amount: it has no words without a currency.
AMOUNTS = frozenset({Field.PRICE, Field.FREIGHT})


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


def worded(field: Field | None, value: Personal | None, *, is_clear: bool) -> str:
    """A wished or amended value in one line: the address with a masked phone, the rest as it is or its first letter.

    An amount has none ("", see `minor_in`), and so has what nobody told.
    """
    found = unpack(value, "to word it")
    if field is Field.ADDRESS:
        shown = {**found, "phone": masking.mask_phone(found.get("phone"))}
        return address_text(shown if is_clear else found, is_clear=is_clear)
    if field is Field.QUANTITY:
        return str(found["quantity"])
    if field in AMOUNTS:
        return ""
    text = str(found.get("attributes") or found.get("text") or "")
    if field in {Field.INVOICE, Field.GREETING_CARD} and not is_clear and text:
        return f"{text[:1]}***"
    return text


def minor_in(field: Field | None, value: Personal | None) -> int | None:
    """The amount of a wished or amended value in minor units; None where nobody told it or the field is no money."""
    if field not in AMOUNTS:
        return None
    minor: int | None = unpack(value, "to word it")["amount_minor"]
    return minor
