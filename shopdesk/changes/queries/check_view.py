"""What the page of a pre-print check shows, read for a whole list in a handful of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from shopdesk.changes.models import Change, ChangeWish, PrintCheck, PrintCheckRow, Step, Wish
from shopdesk.changes.playbook import Code
from shopdesk.changes.queries.checks import CheckedRow, look
from shopdesk.changes.states import Group, Kind, StepState
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import within
from shopdesk.notices.models import Notice, NoticeKind, NoticeState
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Amendment, Memo, Order, OrderLine
from shopdesk.orders.states import AmendmentState, Field, Readiness
from shopdesk.parcels.models import Batch, Hold, Parcel, ParcelLine
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store

P = Permission.PRINT_CHECK


@dataclass(frozen=True, slots=True)
class WishedValue:
    """Old → new as this person may see it; `title` names the line where the wish is about one."""

    old: str
    new: str
    title: str | None
    platform: AmendmentState | None  # whether the platform has it already; None: not amended yet


@dataclass(frozen=True, slots=True)
class CheckedChange:
    change_id: int
    kind: Kind
    asked_as: str
    opened_at: datetime
    next_code: Code | None
    values: tuple[WishedValue, ...]

    @property
    def is_confirmed(self) -> bool:
        """Only the acknowledgement is missing."""
        return self.next_code is Code.ACKNOWLEDGE


@dataclass(frozen=True, slots=True)
class CheckedMemo:
    text: str  # references masked
    signed: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class OrderInParcel:
    order_id: int
    number: str
    readiness: Readiness
    as_of: datetime
    skus: tuple[str, ...]
    units: int  # in the parcel; 0: all were taken off


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


@dataclass(frozen=True, slots=True)
class CheckView:
    check: PrintCheck
    lines: list[CheckLine]
    moved: list[str]  # what is no longer as it was shown

    def of(self, group: Group) -> list[CheckLine]:
        return [line for line in self.lines if line.group is group]

    @property
    def parcels_to_print(self) -> int:
        go = (Group.PRINTABLE, Group.CHANGED)
        return len({line.parcel.id for line in self.lines if line.group in go and line.parcel})

    @property
    def store_ids(self) -> list[int]:
        return sorted({line.store.id for line in self.lines if line.store})


def check_view(check: PrintCheck, rows: Sequence[PrintCheckRow], actor: Actor) -> CheckView:
    """The list as it stands now; one that was printed shows the groups that it was printed by."""
    pasted = list(dict.fromkeys(row.pasted for row in rows))
    now = look(pasted, actor)
    shown = {(row.pasted, row.parcel_id): row.group_shown for row in rows}
    found = {(row.pasted, row.parcel_id): row.group for row in now}
    moved = [] if check.printed_at else [key[0] for key in shown | found if shown.get(key) is not found.get(key)]
    details = _Details.load(now, actor)
    numbered = {number: at for at, number in enumerate(pasted, start=1)}
    lines = []
    for row in now:
        group = shown.get((row.pasted, row.parcel_id), row.group) if check.printed_at else row.group
        lines.append(details.line(row, group, numbered[row.pasted]))
    return CheckView(check, _merged_together(lines), list(dict.fromkeys(moved)))


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

    @classmethod
    def load(cls, rows: Sequence[CheckedRow], actor: Actor) -> _Details:
        ids = sorted({row.parcel_id for row in rows if row.parcel_id})
        parcels = {p.id: p for p in _all(select(Parcel).where(Parcel.id.in_(ids)), actor, Parcel)}
        batch_ids = {p.batch_id for p in parcels.values() if p.batch_id}
        batches = {b.id: b.name for b in _all(select(Batch).where(Batch.id.in_(batch_ids)), actor, Batch)}
        return cls(
            parcels=parcels,
            batches=batches,
            stores={store.id: store for store in staff.stores_of(actor)},
            orders=_orders(ids, actor),
            holds=_holds(ids, actor),
            changes=_changes(sorted({i for row in rows for i in row.change_ids}), actor),
            memos=_memos(ids, actor),
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
            changes=tuple(self.changes[i] for i in row.change_ids),
            memos=tuple(self.memos.get(row.parcel_id or 0, ())),
        )


def _all(statement, actor: Actor, model):
    return db.session.scalars(within(statement, actor, P, model)).all()


def _rows(statement, actor: Actor, model):
    return db.session.execute(within(statement, actor, P, model)).all()


def _orders(parcel_ids: list[int], actor: Actor) -> dict[int, list[OrderInParcel]]:
    statement = (
        select(
            ParcelLine.parcel_id,
            Order.id,
            Order.number,
            Order.readiness,
            Order.as_of,
            OrderLine.sku,
            ParcelLine.quantity,
        )
        .join(Order, Order.id == ParcelLine.order_id)
        .join(OrderLine, OrderLine.id == ParcelLine.line_id)
        .where(ParcelLine.parcel_id.in_(parcel_ids))
        .order_by(ParcelLine.parcel_id, Order.id, OrderLine.position)
    )
    skus: dict[tuple[int, ...], list[str]] = defaultdict(list)
    seen: dict[tuple[int, int], OrderInParcel] = {}
    for parcel_id, order_id, number, readiness, as_of, sku, quantity in _rows(statement, actor, ParcelLine):
        before = seen.get((parcel_id, order_id))
        skus[parcel_id, order_id] += [sku] if sku and quantity else []
        units = quantity + (before.units if before else 0)
        seen[parcel_id, order_id] = OrderInParcel(order_id, number, readiness, as_of, (), units)
    found: dict[int, list[OrderInParcel]] = defaultdict(list)
    for (parcel_id, order_id), order in seen.items():
        named = tuple(dict.fromkeys(skus[parcel_id, order_id]))
        found[parcel_id].append(replace(order, skus=named))
    return found


def _holds(parcel_ids: list[int], actor: Actor) -> dict[int, datetime]:
    """The hold that lasts longest."""
    statement = select(Hold.parcel_id, Hold.expires_at).where(Hold.parcel_id.in_(parcel_ids), Hold.ended_at.is_(None))
    found: dict[int, datetime] = {}
    for parcel_id, expires_at in _rows(statement, actor, Hold):
        found[parcel_id] = max(expires_at, found.get(parcel_id, expires_at))
    return found


def _changes(change_ids: list[int], actor: Actor) -> dict[int, CheckedChange]:
    first: dict[int, Code] = {}
    steps = select(Step.change_id, Step.code).where(Step.change_id.in_(change_ids), Step.state == StepState.OPEN)
    for change_id, code in _rows(steps.order_by(Step.change_id, Step.position.desc()), actor, Step):
        first[change_id] = Code(code)
    values = _values(change_ids, actor)
    changes = _all(select(Change).where(Change.id.in_(change_ids)), actor, Change)
    return {
        c.id: CheckedChange(c.id, c.kind, c.asked_as, c.opened_at, first.get(c.id), tuple(values.get(c.id, ())))
        for c in changes
    }


def _values(change_ids: list[int], actor: Actor) -> dict[int, list[WishedValue]]:
    statement = (
        select(ChangeWish.change_id, Wish, OrderLine.title, Amendment.state, Amendment.ended_at)
        .join(Wish, Wish.id == ChangeWish.wish_id)
        .join(OrderLine, OrderLine.id == Wish.line_id, isouter=True)
        .join(Amendment, Amendment.id == Wish.amendment_id, isouter=True)
        .where(ChangeWish.change_id.in_(change_ids))
        .order_by(Wish.id)
    )
    newest: dict[tuple[int, int, int | None], WishedValue] = {}
    for change_id, wish, title, state, ended_at in _rows(statement, actor, ChangeWish):
        key = (change_id, wish.order_id, wish.line_id)  # a further wish about the same thing replaces the first
        older = newest.pop(key, None)
        is_clear = actor.may(Permission.PERSONAL_READ, wish.store_id)
        newest[key] = _worded(wish, title, None if ended_at else state, older, is_clear=is_clear)
    found: dict[int, list[WishedValue]] = defaultdict(list)
    for (change_id, *_), value in newest.items():
        found[change_id].append(value)
    return found


def _worded(
    wish: Wish, title: str | None, state: AmendmentState | None, older: WishedValue | None, *, is_clear: bool
) -> WishedValue:
    """What stood there before the first of several wishes, and what the last one wants."""
    if wish.kind is Kind.CANCEL:
        return WishedValue("", orders.worded(None, wish.new, is_clear=is_clear), title, state)
    field = Field(wish.kind)
    old = older.old if older else orders.worded(field, wish.old, is_clear=is_clear)
    return WishedValue(old, orders.worded(field, wish.new, is_clear=is_clear), title, state)


def _memos(parcel_ids: list[int], actor: Actor) -> dict[int, list[CheckedMemo]]:
    """Memos that printing has not acknowledged yet."""
    statement = (
        select(Notice.parcel_id, Memo)
        .join(Memo, Memo.id == Notice.memo_id)
        .where(
            Notice.parcel_id.in_(parcel_ids), Notice.kind == NoticeKind.MEMO, Notice.state == NoticeState.OPEN
        )
        .order_by(Notice.id)
    )  # fmt: skip
    rows = _rows(statement, actor, Notice)
    texts = orders.masked_memos([memo for _, memo in rows], actor)
    found: dict[int, list[CheckedMemo]] = defaultdict(list)
    for parcel_id, memo in rows:
        found[parcel_id].append(CheckedMemo(texts[memo.id], memo.signed, memo.made_at))
    return found


def numbers_of(lines: Iterable[CheckLine]) -> list[str]:
    """Order numbers as the platform or ERP knows them; what was pasted where none was found."""
    return list(dict.fromkeys(line.order.number if line.order else line.pasted for line in lines))
