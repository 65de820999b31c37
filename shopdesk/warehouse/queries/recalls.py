"""What of a parcel is being fetched or is in somebody's hands, and what is due with it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from shopdesk.changes import queries as changes
from shopdesk.changes.models import Change, Step
from shopdesk.changes.queries.papers import expected_units
from shopdesk.changes.states import HANDED_TO, Code, StepState
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, within
from shopdesk.orders.models import OrderLine
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel, Recall
from shopdesk.parcels.states import RECALLS_OPEN, RecallState
from shopdesk.staff import queries as staff


@dataclass(frozen=True, slots=True)
class Turn:
    """An open recall with its change; `step` is the change's next one.

    Or what was taken out of a parcel that is packed again: the recall has ended, its goods are still to be booked in.
    """

    recall: Recall
    change: Change
    steps: tuple[Step, ...]  # open ones, in order

    @property
    def step(self) -> Step | None:
        return self.steps[0] if self.steps else None

    @property
    def is_open(self) -> bool:
        return self.recall.state in RECALLS_OPEN

    @property
    def code(self) -> Code | None:
        return Code(self.steps[0].code) if self.steps else None


def turns(parcel: Parcel) -> list[Turn]:
    """Oldest first."""
    recalls = parcels.open_recalls([parcel.id], parcel.store_id)
    goods = _to_book_in(parcel)
    if not recalls and not goods:
        return []
    there = {change.id: change for change in changes.changes_of_parcel(parcel.id, parcel.store_id)}
    steps = changes.steps_of([recall.change_id for recall in recalls], parcel.store_id)
    found = [Turn(recall, there[recall.change_id], (step,)) for recall, step in goods]
    for recall in recalls:
        mine = tuple(s for s in steps if s.change_id == recall.change_id and s.state is StepState.OPEN)
        found.append(Turn(recall, there[recall.change_id], mine))
    return sorted(found, key=lambda turn: turn.recall.id)


def _to_book_in(parcel: Parcel) -> list[tuple[Recall, Step]]:
    """Goods that lie beside a parcel which is packed again: the recall by which it came back, and their step."""
    waits = (
        select(Recall, Step)
        .join(Step, Step.change_id == Recall.change_id)
        .where(
            Recall.parcel_id == parcel.id, Recall.state == RecallState.TAKEN_BACK, Step.code == Code.BOOK_IN,
            Step.after_hold.is_(True), Step.by_message.is_(False), Step.state == StepState.OPEN,
        )
        .order_by(Recall.id)
    )  # fmt: skip
    newest = {step.id: (recall, step) for recall, step in db.session.execute(in_store(waits, parcel.store_id, Recall))}
    return list(newest.values())


def receivers(store_id: int, code: Code) -> list[tuple[int, str]]:
    """(id, signature) of who may take what is handed out with this step."""
    return staff.people_of_store(store_id, *HANDED_TO[code])


def last_receiver(actor: Actor) -> int | None:
    """Whom this person handed something to last."""
    statement = select(Recall.handed_to_id).where(Recall.handed_out_by_id == actor.id).order_by(Recall.id.desc())
    return db.session.scalar(within(statement.limit(1), actor, Permission.PARCEL_PACK, Recall))


def to_count(change_id: int, store_id: int) -> list[tuple[str, str]]:
    """(line id, article) of what is booked in with a change; the paper's figure is not told."""
    change = changes.change_by_id(change_id, store_id)
    units = expected_units(change)
    statement = (
        select(OrderLine.id, OrderLine.title, OrderLine.sku).where(OrderLine.id.in_(units)).order_by(OrderLine.id)
    )
    rows = db.session.execute(in_store(statement, store_id, OrderLine))
    return [(str(row.id), row.title or row.sku or "") for row in rows]
