"""Every open change by its next step: whose turn, since when; counted, filtered, paged.

One statement reads what waits in the person's stores, a second what is shown of one page: the number of statements
grows with neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, not_, or_, select
from sqlalchemy.orm import aliased

from shopdesk.changes.models import Change, Step
from shopdesk.changes.queries.turns import is_theirs
from shopdesk.changes.states import ChangeState, Code, Kind, StepState
from shopdesk.core import clock
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.personal import Personal
from shopdesk.core.reading import Reading
from shopdesk.desk.queries.work.rows import waits_for
from shopdesk.desk.states import Waits
from shopdesk.orders.models import Order
from shopdesk.parcels.models import Hold
from shopdesk.parcels.states import HoldCause
from shopdesk.staff import queries as staff

PAGE = 50  # rows
P = Permission.CHANGE_WATCH


@dataclass(frozen=True, slots=True)
class Filter:
    """What of it is wanted; None and False want everything."""

    waits: Waits | None = None
    code: Code | None = None
    kind: Kind | None = None
    asked_by_id: int | None = None
    mine: bool = False
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step that waits, as far as counting and sorting need it."""

    step_id: int
    position: int
    code: Code
    role: Role
    change_id: int
    store_id: int
    order_id: int
    kind: Kind
    state: ChangeState
    asked_by_id: int | None
    follower_id: int | None
    person_id: int | None  # who of the role has taken the step
    since: datetime
    hold_expires_at: datetime | None
    nudges: int
    nudged_at: datetime | None
    nudged_by_id: int | None

    @property
    def waits(self) -> Waits:
        return waits_for(self.code, self.role)

    @property
    def named_id(self) -> int | None:
        """Whose turn it is by name."""
        if self.person_id is not None or self.role is not Role.PRE_SALE:
            return self.person_id
        return self.follower_id or self.asked_by_id

    def is_overdue(self, now: datetime) -> bool:
        return self.hold_expires_at is not None and self.hold_expires_at < now


@dataclass(frozen=True, slots=True)
class WatchRow:
    """One line of the page.  Names of buyers are masked."""

    waiting: Waiting
    number: str
    buyer: Personal | None
    named: str | None
    asked_by: str | None
    nudged_by: str | None
    is_overdue: bool
    is_own: bool  # this person's own turn: there is nobody to remind


@dataclass(frozen=True, slots=True)
class Watch:
    rows: list[WatchRow]
    total: int  # that match the filter
    everything: int
    overdue: int
    mine: int
    turns: dict[Waits, int]  # of everything
    codes: dict[Code, int]  # of the chosen turn
    kinds: dict[Kind, int]  # likewise
    askers: list[tuple[int, str]]
    page: int
    pages: int


_earlier: Any = aliased(Step)
_done: Any = aliased(Step)
#: Tasks after the hold have no order among themselves; of everything else the first open one is next.
_NEXT = not_(
    select(_earlier.id)
    .where(_earlier.change_id == Step.change_id, _earlier.state == StepState.OPEN, _earlier.position < Step.position)
    .where(not_(and_(_earlier.after_hold, Step.after_hold)))
    .exists()
)
_GOES_ON = or_(
    Change.state.in_([ChangeState.OPEN, ChangeState.WITHDRAWN]), and_(Change.state == ChangeState.DONE, Step.after_hold)
)
_LAST_DONE = (
    select(func.max(_done.done_at)).where(_done.change_id == Change.id, _done.state == StepState.DONE).scalar_subquery()
)
_WAITING = Reading(
    select(
        Step.id, Step.position, Step.code, Step.role, Change.id.label("change_id"), Change.store_id, Change.order_id,
        Change.kind, Change.state, Change.asked_by_id, Change.follower_id, Step.person_id, Change.opened_at,
        _LAST_DONE.label("last_done"), Hold.expires_at, Step.nudges, Step.nudged_at, Step.nudged_by_id,
    )
    .join(Change, Change.id == Step.change_id)
    .outerjoin(Hold, (Hold.cause == HoldCause.CHANGE) & (Hold.cause_id == Change.id) & Hold.ended_at.is_(None))
    .where(Step.state == StepState.OPEN, _GOES_ON, _NEXT),
    Step.store_id,
)  # fmt: skip
_ORDERS = Reading(
    select(Order.id, Order.number, Order.buyer_nick).where(Order.id.in_(bindparam("ids", expanding=True))),
    Order.store_id,
)


