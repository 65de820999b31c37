"""Until when a case is to be looked at, and whom it waits for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update

from shopdesk.cases import queries, rules
from shopdesk.cases.models import Case
from shopdesk.cases.service.moving import lost, who
from shopdesk.cases.states import OPEN, DueSource, WaitingFor
from shopdesk.core import audit
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store


@command
def set_due(case_id: int, at: datetime, *, actor: Actor) -> Case:
    """Say by hand until when the case is to be looked at.

    Raises NotFound, NotAllowed (not the owner), IllegalMove (closed, nobody's yet).
    """
    case = _mine(case_id, actor)
    _write(case, due_at=at, due_source=DueSource.PERSON)
    audit.record(
        "case.due_set", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id, due_at=at.isoformat()
    )
    return case


@command
def wait_for(case_id: int, whom: WaitingFor | None, *, actor: Actor) -> Case:
    """Say whom the case waits for; None: for nobody but us.

    Raises NotFound, NotAllowed (not the owner), IllegalMove (closed, nobody's yet).
    """
    case = _mine(case_id, actor)
    _write(case, waiting_for=whom)
    audit.record(
        "case.waits", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id,
        waiting_for=str(whom) if whom else None,
    )  # fmt: skip
    return case


def _mine(case_id: int, actor: Actor) -> Case:
    case = queries.case_by_id(case_id, actor, Permission.CASE_WORK)
    rules.check_open(case.phase)
    rules.check_works(who(case, actor), case.role, owner_id=case.owner_id)
    return case


def _write(case: Case, **values: Any) -> None:
    statement = (
        update(Case)
        .where(Case.id == case.id, Case.phase.in_(OPEN))
        .values(version=Case.version + 1, **values)
    )  # fmt: skip
    done = rows_changed(in_store(statement, case.store_id, Case))
    db.session.refresh(case)
    if done != 1:
        raise lost(case)
