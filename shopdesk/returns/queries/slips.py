"""Numbers that a clerk wrote down of a slip: the cases and orders that they mean, and the parcels that carry them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import or_, select

from shopdesk.cases.models import Case
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import within
from shopdesk.core.text import clean_listed, fold
from shopdesk.orders.models import SearchKey
from shopdesk.orders.states import KeyKind
from shopdesk.returns.models import Arrival
from shopdesk.returns.queries import docks

LOOK = Permission.ARRIVAL_READ
MOST_ORDERS = 400
MOST_NUMBERS = 40  # of one slip
SHORTEST_NUMBER = 4
_BETWEEN = re.compile(r"[\s,，;；。、|:：]+")


@dataclass(frozen=True, slots=True)
class Said:
    case_ids: frozenset[int] = frozenset()
    order_ids: frozenset[int] = frozenset()


def numbers(text: str) -> set[str]:
    """Every run of letters and digits that may be a number, folded; also those that touch words (订单TB1001)."""
    found = [*_BETWEEN.split(text), *clean_listed(text)]
    folded = [fold(each) for each in found if len(each) >= SHORTEST_NUMBER and any(sign.isdigit() for sign in each)]
    return set(folded[:MOST_NUMBERS])


def said(text: str, actor: Actor) -> Said:
    """The cases and orders of the actor's stores whose numbers stand in words."""
    there = numbers(text)
    if not there:
        return Said()
    numbered = select(Case.id).where(Case.number.in_({each.upper() for each in there}))
    cases = db.session.scalars(within(numbered, actor, LOOK, Case))
    return Said(frozenset(cases), frozenset(by_keys(there, actor, KeyKind.NUMBER)))


def by_keys(keys: Iterable[str], actor: Actor, *kinds: KeyKind) -> list[int]:
    """Orders that one of these folded keys leads to, the newest first."""
    wanted = sorted({key[:128] for key in keys if key})
    statement = select(SearchKey.order_id).where(SearchKey.value.in_(wanted), SearchKey.kind.in_(kinds)).distinct()
    newest = statement.order_by(SearchKey.order_id.desc()).limit(MOST_ORDERS)
    return list(db.session.scalars(within(newest, actor, LOOK, SearchKey))) if wanted else []


def unmatched(meant: Said, code: str, actor: Actor) -> list[tuple[Arrival, Said]]:
    """Parcels here that nobody has matched and that are of these cases or orders, or carry the code, newest first.

    A parcel is of them by what was written down of its slip, by the case opened for it, or as our own parcel.
    """
    cases, orders = _names(meant, actor)
    own = {value.upper() for value in orders}
    told = or_(Arrival.inside.is_not(None), Arrival.case_id.in_(meant.case_ids), Arrival.waybill.in_(own))
    found = []
    for row in docks.arrivals(actor, docks.is_unknown(), told, newest=True):
        there = numbers(row.inside or "")
        case_ids = {cases[each] for each in there & cases.keys()} | ({row.case_id or 0} & meant.case_ids)
        order_ids = {one for each in there | {fold(row.waybill)} for one in orders.get(each, ())}
        if case_ids or order_ids or fold(code) in there:
            found.append((row, Said(frozenset(case_ids), frozenset(order_ids))))
    return found


def _names(meant: Said, actor: Actor) -> tuple[dict[str, int], dict[str, set[int]]]:
    """Folded number → its case; folded number or waybill of our parcel → its orders."""
    numbered = select(Case.number, Case.id).where(Case.id.in_(meant.case_ids), Case.number.is_not(None))
    cases = {fold(number or ""): case_id for number, case_id in db.session.execute(within(numbered, actor, LOOK, Case))}
    keyed = select(SearchKey.value, SearchKey.order_id).where(SearchKey.order_id.in_(meant.order_ids))
    keyed = keyed.where(SearchKey.kind.in_((KeyKind.NUMBER, KeyKind.WAYBILL)))
    orders: dict[str, set[int]] = defaultdict(set)
    for value, order_id in db.session.execute(within(keyed, actor, LOOK, SearchKey)):
        orders[value].add(order_id)
    return cases, orders
