"""Voids that printing still has to do."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from shopdesk.changes.models import Step
from shopdesk.changes.states import CANCELLING, StepState
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import within


def open_voids(change_ids: Sequence[int], actor: Actor) -> dict[int, int]:
    """Change id → position of its open step to void or to take lines out, where the actor may void."""
    statement = select(Step.change_id, Step.position).where(
        Step.change_id.in_(change_ids), Step.code.in_(CANCELLING), Step.state == StepState.OPEN
    )
    rows = db.session.execute(within(statement, actor, Permission.PARCEL_VOID, Step))
    return {row[0]: row[1] for row in rows}