def watch(actor: Actor, wanted: Filter, *, page: int = 1) -> Watch:
    """What waits in the stores of the person, what has waited longest first."""
    now = clock.now()
    found = waiting(actor)
    chosen = [row for row in found if wanted.waits in {None, row.waits}]
    matching = [row for row in chosen if _matches(row, wanted, actor, now)]
    pages = max(1, -(-len(matching) // PAGE))
    page = min(max(page, 1), pages)
    shown = matching[(page - 1) * PAGE : page * PAGE]
    names = _names(found, shown)
    return Watch(
        rows=_rows(shown, names, actor, now),
        total=len(matching),
        everything=len(found),
        overdue=sum(row.is_overdue(now) for row in found),
        mine=sum(is_theirs(row, row, actor) for row in found),
        turns=dict(Counter(row.waits for row in found)),
        codes=dict(Counter(row.code for row in chosen)),
        kinds=dict(Counter(row.kind for row in chosen)),
        askers=_askers(found, names),
        page=page,
        pages=pages,
    )


def page_after(
    actor: Actor, wanted: Filter, *, after: tuple[str, int] | None, limit: int, store_id: int | None = None
) -> tuple[list[WatchRow], tuple[str, int] | None]:
    """A cursor page of what matches, and the place to go on from: (since, step id) of its last row."""
    now = clock.now()
    matching = [
        row
        for row in waiting(actor)
        if wanted.waits in {None, row.waits}
        and store_id in {None, row.store_id}
        and _matches(row, wanted, actor, now)
        and (after is None or (row.since.isoformat(), row.step_id) > after)
    ]
    shown = matching[:limit]
    rows = _rows(shown, _names(shown, shown), actor, now)
    last = (shown[-1].since.isoformat(), shown[-1].step_id) if len(matching) > limit else None
    return rows, last


def waiting(actor: Actor) -> list[Waiting]:
    """Every step that is next in its change, what has waited longest first."""
    rows = [
        Waiting(
            step_id=r.id, position=r.position, code=Code(r.code), role=r.role, change_id=r.change_id,
            store_id=r.store_id, order_id=r.order_id, kind=r.kind, state=r.state, asked_by_id=r.asked_by_id,
            follower_id=r.follower_id, person_id=r.person_id, since=r.last_done or r.opened_at,
            hold_expires_at=r.expires_at, nudges=r.nudges, nudged_at=r.nudged_at, nudged_by_id=r.nudged_by_id,
        )
        for r in _WAITING.rows(actor, P)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row.since, row.step_id))


def _matches(row: Waiting, wanted: Filter, actor: Actor, now: datetime) -> bool:
    return (
        wanted.code in {None, row.code}
        and wanted.kind in {None, row.kind}
        and wanted.asked_by_id in {None, row.asked_by_id}
        and (not wanted.overdue or row.is_overdue(now))
        and (not wanted.mine or is_theirs(row, row, actor))
    )


def _rows(shown: list[Waiting], names: dict[int, str], actor: Actor, now: datetime) -> list[WatchRow]:
    orders = {r.id: r for r in _ORDERS.rows(actor, P, ids=_ids(row.order_id for row in shown))}
    return [
        WatchRow(
            waiting=row,
            number=orders[row.order_id].number,
            buyer=orders[row.order_id].buyer_nick,
            named=names.get(row.named_id or 0),
            asked_by=names.get(row.asked_by_id or 0),
            nudged_by=names.get(row.nudged_by_id or 0),
            is_overdue=row.is_overdue(now),
            is_own=row.named_id is not None and row.named_id == actor.id,
        )
        for row in shown
    ]


def _names(found: list[Waiting], shown: list[Waiting]) -> dict[int, str]:
    people = {row.asked_by_id for row in found}
    for row in shown:
        people |= {row.named_id, row.nudged_by_id}
    return staff.signatures({person for person in people if person})


def _askers(found: list[Waiting], names: dict[int, str]) -> list[tuple[int, str]]:
    asked = _ids(row.asked_by_id for row in found)
    return sorted(((person, names[person]) for person in asked if person in names), key=lambda row: row[1])


def _ids(given: Iterable[int | None]) -> list[int]:
    return sorted({i for i in given if i})
