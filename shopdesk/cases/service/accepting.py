"""A named person accepts a case, and serves the customer from there on."""

from __future__ import annotations

from sqlalchemy import update

from shopdesk.cases import queries, rules
from shopdesk.cases.models import Case
from shopdesk.cases.service.handing import end_offers
from shopdesk.cases.service.moving import lost, who
from shopdesk.cases.states import CasePhase
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store


@command
def accept(case_id: int, *, actor: Actor) -> Case:
    """Become the owner of a case that nobody owns, or whose owner has left; for its owner nothing changes.

    Raises NotFound, NotAllowed (another role; a supervisor alone), IllegalMove (closed), Conflict (`case_taken`, with
    `who`): of two at once the row count lets one win.
    """
    case = queries.case_by_id(case_id, actor, Permission.CASE_ACCEPT)
    rules.check_accept(who(case, actor), case.role)
    rules.check_open(case.phase)
    if case.owner_id == actor.id:
        return case
    before = case.owner_id if queries.owner_left(case) else None
    same_owner = Case.owner_id.is_(None) if before is None else Case.owner_id == before
    statement = (
        update(Case)
        .where(Case.id == case.id, same_owner, Case.phase != CasePhase.CLOSED)
        .values(owner_id=actor.id, accepted_at=clock.now(), version=Case.version + 1)
    )
    done = rows_changed(in_store(statement, case.store_id, Case))
    db.session.refresh(case)
    if done != 1:
        raise lost(case)
    end_offers(case, accepted_by=actor.id)
    audit.record("case.accepted", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id, before=before)
    return case
