"""What the page of a pre-print check shows, read for a whole list in a handful of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select

from shopdesk.changes.models import PrintCheck, PrintCheckRow
from shopdesk.changes.queries.check_changes import CheckedChange, CheckedMemo, changes_in, memos_on
from shopdesk.changes.queries.checks import CheckedRow
from shopdesk.changes.queries.dispatch import NEEDS, look_for
from shopdesk.changes.queries.sight import moved as moved_since
from shopdesk.changes.states import Group
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import within
from shopdesk.orders.models import Order, OrderLine
from shopdesk.orders.queries import readiness_now
from shopdesk.orders.states import Readiness
from shopdesk.parcels.models import Batch, Hold, Parcel, ParcelLine
from shopdesk.parcels.queries.stops import stops_over
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store


@dataclass(frozen=True, slots=True)
class Said:
    """What people said of an order's readiness."""

    until: date | None
    reason: str | None
    by: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderInParcel:
    order_id: int
    number: str
    readiness: Readiness
    as_of: datetime
    skus: tuple[str, ...]
    units: int  # in the parcel; 0: all were taken off
    said: Said


@dataclass(frozen=True, slots=True)
class CheckedStop:
    """A stop that holds the parcel of a row."""

    reason: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One row of the page.  A merged parcel has one per pasted order, one under the other."""

    row_no: int  # in the pasted list
    pasted: str
    group: Group
    reasons: tuple[str, ...]
    order: OrderInParcel | None
    parcel: Parcel | None
    batch: str | None
    store: Store | None
    mates: tuple[OrderInParcel, ...]  # the other orders in the parcel
    hold_expires_at: datetime | None
    changes: tuple[CheckedChange, ...]
    memos: tuple[CheckedMemo, ...]
    stops: tuple[CheckedStop, ...] = ()
    shown: str = ""  # queries.sight
    is_moved: bool = False  # not as it was shown when the list was checked

    def mate(self, order_id: int) -> OrderInParcel | None:
        """The other order of the parcel that something belongs to; None for the row's own."""
        return next((mate for mate in self.mates if mate.order_id == order_id), None)


@dataclass(frozen=True, slots=True)
class CheckView:
    check: PrintCheck
    lines: list[CheckLine]
    moved: list[str]  # what is no longer as it was shown

    def of(self, group: Group) -> list[CheckLine]:
        return [line for line in self.lines if line.group is group]

    @property
    def parcels_to_go(self) -> int:
        go = (Group.PRINTABLE, Group.CHANGED, Group.DISPATCHABLE)
        return len({line.parcel.id for line in self.lines if line.group in go and line.parcel})

    @property
    def acknowledges(self) -> tuple[int, int]:
        """How many changes, and how many unseen memos, the button acknowledges."""
        there = {line.parcel.id: line for line in self.of(Group.CHANGED) if line.parcel}.values()
        changes = {change.change_id for line in there for change in line.changes}
        return len(changes), sum(len(line.memos) for line in there)

    @property
    def store_ids(self) -> list[int]:
        return sorted({line.store.id for line in self.lines if line.store})


def check_view(check: PrintCheck, rows: Sequence[PrintCheckRow], actor: Actor) -> CheckView:
    """The list as it stands now; one that was printed shows the groups that it was printed by."""
    pasted = list(dict.fromkeys(row.pasted for row in rows))
    now = look_for(check.purpose, pasted, actor)
    shown = {(row.pasted, row.parcel_id): row.group_shown for row in rows}
    moved = dict.fromkeys([] if check.printed_at else moved_since(rows, now))
    details = _Details.load(now, actor, NEEDS[check.purpose], printed_at=check.printed_at)
    numbered = {number: at for at, number in enumerate(pasted, start=1)}
    lines = []
    for row in now:
        group = shown.get((row.pasted, row.parcel_id), row.group) if check.printed_at else row.group
        line = details.line(row, group, numbered[row.pasted])
        lines.append(replace(line, is_moved=(row.pasted, row.parcel_id) in moved))
    return CheckView(check, _merged_together(lines), list(dict.fromkeys(pasted for pasted, _parcel in moved)))


