"""Every open change by its next step: whose turn, since when; counted, filtered, paged.

A page is read for each store straight from the index of what waits, and what is counted is bounded (ADR 0013): neither
grows with what is open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from shopdesk.changes.queries.turns import is_theirs
from shopdesk.changes.states import ChangeState, Code, Kind
from shopdesk.core import clock, paging
from shopdesk.core.errors import Malformed
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.personal import Personal
from shopdesk.core.reading import Reading
from shopdesk.desk.queries import watch_reads as reads
from shopdesk.desk.queries.watch_reads import Filter, Position
from shopdesk.desk.queries.work.rows import waits_for
from shopdesk.desk.states import Waits
from shopdesk.orders.models import Order
from shopdesk.staff import queries as staff

__all__ = ["PAGE", "Filter", "Position", "Waiting", "Watch", "WatchRow", "page_after", "place_of", "watch"]
PAGE = 50  # rows
MOST_ID = 2**62
P = Permission.CHANGE_WATCH


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
    """A page, and what was counted; unless `is_whole` there is more than each figure says."""

    rows: list[WatchRow]
    total: int  # that match the filter
    everything: int
    overdue: int
    mine: int
    turns: dict[Waits, int]  # of everything
    codes: dict[Code, int]  # of the chosen turn
    kinds: dict[Kind, int]  # likewise
    askers: list[tuple[int, str]]
    is_whole: bool
    newer: Position | None  # where the page after this one goes on; what has waited less long
    older: Position | None  # where the page before this one ended


_ORDERS = Reading(
    select(Order.id, Order.number, Order.buyer_nick).where(Order.id.in_(bindparam("ids", expanding=True))),
    Order.store_id,
)


def watch(actor: Actor, wanted: Filter, *, after: Position | None = None, before: Position | None = None) -> Watch:
    """What waits in the stores of the person, what has waited longest first; a page behind or before a place."""
    now = clock.now()
    groups, is_whole = reads.counted(actor, now)
    chosen = [row for row in groups if wanted.waits in {None, waits_for(row.code, row.role)}]
    matching = [row for row in chosen if _matches(row, wanted, actor)]
    shown, is_more = _page(actor, wanted, now, PAGE, after=after, before=before)
    names = _names(groups, shown)
    first, last = (_place(shown[0]), _place(shown[-1])) if shown else (None, None)
    return Watch(
        rows=_rows(shown, names, actor, now),
        total=max(_sum(matching), len(shown)),
        everything=_sum(groups),
        overdue=_sum(row for row in groups if row.is_overdue),
        mine=_sum(row for row in groups if is_theirs(row, row, actor)),
        turns=_by(groups, lambda row: waits_for(row.code, row.role)),
        codes=_by(chosen, lambda row: row.code),
        kinds=_by(chosen, lambda row: row.kind),
        askers=_askers(groups, names),
        is_whole=is_whole,
        newer=last if before or is_more else None,
        older=first if after or (before and is_more) else None,
    )


def page_after(
    actor: Actor, wanted: Filter, *, after: Position | None, limit: int, store_id: int | None = None
) -> tuple[list[WatchRow], Position | None]:
    """A cursor page of what matches, and the place to go on from."""
    now = clock.now()
    if store_id is not None:
        actor = replace(actor, roles={store_id: actor.roles[store_id]})
    shown, is_more = _page(actor, wanted, now, limit, after=after)
    return _rows(shown, _names(shown, shown), actor, now), _place(shown[-1]) if is_more else None


def place_of(cursor: str) -> Position:
    """The place in a cursor of ours.  Raises Malformed for anything else."""
    at, step_id = paging.decode(cursor, (str, int))
    try:
        found = datetime.fromisoformat(at)
    except ValueError as error:
        raise Malformed("That is not a cursor of this list.", code="bad_cursor") from error
    if found.tzinfo is None or not 0 <= step_id <= MOST_ID:
        raise Malformed("That is not a cursor of this list.", code="bad_cursor")
    return found, step_id


def _page(
    actor: Actor,
    wanted: Filter,
    now: datetime,
    limit: int,
    *,
    after: Position | None = None,
    before: Position | None = None,
) -> tuple[list[Waiting], bool]:
    """The rows in order, and whether there are more in the direction that was read."""
    found = [_waiting(row) for row in reads.rows(actor, wanted, now, limit + 1, after=after, before=before)]
    found.sort(key=_place, reverse=before is not None)
    shown = found[:limit]
    return shown[::-1] if before else shown, len(found) > limit


def _place(row: Waiting) -> Position:
    return row.since, row.step_id


def _waiting(r: Any) -> Waiting:
    return Waiting(
        step_id=r.id, position=r.position, code=Code(r.code), role=r.role, change_id=r.change_id,
        store_id=r.store_id, order_id=r.order_id, kind=r.kind, state=r.state, asked_by_id=r.asked_by_id,
        follower_id=r.follower_id, person_id=r.person_id, since=r.waits_since,
        hold_expires_at=r.expires_at, nudges=r.nudges, nudged_at=r.nudged_at, nudged_by_id=r.nudged_by_id,
    )  # fmt: skip


def _matches(row: reads.Group, wanted: Filter, actor: Actor) -> bool:
    return (
        wanted.code in {None, row.code}
        and wanted.kind in {None, row.kind}
        and wanted.asked_by_id in {None, row.asked_by_id}
        and (not wanted.overdue or row.is_overdue)
        and (not wanted.mine or is_theirs(row, row, actor))
    )


def _sum(groups: Iterable[reads.Group]) -> int:
    return sum(row.found for row in groups)


def _by(groups: Iterable[reads.Group], what: Any) -> dict[Any, int]:
    found: Counter[Any] = Counter()
    for row in groups:
        found[what(row)] += row.found
    return dict(found)


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


def _names(found: Sequence[Any], shown: list[Waiting]) -> dict[int, str]:
    people = {row.asked_by_id for row in found}
    for row in shown:
        people |= {row.named_id, row.nudged_by_id}
    return staff.signatures({person for person in people if person})


def _askers(found: Sequence[reads.Group], names: dict[int, str]) -> list[tuple[int, str]]:
    asked = _ids(row.asked_by_id for row in found)
    return sorted(((person, names[person]) for person in asked if person in names), key=lambda row: row[1])


def _ids(given: Iterable[int | None]) -> list[int]:
    return sorted({i for i in given if i})
