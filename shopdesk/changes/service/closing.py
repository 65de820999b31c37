"""How a change is closed before its steps are through: steps, notices, hold; and what a voided parcel closes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from shopdesk.changes import queries
from shopdesk.changes.models import Change
from shopdesk.changes.playbook import way_back
from shopdesk.changes.service import applying, copying, recalling
from shopdesk.changes.states import ON_LINE, ChangeState, StepState
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor
from shopdesk.core.personal import Personal
from shopdesk.notices import service as notices
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.states import HoldCause, RecallState
from shopdesk.staff import queries as staff

VOIDED = {"zh": "包裹已作废", "en": "The parcel was voided."}  # in the language of the store's memos
CANCELLED = {"zh": "商品已取消", "en": "The line was cancelled."}


def close(
    change: Change,
    state: ChangeState,
    reason: str,
    actor: Actor,
    *,
    papers: RecallState = RecallState.CALLED_OFF,
    **body: Any,
) -> None:
    """End it: open steps replaced, notices withdrawn, hold and recall ended, the reason kept.

    `papers` is what became of papers or a parcel that were out.
    """
    for step in queries.steps_of([change.id], change.store_id):
        if step.state is StepState.OPEN:
            step.state = StepState.REPLACED
    notices.withdraw(change.id)
    parcel = parcels.parcel_by_id(change.parcel_id, change.store_id)
    recalling.end(change, papers, actor)
    parcel_service.end_hold(parcel, HoldCause.CHANGE, change.id)
    change.ended_why = Personal(reason.strip(), "text")
    db.session.flush()
    applying.finish(change, state, actor, **body)


def close_on_the_way_back(change: Change, reason: str, actor: Actor) -> None:
    """Withdraw a change whose papers or parcel somebody holds: the hold stays until they are back (domain.md §3)."""
    steps = queries.steps_of([change.id], change.store_id)
    done = {step.code for step in steps if step.state is StepState.DONE and step.column is change.column}
    for step in steps:
        if step.state is StepState.OPEN:
            step.state = StepState.REPLACED
    notices.withdraw(change.id)
    recalling.call_off(change, actor)
    copying.append(change, way_back(change.column, done))
    change.ended_why = Personal(reason.strip(), "text")
    db.session.flush()
    applying.finish(change, ChangeState.WITHDRAWN, actor, papers_out=True)


def close_others(cancel: Change, actor: Actor) -> None:
    """The order's units are void in this parcel: its other open changes there have nothing left to change.

    They end `withdrawn`, as nothing was carried out and nothing left late.  What was decided stays decided: nothing is
    sent with it, a sibling in another parcel may still stand on it, and should the parcel be reported shipped after
    all, it is what the customer wanted last.  So no value is restored and no memo written.  An address or courier that
    another order of the parcel wished too goes on.
    """
    reason = VOIDED[staff.store_by_id(cancel.store_id).memo_language]
    for change in queries.changes_of_parcel(cancel.parcel_id, cancel.store_id, ChangeState.OPEN):
        whose = {wish.order_id for _, wish in queries.wishes_of([change.id], change.store_id)}
        if change.id != cancel.id and whose <= {cancel.order_id}:
            close(change, ChangeState.WITHDRAWN, reason, actor, because="parcel_voided", cancel=cancel.id)


def close_about(cancel: Change, line_ids: Collection[int], actor: Actor) -> None:
    """As `close_others`, for wishes about lines of which nothing is left in the parcel."""
    reason = CANCELLED[staff.store_by_id(cancel.store_id).memo_language]
    for change in queries.changes_of_parcel(cancel.parcel_id, cancel.store_id, ChangeState.OPEN):
        about = {wish.line_id for _, wish in queries.wishes_of([change.id], change.store_id)}
        if change.id != cancel.id and change.kind in ON_LINE and about <= set(line_ids):
            close(change, ChangeState.WITHDRAWN, reason, actor, because="lines_cancelled", cancel=cancel.id)
