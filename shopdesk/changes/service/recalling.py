"""What the desk does by itself on papers that exist: the recall with its notice, the memo, the request to void."""

from __future__ import annotations

from shopdesk.changes import queries
from shopdesk.changes.models import Change
from shopdesk.changes.playbook import Code
from shopdesk.changes.service import applying, copying, sharing
from shopdesk.changes.states import CANCELLING, HANDED_TO, ChangeState, Kind, StepState
from shopdesk.core import audit
from shopdesk.core.permissions import Actor, Role
from shopdesk.notices import service as notices
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel, Recall
from shopdesk.parcels.states import RECALLS_OPEN, HoldCause, RecallKind, RecallState, Stage

#: What is fetched in each column, and the step that says so.
FETCHED = {
    Stage.PRINTED: (RecallKind.PAPERS, Code.RECALL_PAPERS),
    Stage.PACKED: (RecallKind.PARCEL, Code.RECALL_PARCEL),
}
DESK = Actor.system(())  # done by nobody in particular


def begin(change: Change, actor: Actor) -> None:
    """Step 1 on papers that exist: recall them in this transaction and tell the warehouse where they lie.

    In a change that a further wish joins they may be out already: then nothing is handed out once more.
    """
    if change.column not in FETCHED or change.state is not ChangeState.OPEN:
        return
    kind, code = FETCHED[change.column]
    parcel = parcels.parcel_by_id(change.parcel_id, change.store_id)
    recall, is_new = parcel_service.recall(parcel, kind, change.id)
    place = {"batch": parcels.batch_name(parcel), "position": parcel.position}
    copying.finish_step(change, code, DESK, **place)
    held = sharing.holder_for(change, recall) if recall.state is RecallState.REQUESTED else None
    if held is not None and held.handed_to_id is not None:  # out already: nobody asks the warehouse twice
        parcel_service.hand_out(recall, by_id=held.handed_out_by_id, to_id=held.handed_to_id)
    change.is_applied = change.is_applied or change.kind is Kind.CANCEL
    if recall.state is RecallState.HANDED_OUT:
        for handing in HANDED_TO:
            copying.finish_step(change, handing, DESK, to=recall.handed_to_id)
        sharing.name_holder(change, recall.handed_to_id)
    if is_new:
        audit.record(
            "recall.requested", "recall", recall.id, actor, store_id=change.store_id, order_id=change.order_id,
            what=str(kind), change=change.id, parcel=parcel.id,
        )  # fmt: skip
        if recall.state is RecallState.REQUESTED:
            _tell_warehouse(change, parcel, kind, actor)
    advance(change, actor)


def _tell_warehouse(change: Change, parcel: Parcel, kind: RecallKind, actor: Actor) -> None:
    """Batch and position, no names, no money.  A supplier's warehouse reads no inbox: it gets a message."""
    if parcels.is_supplied(parcel.id, change.store_id):
        return
    order = orders.order_by_id(change.order_id, change.store_id)
    notices.put(
        Role.WAREHOUSE, NoticeKind.RECALL, order, actor=actor, parcel_id=parcel.id, change_id=change.id,
        code=f"recall_{kind}", batch=parcels.batch_name(parcel), position=parcel.position,
        change_kind=str(change.kind),
    )  # fmt: skip


def advance(change: Change, actor: Actor) -> None:
    """Do what is the desk's own turn now: the memo once the papers are amended, the request to void."""
    first = next((s for s in queries.steps_of([change.id], change.store_id) if s.state is StepState.OPEN), None)
    if change.column not in FETCHED or first is None or change.state is not ChangeState.OPEN:
        return
    if first.code == Code.MEMO:
        applying.write_memos(change, actor)
        copying.finish_step(change, Code.MEMO, DESK)
        applying.record_confirmation(change, orders.order_by_id(change.order_id, change.store_id), actor)
        advance(change, actor)  # confirmed before: of a parcel that it empties the void is next
    elif first.code in CANCELLING:
        applying.request_void(change, actor)


def open_recall(change: Change) -> Recall | None:
    """What of the change is being fetched or is in somebody's hands; the newest."""
    found = parcels.recalls_of_changes([change.id], change.store_id)
    return next((recall for recall in reversed(found) if recall.state in RECALLS_OPEN), None)


def is_out(change: Change) -> bool:
    """Whether somebody holds its papers or its parcel."""
    found = parcels.recalls_of_changes([change.id], change.store_id)
    return any(recall.state is RecallState.HANDED_OUT for recall in found)


def end(change: Change, outcome: RecallState, actor: Actor) -> None:
    """Whatever of it is open ends so."""
    ended = parcel_service.end_recalls(change.id, outcome, store_id=change.store_id, by_id=actor.id)
    if ended:
        audit.record(
            "recall.ended", "change", change.id, actor, store_id=change.store_id, order_id=change.order_id,
            outcome=str(outcome),
        )  # fmt: skip


def call_off(change: Change, actor: Actor) -> None:
    """What nobody has fetched yet need not be fetched."""
    parcel_service.end_recalls(
        change.id, RecallState.CALLED_OFF, store_id=change.store_id, by_id=actor.id, only=(RecallState.REQUESTED,)
    )


def free(change: Change, actor: Actor) -> None:
    """Papers or parcel are back where they belong: the hold ends, and with it an open change."""
    if change.state is ChangeState.OPEN:
        applying.release(change, actor)
        return
    parcel = parcels.parcel_by_id(change.parcel_id, change.store_id)
    parcel_service.end_hold(parcel, HoldCause.CHANGE, change.id)
    audit.record("change.freed", "change", change.id, actor, store_id=change.store_id, order_id=change.order_id)


def give_up_ways_back(parcel: Parcel, outcome: RecallState, actor: Actor) -> None:
    """The parcel is gone or voided: nobody brings back the papers of withdrawn changes any more."""
    for change in queries.changes_of_parcel(parcel.id, parcel.store_id, ChangeState.WITHDRAWN):
        steps = [s for s in queries.steps_of([change.id], change.store_id) if s.state is StepState.OPEN]
        if not steps:
            continue
        for step in steps:
            step.state = StepState.REPLACED
        notices.withdraw(change.id, NoticeKind.NUDGE)
        end(change, outcome, actor)
        free(change, actor)
