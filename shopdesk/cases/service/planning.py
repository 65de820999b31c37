"""Whom a case waits for, and until when: set by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update

from shopdesk.cases import queries, rules
from shopdesk.cases.models import Case
from shopdesk.cases.service.moving import lost, who
from shopdesk.cases.states import CasePhase, DueSource, WaitingFor
from shopdesk.core import audit
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import NotAllowed
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store


@command
def set_waiting(case_id: int, party: WaitingFor | None, *, actor: Actor) -> Case:
    """Say whom the case waits for; None: for its owner.

    Raises NotFound, NotAllowed (neither its role nor a supervisor), IllegalMove (closed), Conflict (closed meanwhile).
    """
    case = _open_case(case_id, actor)
    if case.waiting_for is party:
        return case
    _set(case, waiting_for=party)
    audit.record(
        "case.waiting_set", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id,
        party=str(party) if party else None,
    )  # fmt: skip
    return case


@command
def set_due(case_id: int, due_at: datetime | None, *, actor: Actor) -> Case:
    """Set the due time by hand, or take it away.  The platform's own stays readable in `platform_due_at`.

    Raises as `set_waiting`.
    """
    case = _open_case(case_id, actor)
    if case.due_at == due_at:
        return case
    _set(case, due_at=due_at, due_source=DueSource.PERSON if due_at else None)
    audit.record(
        "case.due_set", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id,
        due_at=due_at.isoformat() if due_at else None,
    )  # fmt: skip
    return case


def _open_case(case_id: int, actor: Actor) -> Case:
    case = queries.case_by_id(case_id, actor, Permission.CASE_WORK)
    rules.check_open(case.phase)
    one = who(case, actor)
    if not one.holds_role and not one.is_supervisor:
        raise NotAllowed("This is for %(role)s to do.", code="other_role", role=str(case.role))
    return case


def _set(case: Case, **values: Any) -> None:
    statement = update(Case).where(Case.id == case.id, Case.phase != CasePhase.CLOSED)
    statement = statement.values(version=Case.version + 1, **values)
    done = rows_changed(in_store(statement, case.store_id, Case))
    db.session.refresh(case)
    if done != 1:
        raise lost(case)
