"""Lists of work: open changes by who moves next, what is to be entered in the platform, what came too late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from shopdesk.changes.models import Change, Step
from shopdesk.changes.playbook import DONE_BY_PEOPLE, Code
from shopdesk.changes.states import ChangeState, Kind, StepState
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.personal import Personal
from shopdesk.core.scope import within
from shopdesk.orders.models import Amendment, Memo, Order
from shopdesk.orders.states import AmendmentState, Field
from shopdesk.parcels.models import Hold
from shopdesk.parcels.states import HoldCause
from shopdesk.staff import queries as staff

MOST = 300  # rows of one list; more is a matter for the filters of a report
RECENT = timedelta(days=7)  # how long a change that came too late stays in the list
PENDING = (AmendmentState.TO_DO, AmendmentState.CONTRADICTED)


class Waits(StrEnum):
    """Who moves next; the order of the members is the order of the page."""

    CUSTOMER = "customer"
    AFTER_SALE = "after_sale"
    PRINTING = "printing"
    WAREHOUSE = "warehouse"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One open step that is next in its change.  Names are masked."""

    change_id: int
    order_id: int
    number: str
    store_id: int
    buyer: Personal | None
    kind: Kind
    code: Code
    role: Role
    waits: Waits
    since: datetime
    asked_by: str | None
    hold_expires_at: datetime | None
    is_mine: bool  # to do by this person


@dataclass(frozen=True, slots=True)
class PlatformRow:
    """A value or a memo that has still to be entered in the platform."""

    order_id: int
    number: str
    store_id: int
    field: Field | None  # None: memos to paste
    is_contradicted: bool
    count: int
    since: datetime
    made_by: str | None


@dataclass(frozen=True, slots=True)
class LateRow:
    change_id: int
    order_id: int
    number: str
    store_id: int
    kind: Kind
    ended_at: datetime | None
    asked_by: str | None


@dataclass(frozen=True, slots=True)
class Work:
    rows: list[WorkRow]
    platform: list[PlatformRow]
    late: list[LateRow]

    def waiting(self, waits: Waits) -> list[WorkRow]:
        return [row for row in self.rows if row.waits is waits]


def work(actor: Actor, *, everybody: bool = False) -> Work:
    """What waits, oldest first: the person's own, or (`everybody`) all that the person may see."""
    steps = _steps(actor, everybody=everybody)
    amendments = _amendments(actor, everybody=everybody)
    memos = _memos(actor, everybody=everybody)
    late = _late(actor, everybody=everybody)
    ids = [change.id for change, _, _, _ in steps]
    last, holds = _last_done(ids, actor), _holds(ids, actor)
    people = {change.asked_by_id for change, *_ in (*steps, *late)} | {r.made_by_id for r in (*amendments, *memos)}
    names = staff.signatures({p for p in people if p})
    rows = [_row(*found, last=last, holds=holds, names=names, actor=actor) for found in steps]
    platform = [_to_enter(r, names) for r in amendments] + [_to_paste(r, names) for r in memos]
    return Work(
        rows=sorted(rows, key=lambda row: (not row.is_mine, row.since)),
        platform=sorted(platform, key=lambda row: (not row.is_contradicted, row.since)),
        late=[
            LateRow(c.id, c.order_id, number, c.store_id, c.kind, c.ended_at, names.get(c.asked_by_id or 0))
            for c, number in late
        ],
    )


def count_mine(actor: Actor) -> int:
    """How many changes wait for this person, for the navigation."""
    earlier = aliased(Step)
    is_first = ~(
        select(earlier.id)
        .where(earlier.change_id == Step.change_id, earlier.store_id == Step.store_id)
        .where(earlier.state == StepState.OPEN, earlier.position < Step.position)
        .exists()
    )
    statement = (
        select(func.count(Change.id))
        .join(Step, Step.change_id == Change.id)
        .where(_is_waiting(), Step.code.in_(DONE_BY_PEOPLE), is_first, _is_for(actor))
    )
    return int(db.session.scalar(within(statement, actor, Permission.ORDER_READ, Change)) or 0)


def _is_waiting():  # type: ignore[no-untyped-def]
    is_open = and_(Change.state == ChangeState.OPEN, Step.state == StepState.OPEN)
    follows = and_(Change.state == ChangeState.DONE, Step.state == StepState.OPEN, Step.after_hold)
    return or_(is_open, follows)


def _is_for(actor: Actor):  # type: ignore[no-untyped-def]
    """What this person has to do: steps of own wishes that pre-sale does, and steps of one's other roles."""
    parts = []
    for store_id, roles in actor.roles.items():
        others = [role for role in roles if role is not Role.PRE_SALE]
        own = and_(Step.role == Role.PRE_SALE, Change.asked_by_id == actor.id)
        parts.append(and_(Change.store_id == store_id, or_(own, Step.role.in_(others))))
    return or_(*parts) if parts else Change.id.is_(None)


def _steps(actor: Actor, *, everybody: bool) -> list[tuple[Change, str, Personal | None, Step]]:
    """The first open step of each change (open ones, and done ones with a task left), with its order."""
    statement = (
        select(Change, Order.number, Order.buyer_nick, Step)
        .join(Step, Step.change_id == Change.id)
        .join(Order, Order.id == Change.order_id)
        .where(_is_waiting())
        .order_by(Change.id, Step.position)
        .limit(MOST * 8)
    )
    if not everybody:
        statement = statement.where(or_(Change.asked_by_id == actor.id, _is_for(actor)))
    first: dict[int, tuple[Change, str, Personal | None, Step]] = {}
    for change, number, buyer, step in _read(statement, actor, Change):
        first.setdefault(change.id, (change, number, buyer, step))
    return list(first.values())[:MOST]


