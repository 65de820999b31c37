"""催办: a supervisor reminds whoever has a case, who answers in words (M105)."""

from __future__ import annotations

from shopdesk.cases import queries, rules
from shopdesk.cases.models import CaseReminder
from shopdesk.cases.service.answering import MAX_WORDS, answer_open
from shopdesk.cases.service.moving import who
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import Conflict, NotAllowed, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import load
from shopdesk.core.text import strip_controls


@command
def remind(case_id: int, words: str, *, actor: Actor) -> CaseReminder:
    """Remind the owner of a case, or (nobody has it) everybody of its role; stands until it is answered.

    Raises NotFound, NotAllowed, IllegalMove (closed), Conflict (`reminded_already`: the last one is not answered yet),
    RuleViolation (too long).
    """
    case = queries.case_by_id(case_id, actor, Permission.CASE_REMIND)
    rules.check_open(case.phase)
    said = _words(words)
    waiting = queries.open_reminder(case.id, case.store_id)
    if waiting is not None:
        raise Conflict("They were reminded already and have not answered yet.", code="reminded_already")
    made = CaseReminder(
        store_id=case.store_id, case_id=case.id, to_id=case.owner_id, words=said or None, sent_by_id=actor.id,
        sent_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    db.session.refresh(made)  # from here on its words are personal values
    audit.record(
        "case.reminded", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id, to=case.owner_id,
        reminder=made.id,
    )  # fmt: skip
    return made


@command
def answer_reminder(reminder_id: int, words: str, *, actor: Actor) -> CaseReminder:
    """Answer a reminder: who was reminded, whoever has the case now, of an unowned one anybody of its role.

    Raises NotFound, NotAllowed (`not_reminded`), RuleViolation (no words), Conflict (answered already).
    """
    reminder = load(CaseReminder, reminder_id, actor, Permission.CASE_READ)
    case = queries.case_by_id(reminder.case_id, actor)
    is_theirs = actor.id is not None and actor.id in {reminder.to_id, case.owner_id}
    if not is_theirs and not (case.owner_id is None and reminder.to_id is None and who(case, actor).holds_role):
        raise NotAllowed("Only who was reminded answers.", code="not_reminded")
    said = _words(words)
    if not said:
        raise RuleViolation("Say how it stands.", code="value_required", missing="answer")
    done = answer_open(CaseReminder.id == reminder.id, reminder.store_id, said, actor)
    db.session.refresh(reminder)
    if done != 1:
        raise Conflict("This reminder was answered already.", code="answered_already")
    audit.record(
        "case.reminder_answered", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id,
        reminder=reminder.id,
    )  # fmt: skip
    return reminder


def _words(text: str) -> str:
    said = strip_controls(text).strip()
    if len(said) > MAX_WORDS:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=MAX_WORDS)
    return said
