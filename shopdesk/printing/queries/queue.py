"""待打单: what of a store is to be printed, its changed orders first; a fixed number of statements."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, func, select

from shopdesk.changes.models import Change
from shopdesk.changes.queries.check_view import CheckLine, lines_of
from shopdesk.changes.queries.checks import CheckedRow, look_at_parcels
from shopdesk.changes.states import ONLY_UNPAID, ChangeState, Group
from shopdesk.core import clock
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.reading import Reading
from shopdesk.feeds.queries import stage_feed
from shopdesk.orders.models import Memo, Order
from shopdesk.orders.states import Flag, Readiness
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel, ParcelLine
from shopdesk.parcels.states import Stage
from shopdesk.printing.queries.couriers import couriers_of
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store
from shopdesk.staff.service.cut_offs import last_cut_off_of_yesterday

P = Permission.PARCEL_PRINT
MOST = 5000  # parcels of one store that a queue looks through, oldest first
HELD = frozenset({"stopped", "unconfirmed_change"})
NO_COURIER = "-"  # the filter for parcels of which nobody told the courier

_has_open_order = (
    exists()
    .where(ParcelLine.parcel_id == Parcel.id, ParcelLine.quantity > 0, ParcelLine.order_id == Order.id)
    .where(Order.readiness != Readiness.CLOSED)
)
_WAITING = Reading(
    select(Parcel.id).where(Parcel.stage == Stage.UNPRINTED, _has_open_order).order_by(Parcel.id).limit(MOST + 1),
    Parcel.store_id,
)
_PER_STORE = Reading(
    select(Parcel.store_id, func.count(Parcel.id).label("parcels"))
    .where(Parcel.stage == Stage.UNPRINTED, _has_open_order)
    .group_by(Parcel.store_id),
    Parcel.store_id,
)
_IDS: Any = bindparam("ids", expanding=True)
_OVERNIGHT = Reading(
    select(Change.id, Change.parcel_id)
    .where(Change.parcel_id.in_(_IDS), Change.state == ChangeState.DONE, Change.kind.not_in(ONLY_UNPAID))
    .where(Change.released_at >= bindparam("since"))
    .order_by(Change.id),
    Change.store_id,
)
_FLAGS = Reading(
    select(ParcelLine.parcel_id, Order.id.label("order_id"), Order.flag, Order.marked_shipped_at, Order.paid_at)
    .join(Order, Order.id == ParcelLine.order_id)
    .where(ParcelLine.parcel_id.in_(_IDS), ParcelLine.quantity > 0)
    .distinct()
    .order_by(Order.id),
    ParcelLine.store_id,
)
_MEMOS = Reading(
    select(Memo.order_id, func.count(Memo.id).label("memos")).where(Memo.order_id.in_(_IDS)).group_by(Memo.order_id),
    Memo.store_id,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the queue is wanted; None = all."""

    group: str | None = None  # changed, ready, held, or a readiness
    courier: str | None = None
    after: int = 0  # rows that come before the page


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A parcel that is to be printed; `is_overnight`: changed since yesterday's last cut-off and acknowledged."""

    line: CheckLine
    courier: str | None
    flags: tuple[Flag, ...]
    memos: int
    is_overnight: bool
    may_be_printed_elsewhere: bool
    paid_at: datetime | None  # of the first order in it

    @property
    def is_first(self) -> bool:
        """Stands at the top, with what changed."""
        return self.line.group is Group.CHANGED or (self.is_overnight and self.may_go)

    @property
    def is_held(self) -> bool:
        return bool(set(self.line.reasons) & HELD)

    @property
    def may_go(self) -> bool:
        return self.line.group in {Group.CHANGED, Group.PRINTABLE}


@dataclass(frozen=True, slots=True)
class Queue:
    store: Store
    rows: list[QueueRow]
    total: int  # that match
    groups: Counter[str]
    couriers: Counter[str]
    since: datetime  # changed after it counts as changed overnight
    next_after: int | None
    is_cut: bool  # more than MOST wait


@dataclass(frozen=True, slots=True)
class _Waiting:
    row: CheckedRow
    courier: str
    done: tuple[int, ...]  # changes that were acknowledged since yesterday's last cut-off

    @property
    def names(self) -> set[str]:
        """The filters that it falls under."""
        if self.row.group is not Group.DO_NOT_PRINT:
            return {"changed", "ready"} if self.row.group is Group.CHANGED or self.done else {"ready"}
        because = {reason.removeprefix("readiness_") for reason in self.row.reasons if reason.startswith("readiness_")}
        return because | ({"held"} if set(self.row.reasons) & HELD else set())

    @property
    def place(self) -> tuple[int, int]:
        """Older ones before newer; see `_rank`."""
        return (_rank(self.row, is_overnight=bool(self.done), is_held="held" in self.names), self.row.parcel_id or 0)


