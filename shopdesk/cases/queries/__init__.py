"""Reads about cases: who sees which, the lists, those of an order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, false, func, or_, select, union_all

from shopdesk.cases.models import (
    Case,
    CaseAnswer,
    CaseHandOver,
    CaseLine,
    CaseMention,
    CaseNote,
    CasePhoto,
    CaseReminder,
)
from shopdesk.cases.states import CaseKind, CasePhase, CaseSource, Goal, WaitingFor
from shopdesk.core.db import db
from shopdesk.core.errors import NotAllowed, NotFound
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.plain_rows import PlainRows
from shopdesk.core.reading import Reading
from shopdesk.core.scope import in_store, load, within
from shopdesk.orders.models import Order
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.states import LEFT
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Person

P = Permission.CASE_READ
#: Roles that see every case of their stores; the others see what stands in their own inbox.
SEE_ALL = frozenset({Role.PRE_SALE, Role.AFTER_SALE, Role.SUPERVISOR, Role.SYSTEM})
MOST_WAITING = 1000  # in the navigation
MOST_CHAIN = 50  # cases that follow from each other
NUMBER = re.compile(r"c\d{8}-\d{4,}\Z", re.IGNORECASE | re.ASCII)


class Whose(StrEnum):
    """Which cases a list shows; all but the last are open ones."""

    ALL = "all"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    LEFT = "left"  # with an owner who is shut out
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list; its wish is on its own page."""

    id: int
    number: str
    store_id: int
    order_id: int
    order_number: str
    kind: CaseKind
    goal: Goal | None
    source: CaseSource
    phase: CasePhase
    role: Role
    owner_id: int | None
    owner: str | None  # the name on memos
    opened_at: datetime
    accepted_at: datetime | None
    closed_at: datetime | None
    waiting_for: WaitingFor | None
    due_at: datetime | None


def sees(case: Case, actor: Actor) -> bool:
    return sees_of(case.role, case.store_id, actor)


def sees_of(role: Role, store_id: int, actor: Actor) -> bool:
    """Whether the actor sees cases that stand in this role's inbox of that store."""
    return actor.may(P, store_id) and bool(actor.roles.get(store_id, frozenset()) & (SEE_ALL | {role}))


def case_by_id(case_id: int, actor: Actor, permission: Permission = P) -> Case:
    """Raises NotFound; NotAllowed, also for a case that stands only in the inbox of a role that is not theirs."""
    case = load(Case, case_id, actor, permission)
    if not sees(case, actor):
        raise NotAllowed("This is for %(role)s to do.", code="other_role", role=str(case.role))
    return case


def locked(case_id: int, actor: Actor) -> Case:
    """The case as it is now, locked until the command ends; found and allowed by the caller."""
    return load(Case, case_id, actor, P, lock="update")


def owner_left(case: Case) -> bool:
    """Whether its owner is shut out: then it is nobody's as far as accepting goes, and still shows who had it."""
    return case.owner_id is not None and staff.has_left(case.owner_id)


def reads_wish(case: Case, actor: Actor) -> bool:
    """Whether this person reads its words in clear: with `personal:read`, and in whose inbox it stands."""
    held = actor.roles.get(case.store_id, frozenset())
    is_limited = actor.limit is not None and Permission.PERSONAL_READ not in actor.limit
    return actor.may(Permission.PERSONAL_READ, case.store_id) or (case.role in held and not is_limited)


def of_change(change_id: int, store_id: int) -> Case | None:
    statement = select(Case).where(Case.change_id == change_id)
    return db.session.scalars(in_store(statement, store_id, Case)).one_or_none()


def lines_of(case: Case) -> list[CaseLine]:
    """The units that the case is about, as their lines were called then."""
    statement = select(CaseLine).where(CaseLine.case_id == case.id).order_by(CaseLine.id)
    return list(db.session.scalars(in_store(statement, case.store_id, CaseLine)))


def answers_of(case: Case) -> list[CaseAnswer]:
    """What the customer answered to the guiding questions, in the order in which they were asked."""
    statement = select(CaseAnswer).where(CaseAnswer.case_id == case.id).order_by(CaseAnswer.id)
    return list(db.session.scalars(in_store(statement, case.store_id, CaseAnswer)))


def photos_of(case: Case) -> list[CasePhoto]:
    """Its own photos, and those of the cases that go on in it."""
    merged = select(Case.id).where((Case.id == case.id) | (Case.merged_into_id == case.id))
    statement = select(CasePhoto).where(CasePhoto.case_id.in_(merged)).order_by(CasePhoto.id)
    return list(db.session.scalars(in_store(statement, case.store_id, CasePhoto)))


