"""Two changes on one parcel share what is physically out: it is handed out once, and goes back once for both."""

from __future__ import annotations

from shopdesk.changes import queries
from shopdesk.changes.models import Change, Step
from shopdesk.changes.playbook import Code
from shopdesk.changes.service import copying
from shopdesk.changes.states import HANDED_TO, ChangeState, StepState
from shopdesk.core.errors import IllegalMove
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Recall
from shopdesk.parcels.states import RecallState
from shopdesk.staff import queries as staff

#: Steps by which papers or a parcel go back to where they were.
BACK = frozenset({Code.TAKE_BACK, Code.REPACK})
ALIVE = (ChangeState.OPEN, ChangeState.WITHDRAWN)  # of a withdrawn one papers may still be out


def recalls_beside(change: Change, recall: Recall, state: RecallState) -> list[tuple[Change, Recall]]:
    """The same thing, asked for or out for other changes."""
    there = {c.id: c for c in queries.changes_of_parcel(change.parcel_id, change.store_id, *ALIVE)}
    return [
        (there[other.change_id], other)
        for other in parcels.open_recalls([change.parcel_id], change.store_id)
        if other.change_id != change.id and other.change_id in there and other.kind is recall.kind
        and other.state is state
    ]  # fmt: skip


def holder_for(change: Change, recall: Recall) -> Recall | None:
    """The recall of another change by which somebody holds it already whom this change may be handed to as well."""
    code = next_code(change)
    for _, other in recalls_beside(change, recall, RecallState.HANDED_OUT):
        if code in HANDED_TO and other.handed_to_id in may_receive(change, code):
            return other
    return None


def name_holder(change: Change, to_id: int | None) -> None:
    """Whoever holds the papers amends them: it is their turn by name, whatever their role (domain.md §3)."""
    step = copying.open_step(change, Code.AMEND_PAPERS)
    roles = [r for r in HANDED_TO[Code.HAND_OUT] if to_id in dict(staff.people_of_store(change.store_id, r))]
    if step is not None and roles:
        step.person_id = to_id
        step.role = step.role if step.role in roles else roles[0]


def next_code(change: Change) -> Code | None:
    step = next_step(change)
    return Code(step.code) if step else None


def next_step(change: Change) -> Step | None:
    steps = queries.steps_of([change.id], change.store_id)
    return next((step for step in steps if step.state is StepState.OPEN), None)


def may_receive(change: Change, code: Code) -> set[int]:
    return {person_id for person_id, _ in staff.people_of_store(change.store_id, *HANDED_TO[code])}


def going_back_with(change: Change, recall: Recall | None) -> list[Change]:
    """The other changes whose papers or parcel go back in the same move.

    Raises IllegalMove (`still_out`) while another of them is not through.
    """
    if recall is None or recall.state is not RecallState.HANDED_OUT:
        return []
    others = [other for other, _ in recalls_beside(change, recall, RecallState.HANDED_OUT)]
    waiting = [other for other in others if next_code(other) not in BACK]
    if waiting:
        raise IllegalMove(
            "Another change on this parcel still works with it. It goes back when both are through.",
            code="still_out", change=waiting[0].id, kind=str(waiting[0].kind),
        )  # fmt: skip
    return others
