"""What of cases waits for a person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select, union_all

from shopdesk.cases.models import Case, CaseHandOver, CaseMention
from shopdesk.cases.queries.seeing import P, seen, sees
from shopdesk.cases.states import CasePhase
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Role
from shopdesk.core.plain_rows import PlainRows
from shopdesk.core.scope import within

MOST_WAITING = 1000  # in the navigation


def count_for_me(actor: Actor) -> int:
    """In how many cases somebody waits for the actor's look or word: mentioned in a note, offered to them."""
    if not actor.stores_with(P):
        return 0
    named = select(CaseMention.case_id).where(CaseMention.person_id == actor.id, CaseMention.seen_at.is_(None))
    offered = select(CaseHandOver.case_id).where(CaseHandOver.to_id == actor.id, CaseHandOver.answered_at.is_(None))
    there = or_(Case.id.in_(named), Case.id.in_(offered) & (Case.phase != CasePhase.CLOSED))
    return int(db.session.scalar(seen(select(func.count(Case.id)).where(there), actor)) or 0)


def for_me(actor: Actor) -> list[tuple[Case, bool]]:
    """Cases where the actor was mentioned and has not looked yet, behind the open ones that were offered (True)."""
    named = select(Case).join(CaseMention, CaseMention.case_id == Case.id)
    named = named.where(CaseMention.person_id == actor.id, CaseMention.seen_at.is_(None)).order_by(Case.id)
    offered = select(Case).join(CaseHandOver, CaseHandOver.case_id == Case.id).where(Case.phase != CasePhase.CLOSED)
    offered = offered.where(CaseHandOver.to_id == actor.id, CaseHandOver.answered_at.is_(None)).order_by(Case.id)
    found = [(case, True) for case in db.session.scalars(within(offered, actor, P, Case))]
    seen = {case.id for case, _is_offer in found}
    more = db.session.scalars(within(named, actor, P, Case)).unique()
    return found + [(case, False) for case in more if case.id not in seen and sees(case, actor)]


def count_waiting(actor: Actor) -> int:
    """What the navigation says: open ones of one's own, and those that nobody of one's roles has accepted.

    Each stops at MOST_WAITING: every page asks for it, and nobody counts on from there.
    """
    stores = actor.stores_with(P)
    if not stores:
        return 0
    free = {role: [i for i in stores if role in actor.roles[i]] or [0] for role in (Role.AFTER_SALE, Role.FINANCE)}
    rows = _WAITING.rows(
        me=actor.id or 0, most=MOST_WAITING, stores=stores, after_sale=free[Role.AFTER_SALE],
        finance=free[Role.FINANCE],
    )  # fmt: skip
    return sum(row.found for row in rows)


def _first_of(where: ColumnElement[bool], stores: str) -> Select[*tuple[Any, ...]]:
    """How many open ones in those stores, as far as `most`."""
    mine = Case.store_id.in_(bindparam(stores, expanding=True))
    rows = select(Case.id).where(mine, Case.phase != CasePhase.CLOSED, where).limit(bindparam("most"))
    return select(func.count().label("found")).select_from(rows.subquery())


_WAITING = PlainRows(
    union_all(
        _first_of(Case.owner_id == bindparam("me"), "stores"),
        _first_of(Case.owner_id.is_(None) & (Case.role == Role.AFTER_SALE), "after_sale"),
        _first_of(Case.owner_id.is_(None) & (Case.role == Role.FINANCE), "finance"),
    )
)
