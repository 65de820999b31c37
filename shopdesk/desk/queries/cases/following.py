"""What is left over from yesterday, what was reminded of, what a supervisor looks at each day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, or_, select

from shopdesk.cases import queries as cases
from shopdesk.cases.models import Case, CaseReminder
from shopdesk.cases.states import CaseKind, CasePhase
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.scope import within
from shopdesk.orders.models import Order
from shopdesk.orders.states import Readiness
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Person

P = Permission
MOST = 200  # rows of one list
RIGHTS = (CaseKind.REFUND_ONLY, CaseKind.DISPUTE)  # 退款中, 维权中
IS_OPEN = Case.phase != CasePhase.CLOSED
Limit = Callable[[datetime, datetime], ColumnElement[bool]]


def day_of(actor: Actor, wanted: date | None = None) -> date:
    """The given day, or today as the actor's first store has it."""
    return wanted or clock.now().astimezone(ZoneInfo(staff.zone_for(actor))).date()


def in_zones(actor: Actor, permission: Permission, day: date | None, limit: Limit) -> ColumnElement[bool]:
    """A condition on a day's first moment and its end, in each store by its own clock; None: its today."""
    parts = []
    for store in staff.stores_of(actor):
        if actor.may(permission, store.id):
            zone = ZoneInfo(store.zone)
            that = day or clock.now().astimezone(zone).date()
            first = datetime.combine(that, time(), zone).astimezone(UTC)
            until = datetime.combine(that + timedelta(days=1), time(), zone).astimezone(UTC)
            parts.append((Case.store_id == store.id) & limit(first, until))
    return or_(false(), *parts)


@dataclass(frozen=True, slots=True)
class LeftOver:
    """Open ones from before today: how many each person has, and the rows of whom was asked for."""

    owners: list[tuple[int | None, str | None, int]]
    rows: list[Row[Any]]
    total: int


_LISTED = (
    Case.id, Case.number, Case.store_id, Case.order_id, Order.number.label("order_number"), Case.kind, Case.goal,
    Case.phase, Case.waiting_for, Case.due_at, Case.owner_id, Person.signature.label("owner"),
    Person.disabled_at.label("owner_left_at"), Case.opened_at, Case.closed_at,
)  # fmt: skip


def left_over(actor: Actor, owner_id: int | None = None, *, everybody: bool = False, limit: int = MOST) -> LeftOver:
    """Opened before today and not closed, oldest first; of one person, or of everybody (M143)."""
    before = and_(IS_OPEN, in_zones(actor, P.CASE_READ, None, lambda first, _until: Case.opened_at < first))
    per = (
        select(Case.owner_id, Person.signature, func.count())
        .outerjoin(Person, Person.id == Case.owner_id)
        .where(before)
        .group_by(Case.owner_id, Person.signature)
    )
    owners = sorted(
        ((owner, name, int(count)) for owner, name, count in db.session.execute(cases.seen(per, actor))),
        key=lambda one: (one[0] is None, -one[2]),
    )
    listed = _joined(select(*_LISTED)).where(before)
    if not everybody:
        listed = listed.where(Case.owner_id == owner_id)
    rows = db.session.execute(cases.seen(listed.order_by(Case.opened_at, Case.id).limit(limit), actor))
    total = sum(count for owner, _, count in owners if everybody or owner == owner_id)
    return LeftOver(owners, list(rows), total)


def _joined(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return statement.join(Order, Order.id == Case.order_id).outerjoin(Person, Person.id == Case.owner_id)


def reminders_of(actor: Actor) -> list[Row[Any]]:
    """What this person was reminded of and has not answered yet, oldest first."""
    free = [
        (Case.store_id == store_id) & Case.role.in_(held & {Role.AFTER_SALE, Role.FINANCE})
        for store_id, held in actor.roles.items()
        if held & {Role.AFTER_SALE, Role.FINANCE}
    ]
    nobodys = and_(CaseReminder.to_id.is_(None), Case.owner_id.is_(None), or_(false(), *free))
    me = actor.id or 0
    statement = (
        _joined(select(CaseReminder.id.label("reminder_id"), CaseReminder.words, CaseReminder.sent_at,
                       CaseReminder.sent_by_id, *_LISTED).join(Case, Case.id == CaseReminder.case_id))
        .where(CaseReminder.answered_at.is_(None), IS_OPEN)
        .where(or_(CaseReminder.to_id == me, Case.owner_id == me, nobodys))
        .order_by(CaseReminder.id)
        .limit(MOST)
    )  # fmt: skip
    return list(db.session.execute(within(statement, actor, P.CASE_READ, Case, CaseReminder)))


@dataclass(frozen=True, slots=True)
class Daily:
    """退款中 and 维权中: cases of these kinds and of orders whose refund is applied for; orders that have none."""

    cases: list[Row[Any]]
    last: dict[int, Any]  # case → its newest reminder
    orders: list[Any]


def daily(actor: Actor) -> Daily:
    """Open refund applications and disputes, what is due first on top (M105)."""
    refunding = select(Order.id).where(Order.readiness == Readiness.REFUNDING)
    listed = _joined(select(*_LISTED, Case.platform_number, Case.platform_status, Case.platform_due_at)).where(
        IS_OPEN, or_(Case.kind.in_(RIGHTS), Case.order_id.in_(refunding))
    )
    ordered = listed.order_by(Case.due_at.is_(None), Case.due_at, Case.id).limit(MOST)
    rows = list(db.session.execute(within(ordered, actor, P.CASE_REMIND, Case)))
    with_case = select(Case.id).where(Case.order_id == Order.id, Case.store_id == Order.store_id, IS_OPEN).exists()
    bare = (
        select(Order.id, Order.number, Order.store_id, Order.status, Order.status_given, Order.as_of)
        .where(Order.readiness == Readiness.REFUNDING, ~with_case)
        .order_by(Order.id)
        .limit(MOST)
    )
    orders: list[Any] = list(db.session.execute(within(bare, actor, P.CASE_REMIND, Order)))
    return Daily(rows, newest_reminders([row.id for row in rows], actor), orders)


def newest_reminders(case_ids: list[int], actor: Actor) -> dict[int, Any]:
    statement = (
        select(CaseReminder.id, CaseReminder.case_id, CaseReminder.words, CaseReminder.sent_at,
               CaseReminder.sent_by_id, CaseReminder.answer, CaseReminder.answered_at, CaseReminder.answered_by_id)
        .where(CaseReminder.case_id.in_(case_ids))
        .order_by(CaseReminder.id)
    )  # fmt: skip
    if not case_ids:
        return {}
    return {row.case_id: row for row in db.session.execute(within(statement, actor, P.CASE_READ, CaseReminder))}
