"""The one box: exact keys before prefixes before parts of names, newest first (domain.md §7)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import within
from shopdesk.core.text import bare, clean_pasted, fold, query_grams
from shopdesk.orders.models import Amendment, Order, SearchGram, SearchKey
from shopdesk.orders.states import Field, KeyKind

LEAST_PREFIX = 3  # characters; fewer match half the desk
MOST_TERMS = 200  # lines of a pasted list
SCANNED = 400  # candidates of a part that are verified at most


@dataclass(frozen=True, slots=True)
class Found:
    """Order ids in the order to show them, by what they were found, and what was looked for after cleaning."""

    order_ids: list[int]
    matched: str | None  # a KeyKind, "prefix", "name", "list", or None for nothing
    terms: list[str]
    missing: list[str]  # of a list: what was not found
    has_more: bool = False


def look_up(text: str, actor: Actor, *, limit: int = 50, before: int | None = None) -> Found:
    """Find orders in all stores of the person.  `before`: only ids below it, for the next page."""
    terms = clean_pasted(text)[:MOST_TERMS]
    if len(terms) > 1:
        return _many(terms, actor)
    if not terms:
        return Found([], None, [], [])
    return _one(terms[0], actor, limit=limit, before=before)


def _one(term: str, actor: Actor, *, limit: int, before: int | None) -> Found:
    key = fold(term)[:128]
    found, kind = _exact(key, actor, limit + 1, before)
    matched: str | None = kind
    if not found and len(key) >= LEAST_PREFIX:
        found, matched = _prefix(key, actor, limit + 1, before), "prefix"
    if not found:
        found, matched = _part(term, actor, limit + 1, before), "name"
    missing = [] if found else [term]
    return Found(found[:limit], matched if found else None, [term], missing, len(found) > limit)


def _many(terms: list[str], actor: Actor) -> Found:
    """A pasted list: exact keys only, in the order pasted."""
    keys = [fold(term)[:128] for term in terms]
    statement = select(SearchKey.value, SearchKey.order_id).where(
        SearchKey.value.in_(keys), SearchKey.kind.in_([KeyKind.NUMBER, KeyKind.WAYBILL, KeyKind.PHONE, KeyKind.BUYER])
    )
    rows = db.session.execute(within(statement, actor, Permission.ORDER_READ, SearchKey)).all()
    by_key: dict[str, list[int]] = {}
    for value, order_id in rows:
        by_key.setdefault(value, []).append(order_id)
    ids = [order_id for key in keys for order_id in sorted(by_key.get(key, []), reverse=True)]
    missing = [term for term, key in zip(terms, keys, strict=True) if key not in by_key]
    return Found(list(dict.fromkeys(ids)), "list" if ids else None, terms, missing)


def _exact(key: str, actor: Actor, limit: int, before: int | None) -> tuple[list[int], str | None]:
    statement = select(SearchKey.order_id, SearchKey.kind).where(SearchKey.value == key)
    if before is not None:
        statement = statement.where(SearchKey.order_id < before)
    scoped = within(statement, actor, Permission.ORDER_READ, SearchKey)
    rows = db.session.execute(scoped.order_by(SearchKey.order_id.desc()).limit(limit * 2)).all()
    if not rows:
        return [], None
    kinds = list(KeyKind)
    best = min((row.kind for row in rows), key=kinds.index)
    ranked = sorted(rows, key=lambda row: (kinds.index(row.kind), -row.order_id))
    ids = list(dict.fromkeys(row.order_id for row in ranked))
    return (ids if before is None else sorted(ids, reverse=True))[:limit], str(best)


def _prefix(key: str, actor: Actor, limit: int, before: int | None) -> list[int]:
    """Keys that begin so.  Taken in the order of the key, so that a common beginning costs no more than a rare one."""
    end = key[:-1] + chr(ord(key[-1]) + 1)
    statement = select(SearchKey.order_id).where(SearchKey.value >= key, SearchKey.value < end)
    statement = statement.where(SearchKey.kind.not_in([KeyKind.PHONE_TAIL]))
    if before is not None:
        statement = statement.where(SearchKey.order_id < before)
    scoped = within(statement, actor, Permission.ORDER_READ, SearchKey)
    rows = db.session.scalars(scoped.order_by(SearchKey.store_id, SearchKey.value).limit(limit * 2))
    return sorted(set(rows), reverse=True)[:limit]


def _part(term: str, actor: Actor, limit: int, before: int | None) -> list[int]:
    """Names that contain it: candidates by their grams, newest first, verified against the value itself."""
    wanted = bare(term)
    all_grams = query_grams(term)
    if not all_grams:
        return []
    first, *more = all_grams
    statement = select(SearchGram.order_id).where(SearchGram.gram == first)
    for gram in more[:6]:
        other = aliased(SearchGram)
        same = (other.store_id == SearchGram.store_id, other.order_id == SearchGram.order_id, other.gram == gram)
        statement = statement.where(exists().where(*same))
    if before is not None:
        statement = statement.where(SearchGram.order_id < before)
    scoped = within(statement, actor, Permission.ORDER_READ, SearchGram).order_by(SearchGram.order_id.desc())
    candidates = list(db.session.scalars(scoped.limit(max(limit, SCANNED))))
    names = _names(candidates, actor)
    return [i for i in candidates if any(wanted in name for name in names.get(i, ()))][:limit]


def _names(order_ids: list[int], actor: Actor) -> dict[int, list[str]]:
    """Folded names of the orders: recipient, buyer, and recipients that the desk amended."""
    why = "to verify a search hit"
    statement = select(Order.id, Order.recipient_name, Order.buyer_nick).where(Order.id.in_(order_ids))
    found: dict[int, list[str]] = {}
    for order_id, name, nick in db.session.execute(within(statement, actor, Permission.ORDER_READ, Order)):
        found[order_id] = [bare(value.reveal(why)) for value in (name, nick) if value]
    amended = select(Amendment.order_id, Amendment.value).where(
        Amendment.order_id.in_(order_ids), Amendment.field == Field.ADDRESS, Amendment.ended_at.is_(None)
    )
    for order_id, value in db.session.execute(within(amended, actor, Permission.ORDER_READ, Amendment)):
        found.setdefault(order_id, []).append(bare(value.reveal(why)))
    return found