def photo_of(case: Case, photo_id: int) -> CasePhoto:
    """One of them.  Raises NotFound."""
    for photo in photos_of(case):
        if photo.id == photo_id:
            return photo
    raise NotFound("There is no such thing here.")


def open_reminder(case_id: int, store_id: int) -> CaseReminder | None:
    """The one that is not answered yet."""
    statement = select(CaseReminder).where(CaseReminder.case_id == case_id, CaseReminder.answered_at.is_(None))
    return db.session.scalars(in_store(statement.limit(1), store_id, CaseReminder)).first()


def of_platform(number: str, store_id: int) -> Case | None:
    """The case of the platform's own refund or dispute."""
    statement = select(Case).where(Case.platform_number == number)
    return db.session.scalars(in_store(statement, store_id, Case)).one_or_none()


def told_by_platform(order_id: int, line_id: int | None, store_id: int) -> list[Case]:
    """Open cases of the platform's own lists on an order which are about that line, or do not say about which."""
    others = select(CaseLine.case_id).where(CaseLine.line_id != line_id) if line_id is not None else None
    statement = select(Case).where(
        Case.order_id == order_id, Case.platform_number.is_not(None), Case.phase != CasePhase.CLOSED
    )
    if others is not None:
        statement = statement.where(Case.id.not_in(in_store(others, store_id, CaseLine)))
    return list(db.session.scalars(in_store(statement.order_by(Case.id), store_id, Case)))


def notes_of(case: Case) -> list[CaseNote]:
    """Its own notes, and those of the cases that go on in it, oldest first."""
    merged = select(Case.id).where((Case.id == case.id) | (Case.merged_into_id == case.id))
    statement = select(CaseNote).where(CaseNote.case_id.in_(merged)).order_by(CaseNote.id)
    return list(db.session.scalars(in_store(statement, case.store_id, CaseNote)))


def readers_of(case: Case) -> dict[int, str]:
    """Who sees the case and can be mentioned: signatures by id."""
    roles = {Role.PRE_SALE, Role.AFTER_SALE, Role.SUPERVISOR, case.role}
    return dict(staff.people_of_store(case.store_id, *roles))


def open_offer(case: Case) -> CaseHandOver | None:
    statement = select(CaseHandOver).where(CaseHandOver.case_id == case.id, CaseHandOver.answered_at.is_(None))
    return db.session.scalars(in_store(statement, case.store_id, CaseHandOver)).one_or_none()


def ancestors(case: Case) -> list[Case]:
    """The cases that it follows from, the nearest first."""
    found: list[Case] = []
    while case.parent_id is not None and len(found) < MOST_CHAIN:
        case = db.session.scalars(in_store(select(Case).where(Case.id == case.parent_id), case.store_id, Case)).one()
        found.append(case)
    return found


def related(case: Case) -> dict[str, list[Case]]:
    """The cases that belong together with it: before it, after it, into which it went, which went into it."""

    def of(condition: ColumnElement[bool]) -> list[Case]:
        return list(db.session.scalars(in_store(select(Case).where(condition).order_by(Case.id), case.store_id, Case)))

    return {
        "before": ancestors(case)[::-1],
        "after": of(Case.parent_id == case.id),
        "into": of(Case.id == case.merged_into_id) if case.merged_into_id else [],
        "merged": of(Case.merged_into_id == case.id),
    }


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


def left_parcels(order_id: int, store_id: int) -> list[Parcel]:
    """The parcels of an order that are out of our hands."""
    return [parcel for parcel in parcels.parcels_of_order(order_id, store_id) if parcel.stage in LEFT]


def is_number(text: str, store_id: int) -> bool:
    """Whether a case of the store has this number."""
    found = select(Case.id).where(Case.number == text.upper())
    return db.session.scalar(in_store(found, store_id, Case)) is not None


def by_number(text: str, actor: Actor) -> tuple[int, int] | None:
    """(case id, order id) of what looks like a case number and is one that the actor sees."""
    if not NUMBER.match(text):
        return None
    statement = select(Case.id, Case.order_id).where(Case.number == text.upper())
    row = db.session.execute(seen(statement, actor)).one_or_none()
    return (row.id, row.order_id) if row else None


