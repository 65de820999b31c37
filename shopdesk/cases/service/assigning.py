"""A case is given to a named person: by a supervisor to anybody of its role, by oneself to oneself."""

from __future__ import annotations

from sqlalchemy import update

from shopdesk.cases import queries, rules
from shopdesk.cases.models import Case
from shopdesk.cases.service.handing import end_offers
from shopdesk.cases.service.moving import lost, who
from shopdesk.cases.states import CasePhase
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import NotAllowed, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store
from shopdesk.staff import queries as staff


@command
def assign(case_id: int, person_id: int, *, actor: Actor) -> Case:
    """Make a person of the case's role its owner, which ends what was offered; for its owner nothing changes.

    Raises NotFound, NotAllowed (`assign_needs_supervisor`: anybody but oneself, or a case that somebody has),
    RuleViolation (`not_of_role`), IllegalMove (closed), Conflict (accepted meanwhile: the row count decides).
    """
    case = queries.case_by_id(case_id, actor, Permission.CASE_ASSIGN)
    rules.check_open(case.phase)
    if case.owner_id == person_id:
        return case
    has_owner = case.owner_id is not None and not queries.owner_left(case)
    if not who(case, actor).is_supervisor and (person_id != actor.id or has_owner):
        raise NotAllowed("Only a supervisor gives a case to somebody else.", code="assign_needs_supervisor")
    if person_id not in dict(staff.people_of_store(case.store_id, case.role)):
        raise RuleViolation("This person has not the role in that store.", code="not_of_role", role=str(case.role))
    queries.locked(case.id, actor)
    before = case.owner_id
    end_offers(case, accepted_by=person_id)
    same_owner = Case.owner_id.is_(None) if before is None else Case.owner_id == before
    statement = (
        update(Case)
        .where(Case.id == case.id, same_owner, Case.phase != CasePhase.CLOSED)
        .values(owner_id=person_id, accepted_at=clock.now(), version=Case.version + 1)
    )
    done = rows_changed(in_store(statement, case.store_id, Case))
    db.session.refresh(case)
    if done != 1:
        raise lost(case)
    audit.record(
        "case.assigned", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id,
        to=person_id, before=before,
    )  # fmt: skip
    return case
