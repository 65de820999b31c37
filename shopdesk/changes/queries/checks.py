"""What of a pasted list may be printed now (domain.md §3, pre-print check)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from shopdesk.changes.models import Change, Step
from shopdesk.changes.playbook import Code
from shopdesk.changes.rules import OpenChange, check_group
from shopdesk.changes.states import ONLY_UNPAID, ChangeState, Group, StepState
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import within
from shopdesk.core.text import fold
from shopdesk.notices.queries import open_memos
from shopdesk.orders.models import Order, SearchKey
from shopdesk.orders.states import KeyKind, Readiness
from shopdesk.parcels.models import Hold, Parcel, ParcelLine
from shopdesk.parcels.states import HoldCause


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """One line of a pre-print check as it stands now; the changes are to be worded by the page or API."""

    position: int
    pasted: str
    group: Group
    reasons: tuple[str, ...] = ()
    order_id: int | None = None
    parcel_id: int | None = None
    store_id: int | None = None
    change_ids: tuple[int, ...] = field(default=())


def look(numbers: Sequence[str], actor: Actor) -> list[CheckedRow]:
    """Every number with what may be done with its parcel now (domain.md §3, pre-print check), in the given order."""
    orders = _orders_named(numbers, actor)
    places = _parcels_of(list({order_id for ids in orders.values() for order_id in ids}), actor)
    ids = sorted({place.parcel.id for found in places.values() for place in found})
    states = _States.load(ids, actor)
    rows: list[CheckedRow] = []
    for number in numbers:
        found = [(order_id, p) for order_id in orders.get(fold(number), []) for p in places.get(order_id, [])]
        if not found:
            rows.append(CheckedRow(len(rows) + 1, number, Group.UNKNOWN, ("not_found",)))
        for order_id, place in found:
            rows.append(states.row(len(rows) + 1, number, order_id, place))
    return rows


@dataclass(frozen=True, slots=True)
class _States:
    """What the groups are decided from, for all parcels of a list in a handful of statements."""

    readinesses: dict[int, list[Readiness]]
    changes: dict[int, list[OpenChange]]
    stopped: set[int]
    memos: set[int]

    @classmethod
    def load(cls, parcel_ids: list[int], actor: Actor) -> _States:
        readinesses: dict[int, list[Readiness]] = defaultdict(list)
        statement = (
            select(ParcelLine.parcel_id, Order.id, Order.readiness)
            .join(Order, Order.id == ParcelLine.order_id)
            .where(ParcelLine.parcel_id.in_(parcel_ids), ParcelLine.quantity > 0)
            .distinct()
        )
        for parcel_id, _, ready in db.session.execute(within(statement, actor, Permission.PRINT_CHECK, ParcelLine)):
            readinesses[parcel_id].append(ready)
        stops = select(Hold.parcel_id).where(
            Hold.parcel_id.in_(parcel_ids), Hold.ended_at.is_(None), Hold.cause == HoldCause.STOP
        )
        stopped = set(db.session.scalars(within(stops, actor, Permission.PRINT_CHECK, Hold)))
        return cls(readinesses, _open_changes(parcel_ids, actor), stopped, open_memos(parcel_ids, actor))

    def row(self, position: int, number: str, order_id: int, place: _Place) -> CheckedRow:
        parcel = place.parcel
        changes = self.changes.get(parcel.id, [])
        group, reasons = check_group(
            parcel.stage,
            is_empty=place.is_empty,
            readinesses=self.readinesses.get(parcel.id, []),
            changes=changes,
            is_stopped=parcel.id in self.stopped,
            has_memo=parcel.id in self.memos,
        )
        ids = tuple(change.change_id for change in changes)
        return CheckedRow(position, number, group, tuple(reasons), order_id, parcel.id, parcel.store_id, ids)


def _orders_named(numbers: Sequence[str], actor: Actor) -> dict[str, list[int]]:
    """Folded number or waybill → order ids."""
    wanted = {fold(number)[:128] for number in numbers}
    statement = select(SearchKey.value, SearchKey.order_id).where(
        SearchKey.value.in_(wanted), SearchKey.kind.in_([KeyKind.NUMBER, KeyKind.WAYBILL])
    )
    found: dict[str, list[int]] = defaultdict(list)
    scoped = within(statement, actor, Permission.PRINT_CHECK, SearchKey).order_by(SearchKey.order_id)
    for value, order_id in db.session.execute(scoped):
        if order_id not in found[value]:
            found[value].append(order_id)
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    """A parcel of an order; `is_empty`: every unit of the order was taken out of it."""

    parcel: Parcel
    is_empty: bool


def _parcels_of(order_ids: list[int], actor: Actor) -> dict[int, list[_Place]]:
    """Where the units of each order stand; of an order without any, where they stood."""
    statement = (
        select(ParcelLine.order_id, ParcelLine.quantity, Parcel)
        .join(Parcel, Parcel.id == ParcelLine.parcel_id)
        .where(ParcelLine.order_id.in_(order_ids))
        .order_by(ParcelLine.order_id, Parcel.id)
    )
    units: dict[int, dict[Parcel, int]] = defaultdict(dict)
    for order_id, quantity, parcel in db.session.execute(within(statement, actor, Permission.PRINT_CHECK, ParcelLine)):
        units[order_id][parcel] = units[order_id].get(parcel, 0) + quantity
    return {order_id: _places(there) for order_id, there in units.items()}


def _places(units: dict[Parcel, int]) -> list[_Place]:
    return [_Place(p, is_empty=False) for p, n in units.items() if n] or [_Place(p, is_empty=True) for p in units]


def _open_changes(parcel_ids: list[int], actor: Actor) -> dict[int, list[OpenChange]]:
    """Open changes that hold these parcels; confirmed ones wait only for the acknowledgement."""
    statement = select(Change).where(
        Change.parcel_id.in_(parcel_ids), Change.state == ChangeState.OPEN, Change.kind.not_in(ONLY_UNPAID)
    )
    rows = list(db.session.scalars(within(statement, actor, Permission.PRINT_CHECK, Change)))
    open_steps = select(Step.change_id, Step.code, Step.position).where(
        Step.change_id.in_([change.id for change in rows]), Step.state == StepState.OPEN
    )
    first: dict[int, str] = {}
    scoped = within(open_steps, actor, Permission.PRINT_CHECK, Step).order_by(Step.change_id, Step.position.desc())
    for change_id, code, _ in db.session.execute(scoped):
        first[change_id] = code
    found: dict[int, list[OpenChange]] = defaultdict(list)
    for change in rows:
        found[change.parcel_id].append(OpenChange(change.id, first.get(change.id) == Code.ACKNOWLEDGE))
    return found


def parcels_by_store(parcel_ids: Sequence[int], actor: Actor) -> dict[int, list[int]]:
    """Store → the parcels of a list that the actor may print there."""
    statement = select(Parcel.store_id, Parcel.id).where(Parcel.id.in_(parcel_ids))
    found: dict[int, list[int]] = defaultdict(list)
    for store_id, parcel_id in db.session.execute(within(statement, actor, Permission.PRINT_CHECK, Parcel)):
        found[store_id].append(parcel_id)
    return found
