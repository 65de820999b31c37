"""Returns that a parcel without a match may be for, and what a clerk finds by what stands on a slip."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from shopdesk.cases.models import Case
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.phones import phone_key, tail4
from shopdesk.core.scope import within
from shopdesk.core.text import bare, fold, query_grams
from shopdesk.orders.models import Order, SearchGram
from shopdesk.orders.states import KeyKind
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel, ParcelLine, Waybill
from shopdesk.returns.models import Arrival, ArrivalMatch, Finding, Return, ReturnLine, ReturnWaybill
from shopdesk.returns.queries import docks, slips
from shopdesk.returns.queries.slips import MOST_ORDERS, Said
from shopdesk.returns.rules.findings import finding_of
from shopdesk.returns.rules.matching import SHORTEST_PART, Awaited, Box, Candidate, is_called, phrases, ranked
from shopdesk.returns.states import RETURN_OPEN, ReturnState

LOOK = Permission.ARRIVAL_READ
WHY = "to compare it with what stands on the box"
MOST_RETURNS, MOST_TITLES = 400, 1000
#: A cancelled return may come nevertheless.
MAY_COME = RETURN_OPEN | {ReturnState.CANCELLED}
KEYS = (KeyKind.NUMBER, KeyKind.WAYBILL, KeyKind.BUYER, KeyKind.PHONE, KeyKind.PHONE_TAIL, KeyKind.SKU)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A candidate with what a person compares; no name, phone or address."""

    candidate: Candidate
    back: Return
    case_number: str
    order_number: str
    lines: tuple[ReturnLine, ...]


def candidates(arrival: Arrival, actor: Actor, limit: int = 20) -> list[Suggestion]:
    """The likeliest first; nothing where nothing speaks for any."""
    found = box_of(arrival, actor)
    said_not = _of_its_parcel(arrival, actor)
    there = _returns(found, _orders_of(arrival, found, actor), actor)
    rows = {row.id: row for row in there if row.id not in said_not}
    chosen = ranked(found, awaited(list(rows.values()), actor), limit)
    return suggestions([(one, rows[one.return_id]) for one in chosen], actor)


def _of_its_parcel(arrival: Arrival, actor: Actor) -> set[int]:
    """What was taken out of a parcel is somebody else's: not of the returns that it holds."""
    parcel = docks.taken_from(arrival, actor)
    return {match.return_id for match in docks.matches([parcel.id], actor)} if parcel else set()


def box_of(arrival: Arrival, actor: Actor) -> Box:
    """What is known of a parcel, in comparable form."""
    words = arrival.inside or ""
    standing = [row for row in docks.findings(arrival) if row.return_line_id is None]  # of which nobody knows whose
    named = {fold(row.sku) for row in standing if row.sku}
    counted = sum(row.quantity for row in standing if row.identity != "missing")
    phone = arrival.sender_phone.reveal(WHY) if arrival.sender_phone else None
    said = slips.said(words, actor)
    return Box(
        waybill=arrival.waybill,
        arrived_at=arrival.signed_in_at,
        warehouse_id=arrival.warehouse_id,
        case_id=arrival.case_id,
        order_ids=frozenset(own_orders(arrival.waybill, actor)),
        said_case_ids=frozenset(said.case_ids),
        said_order_ids=frozenset(said.order_ids),
        phone_tail=tail4(phone),
        name=arrival.sender.reveal(WHY) if arrival.sender else None,
        skus=frozenset(named | {fold(word) for word in words.replace("，", " ").replace(",", " ").split()}),
        words=words,
        units=counted or None,
    )


def own_orders(waybill: str, actor: Actor) -> list[int]:
    """Orders of our own parcel with this waybill, or with our barcode."""
    ids = select(Waybill.parcel_id).where(Waybill.number.in_({waybill, waybill.lower()}))
    parcel_ids = set(db.session.scalars(within(ids, actor, LOOK, Waybill)))
    if (ours := parcels.parcel_of(waybill)) is not None:
        parcel_ids.add(ours)
    statement = select(ParcelLine.order_id).join(Parcel, Parcel.id == ParcelLine.parcel_id)
    statement = statement.where(ParcelLine.parcel_id.in_(parcel_ids)).distinct()
    return sorted(db.session.scalars(within(statement, actor, LOOK, Parcel)))


def _orders_of(arrival: Arrival, box: Box, actor: Actor) -> set[int]:
    """Orders that something on the box points to."""
    found = set(box.order_ids | box.said_order_ids)
    phone = arrival.sender_phone.reveal(WHY) if arrival.sender_phone else None
    keys = {key for key in (phone_key(phone), box.phone_tail) if key} | set(box.skus)
    found |= set(slips.by_keys(keys, actor, KeyKind.PHONE, KeyKind.PHONE_TAIL, KeyKind.SKU))
    return found | set(_by_name(box.name, actor))


