"""The queue's statements: one for each shape of a filter, each branch straight from an index that begins with a store.

`store_id IN (…) ORDER BY due_at` would sort every open case; a branch for each store reads a page of it.  The columns
that filter stand in the indexes (migration 0019), so that rows which do not match are passed over without being read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, literal, or_, select, union_all

from shopdesk.cases.models import Case
from shopdesk.cases.states import CaseKind, CasePhase
from shopdesk.core.plain_rows import PlainRows
from shopdesk.core.reading import Statement

Where = Callable[[], ColumnElement[bool]]


class Part(StrEnum):
    """A stretch of the list, in an order that one index has."""

    DATED = "dated"  # with a due time, oldest due first
    UNDATED = "undated"  # without one, by age
    AGED = "aged"  # all, by age
    ENDED = "ended"  # newest first


@dataclass(frozen=True, slots=True)
class Shape:
    """Which conditions a statement has; their values come with each run."""

    stores: int
    names: tuple[str, ...]  # of CONDITIONS


def _list(column: Any, name: str) -> Where:
    return lambda: column.in_(bindparam(name, expanding=True))


def _one(column: Any, name: str) -> Where:
    return lambda: column == bindparam(name)


#: Name of a condition (and of its value) → what it asks.
CONDITIONS: dict[str, Where] = {
    "kind": _one(Case.kind, "kind"),
    "kinds": _list(Case.kind, "kinds"),
    "phases": _list(Case.phase, "phases"),
    "reasons": _list(Case.reason, "reasons"),
    "waiting": _one(Case.waiting_for, "waiting"),
    "waitings": _list(Case.waiting_for, "waitings"),
    "owner": _one(Case.owner_id, "owner"),
    "owners": _list(Case.owner_id, "owners"),
    "free": lambda: Case.owner_id.is_(None),
    "due_from": lambda: Case.due_at >= bindparam("due_from"),
    "due_before": lambda: Case.due_at < bindparam("due_before"),
    "role": _one(Case.role, "role"),
    "after_id": lambda: Case.id > bindparam("after_id"),
    "before_id": lambda: Case.id < bindparam("before_id"),
    # The first half alone gives the index its beginning.
    "after_due": lambda: and_(
        Case.due_at >= bindparam("after_due"),
        or_(Case.due_at > bindparam("after_due"), Case.id > bindparam("after_due_id")),
    ),
}
IS_OPEN = Case.phase != CasePhase.CLOSED
IS_ENDED = Case.phase == CasePhase.CLOSED
PARTS: dict[Part, tuple[tuple[ColumnElement[bool], ...], tuple[Any, ...]]] = {
    Part.DATED: ((IS_OPEN, Case.due_at.is_not(None)), (Case.due_at, Case.id)),
    Part.UNDATED: ((IS_OPEN, Case.due_at.is_(None)), (Case.id,)),
    Part.AGED: ((IS_OPEN,), (Case.id,)),
    Part.ENDED: ((IS_ENDED,), (Case.id.desc(),)),
}


@lru_cache(maxsize=512)
def page(part: Part, shape: Shape) -> PlainRows:
    """(id, due_at) of at most `most` rows for each of the stores `store_0` …; unordered."""
    where, order = PARTS[part]
    asked = [CONDITIONS[name]() for name in shape.names]
    return PlainRows(union_all(*(_branch(place, where, asked, order) for place in range(shape.stores))))


def _branch(place: int, where: Iterable[Any], asked: Iterable[Any], order: Iterable[Any]) -> Statement:
    mine = Case.store_id == bindparam(f"store_{place}")
    rows = select(Case.id, Case.due_at).where(mine, *where, *asked).order_by(*order).limit(bindparam("most"))
    return select(*rows.subquery().c)


@lru_cache(maxsize=512)
def looked_at(shape: Shape) -> PlainRows:
    """(kind, how many match, how many were looked at) for each kind: of at most `most` rows each, in the index's order.

    What is looked at is bounded, not what is counted: a filter that hardly anything meets costs no more.
    """
    asked = [CONDITIONS[name]() for name in shape.names]
    return PlainRows(union_all(*(_of_kind(kind, asked) for kind in CaseKind)))


def _of_kind(kind: CaseKind, asked: list[ColumnElement[bool]]) -> Statement:
    matches = case((and_(*asked), 1), else_=0) if asked else literal(1)
    rows = (
        select(matches.label("matches"))
        .where(Case.store_id.in_(bindparam("stores", expanding=True)), Case.kind == kind, IS_OPEN)
        .limit(bindparam("most"))
        .subquery()
    )
    found = select(func.coalesce(func.sum(rows.c.matches), 0).label("found"), func.count().label("seen")).subquery()
    return select(literal(str(kind)).label("kind"), found.c.found, found.c.seen)


@lru_cache(maxsize=512)
def of_owners(shape: Shape) -> PlainRows:
    """(kind, how many, how many): of somebody's own open cases every one is counted."""
    statement = (
        select(Case.kind, func.count().label("found"), func.count().label("seen"))
        .where(Case.store_id.in_(bindparam("stores", expanding=True)), IS_OPEN)
        .where(*(CONDITIONS[name]() for name in shape.names))
        .group_by(Case.kind)
    )
    return PlainRows(statement)


Values = dict[str, Any]
Position = tuple[datetime | None, int]
