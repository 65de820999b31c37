"""The one box: exact keys before prefixes before parts of names, newest first (domain.md §7)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from sqlalchemy import and_, bindparam, exists, func, select
from sqlalchemy.orm import aliased

from shopdesk.cases import queries as cases
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.phones import phone_key
from shopdesk.core.reading import FirstOfEach, Reading
from shopdesk.core.text import bare, clean_pasted, fold, query_grams
from shopdesk.orders.models import Amendment, Order, SearchGram, SearchKey
from shopdesk.orders.states import TAIL, Field, KeyKind, number_tail
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import ParcelLine

LEAST_PREFIX = 3  # characters; fewer match half the desk
MOST_TERMS = 500  # lines of a pasted list
BEGUN = 500  # keys of one beginning that are looked at in each store
SCANNED = 400  # candidates of a part that are verified at most
GRAMS = 7  # of a part that the index is asked for
NEWEST = 2**62  # above every id
KINDS = {kind: rank for rank, kind in enumerate(KeyKind)}


@dataclass(frozen=True, slots=True)
class Found:
    """Order ids in the order to show them, by what they were found, and what was looked for after cleaning."""

    order_ids: list[int]
    matched: str | None  # a KeyKind, number_tail, number_end, prefix, name, list, case, parcel; None for nothing
    terms: list[str]
    missing: list[str]  # of a list: what was not found
    has_more: bool = False
    left_out: int = 0  # of a list: lines above MOST_TERMS, which were not looked for
    case_id: int | None = None  # of a case number


def look_up(text: str, actor: Actor, *, limit: int = 50, before: int | None = None) -> Found:
    """Find orders in all stores of the person.  `before`: only ids below it, for the next page."""
    terms = clean_pasted(text)
    if len(terms) > 1:
        return replace(_many(terms[:MOST_TERMS], actor), left_out=max(0, len(terms) - MOST_TERMS))
    if not terms:
        return Found([], None, [], [])
    return _one(terms[0], actor, limit=limit, before=before)


def _one(term: str, actor: Actor, *, limit: int, before: int | None) -> Found:
    if case := cases.by_number(term, actor):
        case_id, order_id = case
        return Found([order_id], "case", [term], [], case_id=case_id)
    if (parcel_id := parcels.parcel_of(term)) and (ids := _in_parcel(parcel_id, actor)):
        return Found(ids, "parcel", [term], [])
    key = fold(term)[:128]
    found, kind = _exact(key, actor, limit + 1, before)
    if not found and (phone := _other_writing(key)):
        found, kind = _exact(phone, actor, limit + 1, before)
    matched: str | None = kind
    if not found and len(key) >= LEAST_PREFIX:
        found, matched = _begun_or_ended(key, actor, limit + 1, before)
    if not found:
        found, matched = _part(term, actor, limit + 1, before), "name"
    missing = [] if found else [term]
    return Found(found[:limit], matched if found else None, [term], missing, len(found) > limit)


_CARRIED = Reading(
    select(ParcelLine.order_id)
    .where(ParcelLine.parcel_id == bindparam("parcel_id"), ParcelLine.quantity > 0)
    .distinct()
    .order_by(ParcelLine.order_id.desc()),
    ParcelLine.store_id,
)


def _in_parcel(parcel_id: int, actor: Actor) -> list[int]:
    """The orders in the parcel whose papers were scanned, also by an old version of them."""
    return [row.order_id for row in _CARRIED.rows(actor, Permission.ORDER_READ, parcel_id=parcel_id)]


def _other_writing(key: str) -> str | None:
    """The key of a phone that is written in another way than it is kept: +86, hyphens."""
    phone = phone_key(key)
    return phone if phone != key else None


_LISTED = Reading(
    select(SearchKey.value, SearchKey.order_id).where(
        SearchKey.value.in_(bindparam("keys", expanding=True)),
        SearchKey.kind.in_([KeyKind.NUMBER, KeyKind.WAYBILL, KeyKind.PHONE, KeyKind.BUYER]),
    ),
    SearchKey.store_id,
)


def _many(terms: list[str], actor: Actor) -> Found:
    """A pasted list: exact keys only, in the order pasted."""
    folded = [fold(term)[:128] for term in terms]
    other = {key: phone for key in folded if (phone := _other_writing(key))}
    by_key: dict[str, list[int]] = {}
    for value, order_id in _LISTED.rows(actor, Permission.ORDER_READ, keys=[*folded, *other.values()]):
        by_key.setdefault(value, []).append(order_id)
    keys = [key if key in by_key else other.get(key, key) for key in folded]
    ids = [order_id for key in keys for order_id in sorted(by_key.get(key, []), reverse=True)]
    missing = [term for term, key in zip(terms, keys, strict=True) if key not in by_key]
    return Found(list(dict.fromkeys(ids)), "list" if ids else None, terms, missing)


_KEYED = (
    select(SearchKey.order_id, SearchKey.kind)
    .where(SearchKey.value == bindparam("key"), SearchKey.order_id < bindparam("before"))
    .order_by(SearchKey.order_id.desc())
)
# SKUs and last four digits have hits without end, newest first in the index; they must not crowd out a better kind.
_EXACT = FirstOfEach(
    SearchKey.store_id,
    _KEYED.where(SearchKey.kind != KeyKind.SKU, SearchKey.kind != KeyKind.PHONE_TAIL),
    _KEYED.where(SearchKey.kind == KeyKind.PHONE_TAIL),
    _KEYED.where(SearchKey.kind == KeyKind.SKU),
)


_TAILED = FirstOfEach(
    SearchGram.store_id,
    select(SearchGram.order_id)
    .where(SearchGram.gram == bindparam("tail"), SearchGram.order_id < bindparam("before"))
    .order_by(SearchGram.order_id.desc()),
)


def _exact(key: str, actor: Actor, limit: int, before: int | None) -> tuple[list[int], str | None]:
    rows = _EXACT.rows(actor, Permission.ORDER_READ, most=limit, key=key, before=before or NEWEST)
    found = [(KINDS[row.kind], -row.order_id, str(row.kind)) for row in rows]
    if len(key) == TAIL and key.isalnum():
        tailed = _TAILED.rows(actor, Permission.ORDER_READ, most=limit, tail=number_tail(key), before=before or NEWEST)
        found += [(len(KINDS), -row.order_id, "number_tail") for row in tailed]
    if not found:
        return [], None
    ranked = sorted(found)
    ids = list(dict.fromkeys(-order_id for _, order_id, _ in ranked))
    return (ids if before is None else sorted(ids, reverse=True))[:limit], ranked[0][2]


_ENDED = FirstOfEach(
    SearchGram.store_id,
    select(SearchGram.order_id)
    .join(Order, and_(Order.id == SearchGram.order_id, Order.store_id == SearchGram.store_id))
    .where(SearchGram.gram == bindparam("tail"), SearchGram.order_id < bindparam("before"))
    .where(func.lower(Order.number).like(bindparam("ending")))
    .order_by(SearchGram.order_id.desc()),
)


def _begun_or_ended(key: str, actor: Actor, limit: int, before: int | None) -> tuple[list[int], str]:
    """Keys that begin so and order numbers that end so, newest first: six digits may be either."""
    begun = _prefix(key, actor, limit, before)
    if len(key) <= TAIL or not key.isalnum():
        return begun, "prefix"
    values = {"tail": number_tail(key), "ending": f"%{key}", "before": before or NEWEST}
    ended = {row.order_id for row in _ENDED.rows(actor, Permission.ORDER_READ, most=limit, **values)}
    return sorted({*begun, *ended}, reverse=True)[:limit], "prefix" if begun else "number_end"


_BEGINNING = FirstOfEach(
    SearchKey.store_id,
    select(SearchKey.order_id)
    .where(SearchKey.value >= bindparam("key"), SearchKey.value < bindparam("end"))
    .where(SearchKey.kind != KeyKind.PHONE_TAIL, SearchKey.order_id < bindparam("before"))
    .order_by(SearchKey.value.desc()),
)


def _prefix(key: str, actor: Actor, limit: int, before: int | None) -> list[int]:
    """Keys that begin so, newest first.

    Of a beginning with more than BEGUN keys in a store the highest are taken: numbers grow with time, so they are the
    newest, and a common beginning costs no more than that.
    """
    end = key[:-1] + chr(ord(key[-1]) + 1)
    rows = _BEGINNING.rows(actor, Permission.ORDER_READ, most=BEGUN, key=key, end=end, before=before or NEWEST)
    return sorted({row.order_id for row in rows}, reverse=True)[:limit]


def _part(term: str, actor: Actor, limit: int, before: int | None) -> list[int]:
    """Names that contain it: candidates by their grams, newest first, verified against the value itself."""
    wanted, grams = bare(term), query_grams(term)[:GRAMS]
    found: list[int] = []
    scanned, last = 0, before or NEWEST
    while grams and len(found) < limit and scanned < SCANNED:
        candidates = _candidates(grams, actor, most=limit, before=last)
        names = _names(candidates, actor)
        found += [i for i in candidates if any(wanted in name for name in names.get(i, ()))]
        if len(candidates) < limit:
            break
        scanned, last = scanned + len(candidates), candidates[-1]
    return found[:limit]


@lru_cache
def _with_grams(count: int) -> FirstOfEach:
    statement = select(SearchGram.order_id).where(SearchGram.gram == bindparam("gram_0"))
    for place in range(1, count):
        other = aliased(SearchGram)
        same = (other.store_id == SearchGram.store_id, other.order_id == SearchGram.order_id)
        statement = statement.where(exists().where(*same, other.gram == bindparam(f"gram_{place}")))
    newest = statement.where(SearchGram.order_id < bindparam("before")).order_by(SearchGram.order_id.desc())
    return FirstOfEach(SearchGram.store_id, newest)


def _candidates(grams: list[str], actor: Actor, *, most: int, before: int) -> list[int]:
    values = {f"gram_{place}": gram for place, gram in enumerate(grams)}
    rows = _with_grams(len(grams)).rows(actor, Permission.ORDER_READ, most=most, before=before, **values)
    return sorted((row.order_id for row in rows), reverse=True)[:most]


_NAMES = Reading(
    select(Order.id, Order.recipient_name, Order.buyer_nick, Amendment.value)
    .outerjoin(
        Amendment,
        (Amendment.order_id == Order.id) & (Amendment.field == Field.ADDRESS) & Amendment.ended_at.is_(None),
    )
    .where(Order.id.in_(bindparam("ids", expanding=True))),
    Order.store_id,
)


def _names(order_ids: list[int], actor: Actor) -> dict[int, list[str]]:
    """Folded names of the orders: recipient, buyer, and recipients that the desk amended."""
    why = "to verify a search hit"
    rows = _NAMES.rows(actor, Permission.ORDER_READ, ids=order_ids) if order_ids else []
    return {row[0]: [bare(value.reveal(why)) for value in row[1:] if value] for row in rows}
