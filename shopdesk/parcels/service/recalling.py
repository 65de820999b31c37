"""Recalls: asked for, handed out to a named person, ended.  Of each move the row count of one UPDATE decides."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from shopdesk.core import clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict
from shopdesk.core.scope import in_store
from shopdesk.parcels.models import Parcel, Recall
from shopdesk.parcels.states import RECALLS_OPEN, RecallKind, RecallState


@command
def recall(parcel: Parcel, kind: RecallKind, change_id: int, *, until: datetime | None = None) -> tuple[Recall, bool]:
    """Ask for the papers or the parcel; (recall, is_new).  Asking again for the same change changes nothing.

    `until`: a pull-back of what was handed over; not found by then, it is too late.
    """
    same = select(Recall).where(
        Recall.parcel_id == parcel.id, Recall.change_id == change_id, Recall.kind == kind,
        Recall.state.in_(RECALLS_OPEN),
    )  # fmt: skip
    found = db.session.scalars(in_store(same, parcel.store_id, Recall)).one_or_none()
    if found is not None:
        return found, False
    made = Recall(
        store_id=parcel.store_id, parcel_id=parcel.id, change_id=change_id, kind=kind, state=RecallState.REQUESTED,
        requested_at=clock.now(), until=until,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made, True


@command
def hand_out(recall: Recall, *, by_id: int | None, to_id: int) -> None:
    """It is in the hands of `to_id` now.  Raises Conflict where it was handed out, or came too late, meanwhile."""
    done = rows_changed(
        in_store(update(Recall), recall.store_id, Recall)
        .where(Recall.id == recall.id, Recall.state == RecallState.REQUESTED)
        .values(
            state=RecallState.HANDED_OUT, handed_out_at=clock.now(), handed_out_by_id=by_id, handed_to_id=to_id
        )
    )  # fmt: skip
    if done != 1:
        raise Conflict("This was handed out or ended meanwhile. Please look again.", code="recall_moved")
    db.session.refresh(recall)


@command
def end_recalls(
    change_id: int,
    outcome: RecallState,
    *,
    store_id: int,
    by_id: int | None,
    only: tuple[RecallState, ...] = RECALLS_OPEN,
) -> int:
    """End the open recalls of a change, those in the states `only`; how many."""
    open_ones = select(Recall).where(Recall.change_id == change_id, Recall.state.in_(only))
    ended = 0
    for found in list(db.session.scalars(in_store(open_ones, store_id, Recall))):
        ended += rows_changed(
            in_store(update(Recall), store_id, Recall)
            .where(Recall.id == found.id, Recall.state.in_(only))
            .values(state=outcome, ended_at=clock.now(), ended_by_id=by_id)
        )
        db.session.refresh(found)
    return ended
