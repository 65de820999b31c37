"""The queue of cases: a page of rows after a position, and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from shopdesk.cases import queries as cases
from shopdesk.cases.models import Case
from shopdesk.cases.states import CaseKind, role_of
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.plain_rows import PlainRows
from shopdesk.core.scope import within
from shopdesk.desk.queries.cases import shapes
from shopdesk.desk.queries.cases.filters import WAITS, Filter, Sort, View
from shopdesk.desk.queries.cases.shapes import Part, Position, Shape, Values
from shopdesk.orders.models import Order
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Person

P = Permission.CASE_READ
LOOKED_AT = 1000  # rows of a kind that are looked at to count it
STORES = 60  # of one statement
FAR = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Count:
    """How many were found; `is_more` where not every row was looked at."""

    found: int
    is_more: bool

    def __str__(self) -> str:
        return f"{self.found}+" if self.is_more else str(self.found)


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Any]
    following: Position | None  # where the next page begins


_COLUMNS = (
    Case.id, Case.number, Case.store_id, Case.order_id, Order.number.label("order_number"), Order.buyer_nick, Case.kind,
    Case.goal, Case.source, Case.phase, Case.role, Case.reason, Case.detail, Case.waiting_for, Case.due_at,
    Case.due_source, Case.platform_number, Case.platform_status, Case.owner_id, Person.signature.label("owner"),
    Person.disabled_at.label("owner_left_at"), Case.opened_at, Case.closed_at,
)  # fmt: skip
_ROWS = PlainRows(
    select(*_COLUMNS)
    .join(Order, Order.id == Case.order_id)
    .outerjoin(Person, Person.id == Case.owner_id)
    .where(Case.id.in_(bindparam("ids", expanding=True)), Case.store_id.in_(bindparam("stores", expanding=True)))
)


def page(actor: Actor, wanted: Filter, *, after: Position | None = None, limit: int = 50) -> Page:
    """The cases that match and that the actor sees, in the order that was asked for."""
    found = _first(actor, wanted, after, limit + 1)
    shown = found[:limit]
    following = shown[-1] if len(found) > limit else None
    return Page(_rows([case_id for _, case_id in shown], actor), following)


def ids(actor: Actor, wanted: Filter, *, shown_at: datetime, limit: int) -> list[int]:
    """The first that match, in the order of the list, without those opened after it was shown."""
    found = [case_id for _, case_id in _first(actor, wanted, None, limit)]
    statement = select(Case.id).where(Case.id.in_(found), Case.opened_at <= shown_at)
    there = set(db.session.scalars(within(statement, actor, P, Case)))
    return [case_id for case_id in found if case_id in there]


def _first(actor: Actor, wanted: Filter, after: Position | None, limit: int) -> list[Position]:
    found: list[Position] = []
    for part in _parts(wanted, after):
        found += _positions(actor, wanted, part, after, limit - len(found))
        if len(found) >= limit:
            break
    return found


def _parts(wanted: Filter, after: Position | None) -> list[Part]:
    if wanted.view is View.ENDED:
        return [Part.ENDED]
    if wanted.sort is Sort.AGE:
        return [Part.AGED]
    if wanted.due_from or wanted.due_to or wanted.view in {View.DUE_TODAY, View.OVERDUE}:
        return [Part.DATED]
    return [Part.UNDATED] if after is not None and after[0] is None else [Part.DATED, Part.UNDATED]


def _positions(actor: Actor, wanted: Filter, part: Part, after: Position | None, most: int) -> list[Position]:
    """The first `most` of a part, of all stores, in its order."""
    values = {**_asked(wanted, actor), **_after(part, after)}
    found: list[Position] = []
    for stores, role in _seen(actor, wanted):
        more = {**values, **({"role": role} if role else {})}
        names = tuple(name for name in more if name in shapes.CONDITIONS)
        for start in range(0, len(stores), STORES):
            few = stores[start : start + STORES]
            given = {f"store_{place}": store_id for place, store_id in enumerate(few)}
            rows = shapes.page(part, Shape(len(few), names)).rows(**_bound(more), **given, most=most)
            found += [(row.due_at if part is Part.DATED else None, row.id) for row in rows]
    found.sort(key=lambda one: (one[0] or FAR, one[1]), reverse=part is Part.ENDED)
    return found[:most]


def _bound(values: Values) -> Values:
    """Without what a condition asks by its name alone."""
    return {name: value for name, value in values.items() if name != "free"}


def _after(part: Part, after: Position | None) -> Values:
    if after is None:
        return {}
    due_at, case_id = after
    if part is Part.ENDED:
        return {"before_id": case_id}
    if part is Part.DATED:
        return {"after_due": due_at, "after_due_id": case_id} if due_at else {}
    return {} if part is Part.UNDATED and due_at else {"after_id": case_id}


def _rows(ids: list[int], actor: Actor) -> list[Any]:
    found = {row.id: row for row in _ROWS.rows(ids=ids, stores=actor.stores_with(P))} if ids else {}
    return [found[case_id] for case_id in ids if case_id in found]


def counts(actor: Actor, wanted: Filter) -> dict[CaseKind, Count]:
    """How many open ones of each kind match everything else that was asked for; ended ones are not counted."""
    if wanted.view is View.ENDED:
        return {}
    values = _asked(replace(wanted, kinds=()), actor)
    totals: dict[CaseKind, Count] = {}
    for stores, role in _seen(actor, wanted):
        more = {**values, **({"role": role} if role else {})}
        for kind, count in _counted(stores, more):
            if role is None or role_of(kind) is role:
                before = totals.get(kind, Count(0, is_more=False))
                totals[kind] = Count(before.found + count.found, before.is_more or count.is_more)
    return {kind: count for kind, count in totals.items() if count.found or count.is_more}


def _counted(stores: list[int], values: Values) -> list[tuple[CaseKind, Count]]:
    """Somebody's own every one; of everybody's the first of each kind."""
    shape = Shape(0, tuple(name for name in values if name in shapes.CONDITIONS))
    if "owner" in values:
        rows = shapes.of_owners(shape).rows(**_bound(values), stores=stores)
        return [(row.kind, Count(int(row.found), is_more=False)) for row in rows]
    rows = shapes.looked_at(shape).rows(**_bound(values), stores=stores, most=LOOKED_AT)
    return [(CaseKind(row.kind), Count(int(row.found), is_more=row.seen >= LOOKED_AT)) for row in rows]


def _asked(wanted: Filter, actor: Actor) -> Values:
    """Name of each condition → its value."""
    values: Values = {}
    _few(values, "kind", "kinds", wanted.kinds)
    waiting = (WAITS[wanted.view],) if wanted.view in WAITS else wanted.waiting
    _few(values, "waiting", "waitings", waiting)
    _few(values, "owner", "owners", _owners(wanted, actor))
    if wanted.phases:
        values["phases"] = list(wanted.phases)
    if wanted.reasons:
        values["reasons"] = list(wanted.reasons)
    if wanted.view is View.UNASSIGNED:
        values["free"] = True
    if wanted.due_from or wanted.due_to or wanted.view in {View.DUE_TODAY, View.OVERDUE}:
        values.update(_due(wanted, staff.zone_for(actor)))
    return values


def _owners(wanted: Filter, actor: Actor) -> Sequence[int]:
    if wanted.view is View.MINE:
        return (actor.id or 0,)
    return staff.leavers() or (0,) if wanted.view is View.LEFT else wanted.owners


def _few(values: Values, one: str, several: str, chosen: Sequence[Any]) -> None:
    """One value is an equality, which an index orders behind; several are a list."""
    if len(chosen) == 1:
        values[one] = chosen[0]
    elif chosen:
        values[several] = list(chosen)


def _due(wanted: Filter, zone: str) -> Values:
    """Limits of the due time in UTC; days are those of the reader's zone."""
    now = clock.now()
    today = now.astimezone(ZoneInfo(zone)).date()
    first, last = wanted.due_from, wanted.due_to
    values: Values = {}
    if wanted.view is View.DUE_TODAY:
        first, last = max(first or today, today), min(last or today, today)
    if first:
        values["due_from"] = datetime.combine(first, time(), ZoneInfo(zone)).astimezone(UTC)
    if last:
        values["due_before"] = datetime.combine(last + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
    if wanted.view is View.OVERDUE:
        values["due_before"] = min(values.get("due_before", now), now)
    return values


def _seen(actor: Actor, wanted: Filter) -> list[tuple[list[int], Role | None]]:
    """The stores to look in: those seen whole, and those where only the cases of one role are seen."""
    stores = [i for i in actor.stores_with(P) if not wanted.shops or i in wanted.shops]
    whole = [i for i in stores if actor.roles[i] & cases.SEE_ALL]
    found: list[tuple[list[int], Role | None]] = [(whole, None)] if whole else []
    for role in (Role.AFTER_SALE, Role.FINANCE):
        if narrow := [i for i in stores if i not in whole and role in actor.roles[i]]:
            found.append((narrow, role))
    return found
