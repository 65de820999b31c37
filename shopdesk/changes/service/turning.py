"""Whose turn it is since when: `step.waits_since` stands on the steps that are next in their change, on no other.

Steps are moved in many places.  So whatever a command moved is looked through once, before it commits.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Table, and_, case, event, func, not_, or_, select, update
from sqlalchemy.orm import Session

from shopdesk.changes.models import Change, Step
from shopdesk.changes.states import ChangeState, StepState
from shopdesk.core.among import among
from shopdesk.core.db import before_trail

MOVED = "changes_moved"  # ids, in the session's info

_step, _change = cast(Table, Step.__table__), cast(Table, Change.__table__)
_earlier, _done = _step.alias("earlier"), _step.alias("done")
#: Tasks after the hold have no order among themselves; of everything else the first open one is next.
_IS_NEXT = not_(
    select(_earlier.c.id)
    .where(_earlier.c.change_id == _step.c.change_id, _earlier.c.state == StepState.OPEN)
    .where(_earlier.c.position < _step.c.position, not_(and_(_earlier.c.after_hold, _step.c.after_hold)))
    .exists()
)
_LAST_DONE = select(func.max(_done.c.done_at)).where(_done.c.change_id == _change.c.id, _done.c.state == StepState.DONE)
_SINCE = (
    select(func.coalesce(_LAST_DONE.scalar_subquery(), _change.c.opened_at))
    .where(_change.c.id == _step.c.change_id)
    .where(
        or_(
            _change.c.state.in_([ChangeState.OPEN, ChangeState.WITHDRAWN]),
            and_(_change.c.state == ChangeState.DONE, _step.c.after_hold),
        )
    )
    .scalar_subquery()
)
_SETTLE = (
    update(_step)
    .where(among(_step.c.change_id, "moved"), or_(_step.c.state == StepState.OPEN, _step.c.waits_since.is_not(None)))
    .values(waits_since=case((and_(_step.c.state == StepState.OPEN, _IS_NEXT), _SINCE), else_=None))
)


@event.listens_for(Session, "before_flush")
def _note(session: Session, _context: Any, _instances: Any) -> None:
    for row in (*session.new, *session.dirty):
        if isinstance(row, Step):
            session.info.setdefault(MOVED, set()).add(row.change_id)
        elif isinstance(row, Change) and row.id is not None:
            session.info.setdefault(MOVED, set()).add(row.id)


@before_trail
def _settle(session: Session) -> None:
    moved = session.info.get(MOVED)
    if moved:
        session.connection().execute(_SETTLE, {"moved": sorted(moved)})