def _by_name(name: str | None, actor: Actor) -> list[int]:
    """Orders whose recipient or buyer has every pair of letters of the name; verified by whoever shows them."""
    pairs = query_grams(name or "")
    if not pairs or not any(len(pair) == 2 for pair in pairs):
        return []
    statement = (
        select(SearchGram.order_id)
        .where(SearchGram.gram.in_(pairs))
        .group_by(SearchGram.order_id)
        .having(func.count(SearchGram.gram.distinct()) == len(set(pairs)))
        .order_by(SearchGram.order_id.desc())
        .limit(MOST_ORDERS)
    )
    return list(db.session.scalars(within(statement, actor, LOOK, SearchGram)))


def _returns(box: Box, order_ids: set[int], actor: Actor) -> list[Return]:
    part = box.waybill[-SHORTEST_PART:]
    head = box.waybill[:-SHORTEST_PART]
    parts = [ReturnWaybill.number.endswith(part, autoescape=True)]
    if len(head) >= SHORTEST_PART:
        parts.append(ReturnWaybill.number.startswith(head, autoescape=True))
    like = select(ReturnWaybill.return_id).where(or_(*parts)).order_by(ReturnWaybill.id.desc()).limit(MOST_RETURNS)
    by_waybill = list(db.session.scalars(within(like, actor, LOOK, ReturnWaybill)))
    which: list[ColumnElement[bool]] = [Return.order_id.in_(order_ids), Return.id.in_(by_waybill)]
    case_ids = box.said_case_ids | ({box.case_id} if box.case_id is not None else set())
    which += [Return.case_id.in_(case_ids), Return.id.in_(_by_title(box, actor))]
    statement = select(Return).where(or_(*which), Return.state.in_(MAY_COME)).order_by(Return.id.desc())
    return list(db.session.scalars(within(statement.limit(MOST_RETURNS), actor, LOOK, Return)))


def _by_title(box: Box, actor: Actor) -> list[int]:
    """Open returns of this warehouse whose goods are called like what lies in it, the newest first.

    Titles are compared here: blanks and punctuation in them do not count, which no database can tell.
    """
    said = phrases(box.words)
    if not said:
        return []
    here = Return.state.in_(RETURN_OPEN), Return.warehouse_id == box.warehouse_id
    lines = select(ReturnLine.title).join(Return, Return.id == ReturnLine.return_id)
    known = lines.where(*here, ReturnLine.title.is_not(None)).group_by(ReturnLine.title)
    newest = known.order_by(func.max(ReturnLine.return_id).desc()).limit(MOST_TITLES)
    titles = db.session.scalars(within(newest, actor, LOOK, ReturnLine, Return))
    called = [title for title in titles if title and is_called(said, title)][:MOST_RETURNS]
    chosen = select(ReturnLine.return_id).join(Return, Return.id == ReturnLine.return_id)
    chosen = chosen.where(*here, ReturnLine.title.in_(called)).order_by(ReturnLine.return_id.desc())
    return list(db.session.scalars(within(chosen.limit(MOST_RETURNS), actor, LOOK, ReturnLine, Return)))


def awaited(rows: Sequence[Return], actor: Actor) -> list[Awaited]:
    """Returns in comparable form."""
    ids = [row.id for row in rows]
    bills: dict[int, list[str]] = defaultdict(list)
    for bill in _of(ReturnWaybill, ids, actor):
        bills[bill.return_id].append(bill.number)
    lines: dict[int, list[ReturnLine]] = defaultdict(list)
    for line in _of(ReturnLine, ids, actor):
        lines[line.return_id].append(line)
    statement = select(Order).where(Order.id.in_({row.order_id for row in rows}))
    people = {order.id: order for order in db.session.scalars(within(statement, actor, LOOK, Order))}
    return [_awaited(row, bills[row.id], lines[row.id], people[row.order_id]) for row in rows]


def _awaited(row: Return, bills: list[str], lines: list[ReturnLine], order: Order) -> Awaited:
    return Awaited(
        return_id=row.id,
        order_id=row.order_id,
        case_id=row.case_id,
        warehouse_id=row.warehouse_id,
        waybills=tuple(bills),
        phone_tail=tail4(order.phone.reveal(WHY)) if order.phone else None,
        name=order.recipient_name.reveal(WHY) if order.recipient_name else None,
        skus=frozenset(fold(line.sku) for line in lines if line.sku),
        titles=tuple(line.title for line in lines if line.title),
        units=sum(line.expected - line.arrived - line.given_up for line in lines),
        sent_at=row.sent_at,
    )


def _of(model: Any, return_ids: Sequence[int], actor: Actor) -> list[Any]:
    statement: Select[Any] = select(model).where(model.return_id.in_(return_ids)).order_by(model.id)
    return list(db.session.scalars(within(statement, actor, LOOK, model)))


