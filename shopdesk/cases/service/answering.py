"""A reminder gets its answer: in somebody's words, or by the way in which its case ended."""

from __future__ import annotations

from sqlalchemy import ColumnElement, update

from shopdesk.cases.models import Case, CaseReminder
from shopdesk.core import audit, clock
from shopdesk.core.db import command, rows_changed
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store

MAX_WORDS = 500  # characters


@command
def answer_with_ending(case: Case, outcome: str, *, actor: Actor) -> None:
    """How a case ended answers the reminder that still waits: none stands on where nobody could answer it any more."""
    if answer_open(CaseReminder.case_id == case.id, case.store_id, outcome[:MAX_WORDS], actor):
        audit.record(
            "case.reminder_answered", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id,
            by_ending=True,
        )  # fmt: skip


def answer_open(which: ColumnElement[bool], store_id: int, said: str, actor: Actor) -> int:
    """Answer those that nobody has answered yet; how many."""
    statement = (
        update(CaseReminder)
        .where(which, CaseReminder.answered_at.is_(None))
        .values(answer=said, answered_by_id=actor.id, answered_at=clock.now())
    )
    return rows_changed(in_store(statement, store_id, CaseReminder))
