"""The statements of the list of open changes, one for each shape of filter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, case, func, or_, select, union_all

from shopdesk.changes.models import Change, Step
from shopdesk.changes.queries.turns import is_for
from shopdesk.changes.states import Code, Kind
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.plain_rows import PlainRows
from shopdesk.core.reading import FirstOfEach
from shopdesk.desk.queries.work.rows import waits_for
from shopdesk.desk.states import Waits
from shopdesk.parcels.models import Hold
from shopdesk.parcels.states import HoldCause

P = Permission.CHANGE_WATCH
COUNTED = 1_000  # steps that wait, of each store, the oldest first
Position = tuple[datetime, int]  # since when, step id


@dataclass(frozen=True, slots=True)
class Filter:
    """What of it is wanted; None and False want everything."""

    waits: Waits | None = None
    code: Code | None = None
    kind: Kind | None = None
    asked_by_id: int | None = None
    mine: bool = False
    overdue: bool = False


class Group(NamedTuple):
    """Steps that are alike in all that is counted by."""

    store_id: int
    role: Role
    code: Code
    kind: Kind
    asked_by_id: int | None
    follower_id: int | None
    person_id: int | None
    is_overdue: bool
    found: int


_WAITS = Step.waits_since.is_not(None)
_OF_CHANGE = (Hold.cause == HoldCause.CHANGE) & (Hold.cause_id == Change.id) & Hold.ended_at.is_(None)
_ROWS = (
    select(
        Step.id, Step.position, Step.code, Step.role, Change.id.label("change_id"), Change.store_id, Change.order_id,
        Change.kind, Change.state, Change.asked_by_id, Change.follower_id, Step.person_id, Step.waits_since,
        Hold.expires_at, Step.nudges, Step.nudged_at, Step.nudged_by_id,
    )
    .join(Change, Change.id == Step.change_id)
    .outerjoin(Hold, _OF_CHANGE)
    .where(_WAITS)
)  # fmt: skip
_IS_OVERDUE = Hold.expires_at < bindparam("now")
#: The first half alone gives the index its beginning.
_AFTER = and_(Step.waits_since >= bindparam("at"), or_(Step.waits_since > bindparam("at"), Step.id > bindparam("id")))
_BEFORE = and_(Step.waits_since <= bindparam("at"), or_(Step.waits_since < bindparam("at"), Step.id < bindparam("id")))


def rows(
    actor: Actor, wanted: Filter, now: datetime, most: int, *, after: Position | None, before: Position | None
) -> list[Any]:
    """At most `most` steps of each store that wait, next to the place; unordered."""
    shape = Filter(wanted.waits, wanted.code, wanted.kind, wanted.asked_by_id and 0, wanted.mine, wanted.overdue)
    theirs = _Theirs.of(actor) if wanted.mine else None
    at = after or before
    values: dict[str, Any] = {"at": at[0], "id": at[1]} if at else {}
    values |= {"asked_by": wanted.asked_by_id} if wanted.asked_by_id is not None else {}
    values |= {"now": now} if wanted.overdue else {}
    direction = "after" if after else "before" if before else ""
    return _statement(shape, theirs, direction).rows(actor, P, most=most, **values)


@dataclass(frozen=True, slots=True)
class _Theirs:
    """Of whom `is_for` speaks, as a key."""

    id: int | None
    held: tuple[tuple[int, frozenset[Role]], ...]

    @classmethod
    def of(cls, actor: Actor) -> _Theirs:
        return cls(actor.id, tuple(actor.roles.items()))

    def condition(self) -> Any:
        return is_for(Actor(self.id, "", "", dict(self.held)))


@lru_cache(maxsize=256)
def _statement(shape: Filter, theirs: _Theirs | None, direction: str) -> FirstOfEach:
    conditions = [_IS_OVERDUE] if shape.overdue else []
    conditions += [_waits_for(shape.waits)] if shape.waits else []
    conditions += [Step.code == str(shape.code)] if shape.code else []
    conditions += [Change.kind == shape.kind] if shape.kind else []
    conditions += [Change.asked_by_id == bindparam("asked_by")] if shape.asked_by_id is not None else []
    conditions += [theirs.condition()] if theirs else []
    conditions += {"after": [_AFTER], "before": [_BEFORE], "": []}[direction]
    if direction == "before":
        order: tuple[Any, ...] = (Step.waits_since.desc(), Step.id.desc())
    else:
        order = (Step.waits_since, Step.id)
    return FirstOfEach(Step.store_id, _ROWS.where(*conditions).order_by(*order))


def _waits_for(waits: Waits) -> Any:
    """The same as `waits_for`, for statements."""
    by_role = {role: [str(code) for code in Code if waits_for(code, role) is waits] for role in Role}
    return or_(*(and_(Step.role == role, Step.code.in_(codes)) for role, codes in by_role.items() if codes))


def counted(actor: Actor, now: datetime) -> tuple[list[Group], bool]:
    """What waits, as groups; and whether that is all: of each store at most COUNTED are looked at."""
    stores = actor.stores_with(P)
    if not stores:
        return [], True
    values = {f"store_{place}": store_id for place, store_id in enumerate(stores)}
    found = [
        Group._make((*row[:2], Code(row.code), *row[3:7], bool(row.is_overdue), row.found))
        for row in _counts(len(stores)).rows(**values, now=now, most=COUNTED)
    ]
    seen = {store_id: sum(g.found for g in found if g.store_id == store_id) for store_id in stores}
    return found, max(seen.values()) < COUNTED


@lru_cache(maxsize=64)
def _counts(stores: int) -> PlainRows:
    return PlainRows(union_all(*(_of_store(place) for place in range(stores))))


def _of_store(place: int) -> Any:
    seen = (
        select(
            Step.store_id, Step.role, Step.code, Change.kind, Change.asked_by_id, Change.follower_id, Step.person_id,
            case((_IS_OVERDUE, 1), else_=0).label("is_overdue"),
        )
        .join(Change, Change.id == Step.change_id)
        .outerjoin(Hold, _OF_CHANGE)
        .where(_WAITS, Step.store_id == bindparam(f"store_{place}"))
        .order_by(Step.waits_since, Step.id)
        .limit(bindparam("most"))
        .subquery()
    )  # fmt: skip
    return select(*seen.c, func.count().label("found")).group_by(*seen.c)