def suggestions(chosen: Sequence[tuple[Candidate, Return]], actor: Actor) -> list[Suggestion]:
    rows = [row for _one, row in chosen]
    lines: dict[int, list[ReturnLine]] = defaultdict(list)
    for line in _of(ReturnLine, [row.id for row in rows], actor):
        lines[line.return_id].append(line)
    statement = select(Case.id, Case.number).where(Case.id.in_({row.case_id for row in rows}))
    cases = {row.id: row.number for row in db.session.execute(within(statement, actor, LOOK, Case))}
    orders = select(Order.id, Order.number).where(Order.id.in_({row.order_id for row in rows}))
    numbers = {row.id: row.number for row in db.session.execute(within(orders, actor, LOOK, Order))}
    return [
        Suggestion(one, row, cases[row.case_id] or "", numbers[row.order_id], tuple(lines[row.id]))
        for one, row in chosen
    ]


# -- by what stands on a slip ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hits:
    """Parcels that are here, and returns of which no parcel came yet."""

    arrivals: list[Arrival]
    returns: list[Suggestion]


NOTHING = Candidate(0, 0, ())


def find(text: str, actor: Actor) -> Hits:
    """A return waybill first, then a label, a case number, an order number, phone, its tail, name, SKU."""
    code = parcels.scanned(text).upper()
    if not code:
        return Hits([], [])
    here = docks.arrivals(actor, Arrival.waybill == code, newest=True)
    if here:
        return Hits(here, [])
    labelled = finding_of(code)
    if labelled is not None:
        holds = Arrival.id.in_(select(Finding.arrival_id).where(Finding.id == labelled))
        return Hits(docks.arrivals(actor, holds), [])
    return _hits(*_by_slip(text, code, actor), code, actor)


def _by_slip(text: str, code: str, actor: Actor) -> tuple[list[Return], Said]:
    """The returns that a text leads to, and the cases and orders that it means, also those without a return."""
    bills = select(ReturnWaybill.return_id).where(ReturnWaybill.number.in_({code, code.lower()}))
    ids = list(db.session.scalars(within(bills, actor, LOOK, ReturnWaybill)))
    if ids:
        rows = _rows(Return.id.in_(ids), actor)
        return rows, Said(frozenset(row.case_id for row in rows), frozenset(row.order_id for row in rows))
    numbered = select(Case.id, Case.order_id).where(Case.number == code)
    found = db.session.execute(within(numbered, actor, LOOK, Case)).all()
    if found:
        meant = Said(frozenset(row.id for row in found), frozenset(row.order_id for row in found))
        return _rows(Return.case_id.in_(meant.case_ids), actor), meant
    orders = own_orders(code, actor) or slips.by_keys({fold(text), phone_key(text) or ""}, actor, *KEYS)
    orders = orders or _named(text, actor)
    if not orders:
        return [], Said()
    rows = _rows(Return.order_id.in_(orders), actor)
    return rows, Said(frozenset(row.case_id for row in rows), frozenset(orders))


def _named(text: str, actor: Actor) -> list[int]:
    """Orders whose recipient or buyer is really called so."""
    statement = select(Order).where(Order.id.in_(_by_name(text, actor)))
    found = []
    for order in db.session.scalars(within(statement, actor, LOOK, Order)):
        names = [name.reveal(WHY) for name in (order.recipient_name, order.buyer_nick) if name]
        if any(bare(text) in bare(name) for name in names):
            found.append(order.id)
    return found


def _rows(which: ColumnElement[bool], actor: Actor) -> list[Return]:
    statement = select(Return).where(which).order_by(Return.id.desc()).limit(MOST_RETURNS)
    return list(db.session.scalars(within(statement, actor, LOOK, Return)))


def _hits(rows: list[Return], meant: Said, code: str, actor: Actor) -> Hits:
    ids = [row.id for row in rows]
    matched = select(ArrivalMatch.arrival_id, ArrivalMatch.return_id).where(ArrivalMatch.return_id.in_(ids))
    pairs = [tuple(row) for row in db.session.execute(within(matched, actor, LOOK, ArrivalMatch))]
    found = docks.arrivals(actor, Arrival.id.in_({arrival_id for arrival_id, _ in pairs}), newest=True)
    came = {return_id for _, return_id in pairs}
    lying = slips.unmatched(meant, code, actor)
    here = {row.id for row in rows for _, of in lying if row.case_id in of.case_ids or row.order_id in of.order_ids}
    waits = [row for row in rows if row.id not in came | here and row.state in MAY_COME]
    both = sorted([*found, *(row for row, _of in lying)], key=lambda row: -row.id)
    return Hits(both, suggestions([(NOTHING, row) for row in waits], actor))


def orders_meant(text: str, actor: Actor, *kinds: KeyKind) -> list[int]:
    """Orders that go by a number, or whose parcel of ours does."""
    code = parcels.scanned(text).upper()
    return own_orders(code, actor) or (slips.by_keys({fold(text)}, actor, *kinds) if code else [])