def _rank(row: CheckedRow, *, is_overnight: bool, is_held: bool) -> int:
    """Waits for the acknowledgement alone, changed overnight, an unseen memo, as ordered; held, not ready."""
    if row.group is Group.DO_NOT_PRINT:
        return 4 if is_held else 5
    if row.group is Group.CHANGED:
        return 0 if row.change_ids else 2
    return 1 if is_overnight else 3


def stores_waiting(actor: Actor) -> dict[int, int]:
    """Store id → how many parcels wait to be printed there, where the actor may print."""
    return {row.store_id: row.parcels for row in _PER_STORE.rows(actor, P)}


def queue(store: Store, asked: Asked, actor: Actor, *, size: int) -> Queue:
    """A page of what is to be printed in the store, with the counts of every filter."""
    since = cut_off_before(store)
    ids = [row.id for row in _WAITING.in_store(store.id)]
    found = _waiting(ids[:MOST], store, since, actor)
    of_group = [one for one in found if asked.group is None or asked.group in one.names]
    of_courier = [one for one in found if asked.courier is None or one.courier == asked.courier]
    wanted = sorted((one for one in of_group if one in of_courier), key=lambda one: one.place)
    page = wanted[asked.after : asked.after + size]
    return Queue(
        store=store,
        rows=_rows(page, store, actor),
        total=len(wanted),
        groups=Counter(name for one in of_courier for name in one.names),
        couriers=Counter(one.courier for one in of_group),
        since=since,
        next_after=asked.after + size if len(wanted) > asked.after + size else None,
        is_cut=len(ids) > MOST,
    )


def cut_off_before(store: Store) -> datetime:
    """Yesterday's last cut-off: what was changed after it was changed overnight or today."""
    return last_cut_off_of_yesterday(clock.now(), staff.warehouse(store.warehouse_id).cut_offs, store.zone)


def _waiting(ids: list[int], store: Store, since: datetime, actor: Actor) -> list[_Waiting]:
    done: dict[int, list[int]] = defaultdict(list)
    for row in _OVERNIGHT.in_store(store.id, ids=ids, since=since) if ids else ():
        done[row.parcel_id].append(row.id)
    couriers = couriers_of(ids, store.id) if ids else {}
    return [
        _Waiting(row, couriers.get(row.parcel_id or 0) or NO_COURIER, tuple(done.get(row.parcel_id or 0, ())))
        for row in (look_at_parcels(ids, actor, P) if ids else ())
    ]


def _rows(page: Sequence[_Waiting], store: Store, actor: Actor) -> list[QueueRow]:
    if not page:
        return []
    shown = [one.row._replace(change_ids=_changes(one)) for one in page]
    lines = lines_of(shown, actor, P)
    about = _About.load([one.row.parcel_id or 0 for one in page], store)
    return [about.row(line, one) for line, one in zip(lines, page, strict=True)]


def _changes(one: _Waiting) -> tuple[int, ...]:
    """Open ones, and with what may be printed those of last night."""
    return one.row.change_ids if one.row.group is Group.DO_NOT_PRINT else (*one.row.change_ids, *one.done)


@dataclass(frozen=True, slots=True)
class _About:
    """Flags, memos and age of what is on the page."""

    store: Store
    orders: dict[int, list[Any]]  # by parcel
    memos: dict[int, int]  # by order
    feed: Any

    @classmethod
    def load(cls, parcel_ids: list[int], store: Store) -> _About:
        orders: dict[int, list[Any]] = defaultdict(list)
        for row in _FLAGS.in_store(store.id, ids=parcel_ids):
            orders[row.parcel_id].append(row)
        ids = sorted({row.order_id for rows in orders.values() for row in rows})
        memos = {row.order_id: row.memos for row in _MEMOS.in_store(store.id, ids=ids)}
        return cls(store, orders, memos, stage_feed(store.id))

    def row(self, line: CheckLine, one: _Waiting) -> QueueRow:
        there = self.orders.get(one.row.parcel_id or 0, [])
        flags = dict.fromkeys(row.flag for row in there if row.flag is not Flag.NONE)
        return QueueRow(
            line=line,
            courier=None if one.courier == NO_COURIER else one.courier,
            flags=tuple(flags),
            memos=sum(self.memos.get(row.order_id, 0) for row in there),
            is_overnight=bool(one.done),
            may_be_printed_elsewhere=self._is_in_doubt(line, there),
            paid_at=min((row.paid_at for row in there if row.paid_at), default=None),
        )

    def _is_in_doubt(self, line: CheckLine, orders: Iterable[Any]) -> bool:
        """Another program may have printed it: its stage is stale, or the platform calls it shipped."""
        if line.parcel is None:
            return False
        rhythm = timedelta(minutes=self.store.rhythm_minutes)
        known = parcels.knowledge_from(line.parcel, self.feed, rhythm=rhythm, now=clock.now())
        return any(known.leaves_doubt(row.marked_shipped_at) for row in orders)