def lines_of(rows: Sequence[CheckedRow], actor: Actor, permission: Permission) -> list[CheckLine]:
    """The rows with what a page shows of them; their changes are those that the rows name."""
    details = _Details.load(rows, actor, permission, printed_at=None)
    return [details.line(row, row.group, row.position) for row in rows]


def kept_rows(check: PrintCheck, rows: Sequence[PrintCheckRow], actor: Actor) -> list[CheckedRow]:
    """The list's rows as they stand now; of one that was printed, those that were printed as they were then."""
    now = look_for(check.purpose, list(dict.fromkeys(row.pasted for row in rows)), actor)
    if check.printed_at is None:
        return now
    shown = {(row.pasted, row.parcel_id): row.group_shown for row in rows}
    ids = sorted({row.parcel_id for row in now if row.parcel_id})
    changes = changes_in(sorted({i for row in now for i in row.change_ids}), ids, actor, printed_at=check.printed_at)
    return [_as_printed(row, shown.get((row.pasted, row.parcel_id), row.group), changes.values()) for row in now]


def _as_printed(row: CheckedRow, group: Group, changes: Iterable[CheckedChange]) -> CheckedRow:
    """Why a row was not printed is not kept: that is said as it stands now."""
    if group is Group.PRINTABLE:
        return row._replace(group=group, reasons=(), change_ids=())
    if group is not Group.CHANGED:
        return row._replace(group=group)
    ids = tuple(change.change_id for change in changes if change.parcel_id == row.parcel_id)
    return row._replace(group=group, reasons=("acknowledgement_missing" if ids else "memo_unseen",), change_ids=ids)


def _merged_together(lines: list[CheckLine]) -> list[CheckLine]:
    """In the clerk's order, but the orders of one parcel under its first."""
    first: dict[int, int] = {}
    for at, line in enumerate(lines):
        if line.parcel:
            first.setdefault(line.parcel.id, at)
    places = {id(line): (first[line.parcel.id] if line.parcel else at, at) for at, line in enumerate(lines)}
    return sorted(lines, key=lambda line: places[id(line)])


@dataclass(frozen=True, slots=True)
class _Details:
    """Everything about the rows of a list, by id."""

    parcels: dict[int, Parcel]
    batches: dict[int, str]
    stores: dict[int, Store]
    orders: dict[int, list[OrderInParcel]]  # by parcel
    holds: dict[int, datetime]
    changes: dict[int, CheckedChange]
    memos: dict[int, list[CheckedMemo]]
    is_printed: bool
    stops: dict[int, list[CheckedStop]]

    @classmethod
    def load(
        cls, rows: Sequence[CheckedRow], actor: Actor, needed: Permission, *, printed_at: datetime | None
    ) -> _Details:
        ids = sorted({row.parcel_id for row in rows if row.parcel_id})
        parcels = {p.id: p for p in _all(select(Parcel).where(Parcel.id.in_(ids)), actor, Parcel, needed)}
        batch_ids = {p.batch_id for p in parcels.values() if p.batch_id}
        batches = {b.id: b.name for b in _all(select(Batch).where(Batch.id.in_(batch_ids)), actor, Batch, needed)}
        return cls(
            parcels=parcels,
            batches=batches,
            stores={store.id: store for store in staff.stores_of(actor)},
            orders=_orders(ids, actor, needed),
            holds=_holds(ids, actor, needed),
            changes=changes_in(
                sorted({i for row in rows for i in row.change_ids}),
                ids,
                actor,
                printed_at=printed_at,
                permission=needed,
            ),
            memos=memos_on(ids, actor, printed_at=printed_at, permission=needed),
            is_printed=printed_at is not None,
            stops=_stops([i for i in ids if parcels[i].holds], actor, needed),
        )

    def line(self, row: CheckedRow, group: Group, row_no: int) -> CheckLine:
        parcel = self.parcels.get(row.parcel_id or 0)
        there = self.orders.get(row.parcel_id or 0, [])
        return CheckLine(
            row_no=row_no,
            pasted=row.pasted,
            group=group,
            reasons=row.reasons,
            order=next((order for order in there if order.order_id == row.order_id), None),
            parcel=parcel,
            batch=self.batches.get(parcel.batch_id or 0) if parcel else None,
            store=self.stores.get(row.store_id or 0),
            mates=tuple(order for order in there if order.units and order.order_id != row.order_id),
            hold_expires_at=self.holds.get(row.parcel_id or 0),
            changes=self._changes(row, group),
            memos=tuple(self.memos.get(row.parcel_id or 0, ())),
            stops=tuple(self.stops.get(row.parcel_id or 0, ())),
            shown=row.shown,
        )

    def _changes(self, row: CheckedRow, group: Group) -> tuple[CheckedChange, ...]:
        """What is open now; of a row that was printed as changed, what it was printed with."""
        if not (self.is_printed and group is Group.CHANGED):
            return tuple(self.changes[i] for i in row.change_ids)
        return tuple(c for c in self.changes.values() if c.parcel_id == row.parcel_id)


