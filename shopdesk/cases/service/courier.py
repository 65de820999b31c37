"""What the courier was asked or told is written down."""

from __future__ import annotations

from shopdesk.cases.models import Case, CourierWord
from shopdesk.cases.queries import courier as reads
from shopdesk.cases.rules import courier as rules
from shopdesk.cases.states import CourierOutcome
from shopdesk.core import clock
from shopdesk.core.db import command, db
from shopdesk.core.permissions import Actor
from shopdesk.core.text import strip_controls


@command
def note_word(case: Case, outcome: CourierOutcome, parcel_id: int, said: str | None, *, actor: Actor) -> CourierWord:
    """Write it on a case that was found through the scope; the caller leaves the event and draws the consequences.

    Raises IllegalMove (`case_closed`, `wrong_outcome`), RuleViolation (too long).
    """
    rules.check_outcome(case.kind, case.goal, case.phase, reads.last_outcome(case.id, case.store_id), outcome)
    text = strip_controls(said or "").strip()
    rules.check_said(text)
    word = CourierWord(
        store_id=case.store_id, case_id=case.id, parcel_id=parcel_id, outcome=outcome, said=text or None,
        told_by_id=actor.id, told_at=clock.now(),
    )  # fmt: skip
    db.session.add(word)
    db.session.flush()
    db.session.refresh(word)
    return word