def _read(statement: Select[tuple], actor: Actor, model):  # type: ignore[no-untyped-def, type-arg]
    return db.session.execute(within(statement, actor, Permission.ORDER_READ, model)).all()


def _row(
    change: Change,
    number: str,
    buyer: Personal | None,
    step: Step,
    *,
    last: dict[int, datetime],
    holds: dict[int, datetime],
    names: dict[int, str],
    actor: Actor,
) -> WorkRow:
    code = Code(step.code)
    own_roles = actor.roles.get(change.store_id, frozenset())
    is_own = change.asked_by_id == actor.id if step.role is Role.PRE_SALE else step.role in own_roles
    return WorkRow(
        change_id=change.id,
        order_id=change.order_id,
        number=number,
        store_id=change.store_id,
        buyer=buyer,
        kind=change.kind,
        code=code,
        role=step.role,
        waits=waits_for(code, step.role),
        since=last.get(change.id) or change.opened_at,
        asked_by=names.get(change.asked_by_id or 0),
        hold_expires_at=holds.get(change.id),
        is_mine=is_own and code in DONE_BY_PEOPLE,
    )


def waits_for(code: Code, role: Role) -> Waits:
    """The group of a step: the customer's word first, then whose hands it needs."""
    if code is Code.CONFIRM:
        return Waits.CUSTOMER
    if code is Code.ENTER_IN_PLATFORM:
        return Waits.PLATFORM
    return {Role.PRINTING: Waits.PRINTING, Role.AFTER_SALE: Waits.AFTER_SALE}.get(role, Waits.WAREHOUSE)


def _last_done(change_ids: list[int], actor: Actor) -> dict[int, datetime]:
    statement = (
        select(Step.change_id, func.max(Step.done_at))
        .where(Step.change_id.in_(change_ids), Step.done_at.is_not(None))
        .group_by(Step.change_id)
    )
    return {row[0]: row[1] for row in _read(statement, actor, Step)}


def _holds(change_ids: list[int], actor: Actor) -> dict[int, datetime]:
    statement = select(Hold.cause_id, Hold.expires_at).where(
        Hold.cause == HoldCause.CHANGE, Hold.cause_id.in_(change_ids), Hold.ended_at.is_(None)
    )
    return {row[0]: row[1] for row in _read(statement, actor, Hold)}


def _amendments(actor: Actor, *, everybody: bool):  # type: ignore[no-untyped-def]
    """Of one's own wishes; amendments of a quantity that a step of its own asks for are left to that step."""
    statement = (
        select(
            Amendment.order_id, Order.number, Amendment.store_id, Amendment.field, Amendment.state,
            Amendment.made_at.label("since"), Amendment.made_by_id,
        )
        .join(Order, Order.id == Amendment.order_id)
        .where(Amendment.ended_at.is_(None), Amendment.state.in_(PENDING))
        .order_by(Amendment.id)
        .limit(MOST)
    )  # fmt: skip
    if not everybody:
        statement = statement.where(Amendment.made_by_id == actor.id)
    return _read(statement, actor, Amendment)


def _memos(actor: Actor, *, everybody: bool):  # type: ignore[no-untyped-def]
    statement = (
        select(
            Memo.order_id, Order.number, Memo.store_id, func.count(Memo.id).label("count"),
            func.min(Memo.made_at).label("since"), func.max(Memo.made_by_id).label("made_by_id"),
        )
        .join(Order, Order.id == Memo.order_id)
        .where(Memo.pasted_at.is_(None))
        .group_by(Memo.order_id, Order.number, Memo.store_id)
        .order_by(func.min(Memo.id))
        .limit(MOST)
    )  # fmt: skip
    if not everybody:
        statement = statement.where(Memo.made_by_id == actor.id)
    return _read(statement, actor, Memo)


def _to_enter(row, names: dict[int, str]) -> PlatformRow:  # type: ignore[no-untyped-def]
    is_contradicted = row.state is AmendmentState.CONTRADICTED
    made_by = names.get(row.made_by_id or 0)
    return PlatformRow(row.order_id, row.number, row.store_id, row.field, is_contradicted, 1, row.since, made_by)


def _to_paste(row, names: dict[int, str]) -> PlatformRow:  # type: ignore[no-untyped-def]
    made_by = names.get(row.made_by_id or 0)
    return PlatformRow(
        row.order_id, row.number, row.store_id, None, is_contradicted=False, count=row.count, since=row.since,
        made_by=made_by,
    )  # fmt: skip


def _late(actor: Actor, *, everybody: bool) -> list[tuple[Change, str]]:
    statement = (
        select(Change, Order.number)
        .join(Order, Order.id == Change.order_id)
        .where(Change.state == ChangeState.TOO_LATE, Change.ended_at > clock.now() - RECENT)
        .order_by(Change.ended_at.desc())
        .limit(MOST)
    )
    if not everybody:
        statement = statement.where(Change.asked_by_id == actor.id)
    return [(row[0], row[1]) for row in _read(statement, actor, Change)]
