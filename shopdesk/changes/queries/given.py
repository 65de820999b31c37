"""Units that an open change of the quantity has taken off a line, and that a further wish may still give back."""

from __future__ import annotations

from collections import Counter

from shopdesk.changes import queries
from shopdesk.changes.models import Change
from shopdesk.changes.states import ChangeState, Code, Kind, StepState
from shopdesk.parcels.states import IN_HOUSE


def given_up(order_id: int, store_id: int) -> Counter[tuple[int, int]]:
    """(line, parcel) → units.  Nothing of what was refunded meanwhile, nor of what was done before."""
    found: Counter[tuple[int, int]] = Counter()
    for change in queries.changes_of_order(order_id, store_id):
        if change.kind is Kind.QUANTITY and change.state is ChangeState.OPEN and not _is_settled(change):
            for line_id, units in taken_by(change).items():
                found[line_id, change.parcel_id] += units
    return +found


def taken_by(change: Change) -> Counter[int]:
    """Line → units that the change's own wishes took off its parcel."""
    found: Counter[int] = Counter()
    if change.column in IN_HOUSE:
        for link, wish in queries.own_links(change):
            if wish.line_id is not None:
                found[wish.line_id] += link.units or 0
    return found


def _is_settled(change: Change) -> bool:
    steps = queries.steps_of([change.id], change.store_id)
    return any(step.code == Code.REFUND and (step.state is StepState.DONE or step.refund_id) for step in steps)
