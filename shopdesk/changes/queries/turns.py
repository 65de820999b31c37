"""Whose turn it is: the steps of a change that wait now, and who has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_

from shopdesk.changes.models import Change, Step
from shopdesk.changes.states import ChangeState, StepState
from shopdesk.core.permissions import Actor, Role

#: Who follows a change, as an expression.
FOLLOWER: Any = func.coalesce(Change.follower_id, Change.asked_by_id)


def next_steps(change: Change, steps: Sequence[Step]) -> list[Step]:
    """What waits now: the first open step; of tasks after the hold, which have no order, all that come then."""
    waiting = [step for step in steps if step.state is StepState.OPEN and goes_on(change, step)]
    if not waiting:
        return []
    first = waiting[0]
    return [step for step in waiting if step is first or (first.after_hold and step.after_hold)]


def goes_on(change: Change, step: Step) -> bool:
    """Tasks after the hold go on in a done change; a withdrawn one may still have papers out."""
    if change.state is ChangeState.TOO_LATE:
        return False
    return change.state is not ChangeState.DONE or step.after_hold


def is_theirs(change: Any, step: Any, actor: Actor) -> bool:
    """Whether a step is this person's to do by name, or of a role of theirs that nobody has taken."""
    if step.person_id is not None:
        return bool(step.person_id == actor.id)
    if step.role is Role.PRE_SALE:
        return bool((change.follower_id or change.asked_by_id) == actor.id)
    return step.role in actor.roles.get(change.store_id, frozenset())


def is_for(actor: Actor) -> ColumnElement[bool]:
    """The same as `is_theirs`, for statements."""
    parts = []
    for store_id, roles in actor.roles.items():
        others = [role for role in roles if role is not Role.PRE_SALE]
        nobodys = and_(Step.person_id.is_(None), Step.role.in_(others))
        own = and_(Step.person_id.is_(None), Step.role == Role.PRE_SALE, actor.id == FOLLOWER)
        parts.append(and_(Change.store_id == store_id, or_(own, nobodys, Step.person_id == actor.id)))
    return or_(*parts) if parts else Change.id.is_(None)