def _all(statement, actor: Actor, model, needed: Permission):
    return db.session.scalars(within(statement, actor, needed, model)).all()


def _rows(statement, actor: Actor, model, needed: Permission):
    return db.session.execute(within(statement, actor, needed, model)).all()


def _orders(parcel_ids: list[int], actor: Actor, needed: Permission) -> dict[int, list[OrderInParcel]]:
    statement = (
        select(
            ParcelLine.parcel_id,
            Order.id,
            Order.number,
            Order.readiness,
            Order.ready_on,
            Order.readiness_reason,
            Order.readiness_by_id,
            Order.readiness_at,
            Order.status,
            Store.zone,
            Order.as_of,
            OrderLine.sku,
            ParcelLine.quantity,
        )
        .join(Order, Order.id == ParcelLine.order_id)
        .join(OrderLine, OrderLine.id == ParcelLine.line_id)
        .join(Store, Store.id == Order.store_id)
        .where(ParcelLine.parcel_id.in_(parcel_ids))
        .order_by(ParcelLine.parcel_id, Order.id, OrderLine.position)
    )
    skus: dict[tuple[int, ...], list[str]] = defaultdict(list)
    seen: dict[tuple[int, int], OrderInParcel] = {}
    rows = _rows(statement, actor, ParcelLine, needed)
    names = staff.signatures({row.readiness_by_id for row in rows if row.readiness_by_id})
    for row in rows:
        key = (row.parcel_id, row.id)
        before = seen.get(key)
        skus[key] += [row.sku] if row.sku and row.quantity else []
        units = row.quantity + (before.units if before else 0)
        now = readiness_now(row.readiness, row.ready_on, row.status, row.zone)
        said = Said(row.ready_on, row.readiness_reason, names.get(row.readiness_by_id), row.readiness_at)
        seen[key] = OrderInParcel(row.id, row.number, now, row.as_of, (), units, said)
    found: dict[int, list[OrderInParcel]] = defaultdict(list)
    for (parcel_id, order_id), order in seen.items():
        named = tuple(dict.fromkeys(skus[parcel_id, order_id]))
        found[parcel_id].append(replace(order, skus=named))
    return found


def _holds(parcel_ids: list[int], actor: Actor, needed: Permission) -> dict[int, datetime]:
    """The hold that lasts longest."""
    statement = select(Hold.parcel_id, Hold.expires_at).where(Hold.parcel_id.in_(parcel_ids), Hold.ended_at.is_(None))
    found: dict[int, datetime] = {}
    for parcel_id, expires_at in _rows(statement, actor, Hold, needed):
        found[parcel_id] = max(expires_at, found.get(parcel_id, expires_at))
    return found


def _stops(parcel_ids: list[int], actor: Actor, needed: Permission) -> dict[int, list[CheckedStop]]:
    found = stops_over(parcel_ids, actor, needed) if parcel_ids else {}
    names = staff.signatures({s.made_by_id for over in found.values() for s in over if s.made_by_id}) if found else {}
    return {
        parcel_id: [CheckedStop(s.reason, names.get(s.made_by_id or 0, ""), s.made_at) for s in over]
        for parcel_id, over in found.items()
    }


def numbers_of(lines: Iterable[CheckLine]) -> list[str]:
    """Order numbers as the platform or ERP knows them; what was pasted where none was found."""
    return list(dict.fromkeys(line.order.number if line.order else line.pasted for line in lines))
