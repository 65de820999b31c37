"""A case goes from one phase to another: one conditional UPDATE for each move of the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from shopdesk.cases import rules
from shopdesk.cases.models import Case
from shopdesk.cases.service.answering import answer_with_ending
from shopdesk.cases.states import MOVES, CasePhase, PhaseMove
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, DomainError, IllegalMove
from shopdesk.core.permissions import Actor, Role
from shopdesk.core.scope import in_store
from shopdesk.staff import queries as staff


@command
def move(case: Case, name: PhaseMove, *, actor: Actor, **values: Any) -> Case:
    """Make one move of the table on a case that was found through the scope; `values` are columns that go with it.

    What a case ends with (its outcome, or the case in which it goes on) answers the reminder that stands open.
    The caller has decided who may.  Raises IllegalMove (`case_closed`, `wrong_phase`), Conflict (`case_moved`, or
    `case_taken` where somebody became its owner meanwhile).
    """
    rules.check_move(case.phase, name)
    sources, target = MOVES[name]
    now = clock.now()
    is_end = target is CasePhase.CLOSED
    ended = {"closed_at": now, "closed_by_id": actor.id, "waiting_for": None} if is_end else {"closed_at": None}
    same_owner = Case.owner_id.is_(None) if case.owner_id is None else Case.owner_id == case.owner_id
    statement = (
        update(Case)
        .where(Case.id == case.id, Case.phase.in_(sources), Case.phase == case.phase, same_owner)
        .values(phase=target, phase_at=now, version=Case.version + 1, **ended, **values)
    )
    done = rows_changed(in_store(statement, case.store_id, Case))
    db.session.refresh(case)
    if done != 1:
        raise lost(case)
    if is_end:
        answer_with_ending(case, _last_words(case, values), actor=actor)
    audit.record(
        "case.moved", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id,
        move=str(name), phase=str(target),
    )  # fmt: skip
    return case


def _last_words(case: Case, values: Mapping[str, Any]) -> str:
    if case.merged_into_id is not None:
        statement = select(Case.number).where(Case.id == case.merged_into_id)
        return db.session.scalar(in_store(statement, case.store_id, Case)) or ""
    return str(values.get("outcome") or "")


def lost(case: Case) -> DomainError:
    """Why a conditional UPDATE changed nothing, read afresh."""
    if case.phase is CasePhase.CLOSED:
        return IllegalMove("This case is closed.", code="case_closed", phase=str(case.phase))
    if case.owner_id is None:
        return Conflict("The case has moved on meanwhile. Please look again.", code="case_moved")
    owner = staff.signatures({case.owner_id}).get(case.owner_id, "")
    return Conflict("%(who)s has accepted this case already.", code="case_taken", who=owner)


def who(case: Case, actor: Actor) -> rules.Who:
    held = actor.roles.get(case.store_id, frozenset())
    return rules.Who(actor.id, case.role in held, bool(held & {Role.SUPERVISOR, Role.SYSTEM}))
