"""Lists of cases: a page of them, those of an order, how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from shopdesk.cases.models import Case
from shopdesk.cases.queries.seeing import SEE_ALL, P, seen
from shopdesk.cases.states import CaseKind, CasePhase, CaseSource, Goal, WaitingFor
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Role
from shopdesk.core.reading import Reading
from shopdesk.core.scope import in_store
from shopdesk.orders.models import Order
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Person


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