_COLUMNS = (
    Case.id, Case.number, Case.store_id, Case.order_id, Order.number.label("order_number"), Case.kind, Case.goal,
    Case.source, Case.phase, Case.role, Case.owner_id, Person.signature.label("owner"), Case.opened_at,
    Case.accepted_at, Case.closed_at, Case.waiting_for, Case.due_at,
)  # fmt: skip
_LISTED: Select[*tuple[Any, ...]] = (
    select(*_COLUMNS).join(Order, Order.id == Case.order_id).outerjoin(Person, Person.id == Case.owner_id)
)
_OF_ORDER = Reading(_LISTED.where(Case.order_id == bindparam("order_id")).order_by(Case.id.desc()), Case.store_id)


def of_order(order_id: int, store_id: int, actor: Actor) -> list[CaseRow]:
    """Those that the actor sees, newest first."""
    if not actor.may(P, store_id):
        return []
    held = actor.roles.get(store_id, frozenset())
    rows = [CaseRow(*row) for row in _OF_ORDER.in_store(store_id, order_id=order_id)]
    return [row for row in rows if held & (SEE_ALL | {row.role})]


def page(
    actor: Actor,
    whose: Whose,
    *,
    kind: CaseKind | None = None,
    phase: CasePhase | None = None,
    waiting: WaitingFor | None = None,
    due_before: datetime | None = None,
    after: int | None = None,
    limit: int = 50,
) -> list[CaseRow]:
    """Open ones oldest first, closed ones newest first; `after` is the last id of the page before."""
    is_back = whose is Whose.CLOSED
    asked = [_which(whose, actor)]
    asked += [column == value for column, value in ((Case.kind, kind), (Case.phase, phase)) if value is not None]
    if waiting is not None:
        asked.append(Case.waiting_for == waiting)
    if due_before is not None:
        asked.append(Case.due_at < due_before)
    if after is not None:
        asked.append(Case.id < after if is_back else Case.id > after)
    order = Case.id.desc() if is_back else Case.id
    ids = [i for store_id in actor.stores_with(P) for i in _first_ids(store_id, actor, asked, order, limit)]
    shown = sorted(ids, reverse=is_back)[:limit]
    if not shown:
        return []
    statement = seen(_LISTED.where(Case.id.in_(shown)), actor)
    return [CaseRow(*row) for row in db.session.execute(statement.order_by(order))]


def _first_ids(
    store_id: int, actor: Actor, asked: Sequence[ColumnElement[bool]], order: Any, limit: int
) -> Sequence[int]:
    """A page of one store, straight from an index: of all stores together every open case would be sorted."""
    rows = select(Case.id).where(*asked)
    if not actor.roles[store_id] & SEE_ALL:
        rows = rows.where(Case.role.in_(actor.roles[store_id]))
    return db.session.scalars(in_store(rows.order_by(order).limit(limit), store_id, Case)).all()


def counts(actor: Actor, whose: Whose) -> dict[CaseKind, int]:
    """How many of each kind."""
    statement = select(Case.kind, func.count(Case.id)).where(_which(whose, actor)).group_by(Case.kind)
    return {kind: int(count) for kind, count in db.session.execute(seen(statement, actor))}


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


#: Written into the statement: SQLite finds the indexes of open cases by the word itself, not by a value.
_CLOSED: Any = bindparam(None, CasePhase.CLOSED, type_=Case.phase.type, literal_execute=True)


def _which(whose: Whose, actor: Actor) -> ColumnElement[bool]:
    if whose is Whose.CLOSED:
        return Case.phase == _CLOSED
    is_open = Case.phase != _CLOSED
    if whose is Whose.MINE:
        return is_open & (Case.owner_id == actor.id)
    if whose is Whose.LEFT:
        return is_open & Case.owner_id.in_(staff.leavers() or [0])
    return is_open & Case.owner_id.is_(None) if whose is Whose.UNASSIGNED else is_open


def seen(statement: Select[*tuple[Any, ...]], actor: Actor) -> Select[*tuple[Any, ...]]:
    """Limit to the actor's stores, and there to what their roles see."""
    stores = actor.stores_with(P)
    whole = [store_id for store_id in stores if actor.roles[store_id] & SEE_ALL]
    parts: Sequence[ColumnElement[bool]] = [
        (Case.store_id == store_id) & Case.role.in_(actor.roles[store_id])
        for store_id in stores
        if store_id not in whole
    ]
    limited = statement.where(or_(Case.store_id.in_(whole), *parts) if stores else false())
    return within(limited, actor, P, Case)
