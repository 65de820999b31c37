"""Internal notes on a case, and colleagues who are mentioned in them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, update

from shopdesk.cases import queries, rules
from shopdesk.cases.models import Case, CaseMention, CaseNote
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, housekeeping, rows_changed
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store
from shopdesk.core.text import strip_controls


@command
def note(case_id: int, text: str, *, mentions: Iterable[int] = (), actor: Actor) -> CaseNote:
    """Write an internal note; who is named in it (`@花名`, or by id) has it open until they look at the case.

    Raises NotFound, NotAllowed, RuleViolation (no words, too long; `cannot_be_mentioned`: does not see the case).
    """
    case = queries.case_by_id(case_id, actor, Permission.CASE_NOTE)
    said = strip_controls(text).strip()
    rules.check_outcome(said)
    readers = queries.readers_of(case)
    chosen = set(mentions)
    if not chosen <= readers.keys():
        raise RuleViolation("This person does not see this case.", code="cannot_be_mentioned")
    return write(case, said, chosen | rules.mentioned(said, readers), actor)


def write(case: Case, said: str, mentions: Iterable[int], actor: Actor) -> CaseNote:
    """Keep a note of a case that was found through the scope; nobody mentions themselves."""
    made = CaseNote(store_id=case.store_id, case_id=case.id, text=said, made_by_id=actor.id, made_at=clock.now())
    db.session.add(made)
    db.session.flush()
    people = sorted(set(mentions) - {actor.id})
    for person_id in people:
        db.session.add(CaseMention(store_id=case.store_id, note_id=made.id, case_id=case.id, person_id=person_id))
    audit.record(
        "case.noted", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id, note=made.id,
        mentions=people,
    )  # fmt: skip
    return made


@housekeeping
def see_mentions(case: Case, actor: Actor) -> int:
    """Note that the actor looked at a case they were mentioned on; how many mentions that were."""
    statement = (
        update(CaseMention)
        .where(CaseMention.case_id == case.id, CaseMention.person_id == actor.id, CaseMention.seen_at.is_(None))
        .values(seen_at=clock.now())
    )
    return rows_changed(in_store(statement, case.store_id, CaseMention))


def open_mentions(case: Case, actor: Actor) -> bool:
    statement = select(CaseMention.id).where(
        CaseMention.case_id == case.id, CaseMention.person_id == actor.id, CaseMention.seen_at.is_(None)
    )
    return db.session.scalar(in_store(statement.limit(1), case.store_id, CaseMention)) is not None
