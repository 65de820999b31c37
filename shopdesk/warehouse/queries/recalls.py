"""What of a parcel is being fetched or is in somebody's hands, and what is due with it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from shopdesk.changes import queries as changes
from shopdesk.changes.models import Change, Step
from shopdesk.changes.states import HANDED_TO, Code, StepState
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import within
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel, Recall
from shopdesk.staff import queries as staff


@dataclass(frozen=True, slots=True)
class Turn:
    """An open recall with its change; `step` is the change's next one."""

    recall: Recall
    change: Change
    steps: tuple[Step, ...]  # open ones, in order

    @property
    def step(self) -> Step | None:
        return self.steps[0] if self.steps else None

    @property
    def code(self) -> Code | None:
        return Code(self.steps[0].code) if self.steps else None


def turns(parcel: Parcel) -> list[Turn]:
    """Oldest first."""
    recalls = parcels.open_recalls([parcel.id], parcel.store_id)
    if not recalls:
        return []
    there = {change.id: change for change in changes.changes_of_parcel(parcel.id, parcel.store_id)}
    steps = changes.steps_of([recall.change_id for recall in recalls], parcel.store_id)
    found = []
    for recall in recalls:
        mine = tuple(s for s in steps if s.change_id == recall.change_id and s.state is StepState.OPEN)
        found.append(Turn(recall, there[recall.change_id], mine))
    return found


def receivers(store_id: int, code: Code) -> list[tuple[int, str]]:
    """(id, signature) of who may take what is handed out with this step."""
    return staff.people_of_store(store_id, *HANDED_TO[code])


def last_receiver(actor: Actor) -> int | None:
    """Whom this person handed something to last."""
    statement = select(Recall.handed_to_id).where(Recall.handed_out_by_id == actor.id).order_by(Recall.id.desc())
    return db.session.scalar(within(statement.limit(1), actor, Permission.PARCEL_PACK, Recall))
