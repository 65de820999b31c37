"""What changes ask of printing beside the queue: parcels to void, papers to print once more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from shopdesk.changes.models import Change, Step
from shopdesk.changes.queries.check_changes import CheckedChange, changes_in
from shopdesk.changes.queries.papers import label_changes
from shopdesk.changes.states import CANCELLING, ChangeState, Code, StepState
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.scope import in_store, within
from shopdesk.orders.models import Order
from shopdesk.parcels.models import Batch, Hold, Parcel, Waybill
from shopdesk.parcels.states import WAYBILLS_VALID, HoldCause
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store

P = Permission.PARCEL_PRINT
MOST = 300  # changes in one list
GOING_ON = (ChangeState.OPEN, ChangeState.WITHDRAWN)  # papers of a withdrawn one may still be out


@dataclass(frozen=True, slots=True)
class AskedStep:
    """A step that waits for printing; not its turn yet: `waits_for` says whose it is and what for."""

    change: CheckedChange
    version: int  # of the change, as it was looked at
    position: int
    is_turn: bool
    waits_for: tuple[Role, Code] | None
    number: str
    parcel: Parcel
    batch: str | None
    waybill: str | None
    store: Store
    needs_waybill: bool
    hold_expires_at: datetime | None


def asked(codes: Collection[Code], actor: Actor) -> list[AskedStep]:
    """Open steps of these codes, those whose turn it is first, each kind oldest first."""
    found = _changes(codes, actor)
    ids = [row.Change.id for row in found]
    steps = _open_steps(ids, actor)
    changes = changes_in(ids, [], actor, printed_at=None, permission=P)
    parcel_ids = [row.Parcel.id for row in found]
    about = _About(changes, _holds(ids, actor), _waybills(parcel_ids, actor), {s.id: s for s in staff.stores_of(actor)})
    made = [about.step(row, steps[row.Change.id], codes) for row in found]
    return sorted(made, key=lambda one: (not one.is_turn, one.change.change_id))


def count_asked(codes: Collection[Code], actor: Actor) -> int:
    statement = select(func.count(Step.id)).join(Change, Change.id == Step.change_id)
    statement = statement.where(Step.code.in_(codes), Step.state == StepState.OPEN, Change.state.in_(GOING_ON))
    return int(db.session.scalar(within(statement, actor, P, Step)) or 0)


def step_of_parcel(parcel_id: int, store_id: int) -> tuple[Change, int] | None:
    """The change whose turn it is to print this parcel's papers once more, and the step's position."""
    statement = (
        select(Change, Step.position, Step.code)
        .join(Step, Step.change_id == Change.id)
        .where(Change.parcel_id == parcel_id, Change.state.in_(GOING_ON), Step.state == StepState.OPEN)
        .order_by(Change.id, Step.position)
    )
    first: dict[int, tuple[Change, int, str]] = {}
    for change, position, code in db.session.execute(in_store(statement, store_id, Change)):
        first.setdefault(change.id, (change, position, code))
    return next(((c, position) for c, position, code in first.values() if code == Code.REPRINT), None)


def void_of(change_id: int, actor: Actor) -> int | None:
    """The position of the change's open void step."""
    statement = select(Step.position).where(
        Step.change_id == change_id, Step.code.in_(CANCELLING), Step.state == StepState.OPEN
    )
    return db.session.scalar(within(statement, actor, Permission.PARCEL_VOID, Step))


def _changes(codes: Collection[Code], actor: Actor) -> list[Any]:
    asking = select(Step.change_id).where(Step.code.in_(codes), Step.state == StepState.OPEN)
    statement = (
        select(Change, Order.number, Parcel, Batch.name)
        .join(Order, Order.id == Change.order_id)
        .join(Parcel, Parcel.id == Change.parcel_id)
        .outerjoin(Batch, Batch.id == Parcel.batch_id)
        .where(Change.id.in_(within(asking, actor, P, Step)), Change.state.in_(GOING_ON))
        .order_by(Change.id)
        .limit(MOST)
    )
    return list(db.session.execute(within(statement, actor, P, Change)))


def _open_steps(change_ids: list[int], actor: Actor) -> dict[int, list[Step]]:
    statement = select(Step).where(Step.change_id.in_(change_ids), Step.state == StepState.OPEN)
    found: dict[int, list[Step]] = defaultdict(list)
    for step in db.session.scalars(within(statement.order_by(Step.position), actor, P, Step)):
        found[step.change_id].append(step)
    return found


def _holds(change_ids: list[int], actor: Actor) -> dict[int, datetime]:
    statement = select(Hold.cause_id, Hold.expires_at).where(
        Hold.cause == HoldCause.CHANGE, Hold.cause_id.in_(change_ids), Hold.ended_at.is_(None)
    )
    return {row[0]: row[1] for row in db.session.execute(within(statement, actor, P, Hold))}


def _waybills(parcel_ids: Iterable[int], actor: Actor) -> dict[int, str]:
    statement = select(Waybill.parcel_id, Waybill.number).where(
        Waybill.parcel_id.in_(list(parcel_ids)), Waybill.state.in_(WAYBILLS_VALID)
    )
    return {row[0]: row[1] for row in db.session.execute(within(statement.order_by(Waybill.id), actor, P, Waybill))}


@dataclass(frozen=True, slots=True)
class _About:
    changes: dict[int, CheckedChange]
    holds: dict[int, datetime]
    waybills: dict[int, str]
    stores: dict[int, Store]

    def step(self, row: Any, steps: list[Step], codes: Collection[Code]) -> AskedStep:
        change, parcel = row.Change, row.Parcel
        mine = next(step for step in steps if step.code in codes)
        is_turn = steps[0].id == mine.id
        store = self.stores[change.store_id]
        return AskedStep(
            change=self.changes[change.id],
            version=change.version,
            position=mine.position,
            is_turn=is_turn,
            waits_for=None if is_turn else (steps[0].role, Code(steps[0].code)),
            number=row.number,
            parcel=parcel,
            batch=row.name,
            waybill=self.waybills.get(parcel.id),
            store=store,
            needs_waybill=label_changes(change.kind, store),
            hold_expires_at=self.holds.get(change.id),
        )
