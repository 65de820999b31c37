"""What after-sale says of the problem before anything comes back (domain.md §4)."""

from __future__ import annotations

from sqlalchemy import update

from shopdesk.cases import queries, rules
from shopdesk.cases.models import Case
from shopdesk.cases.service.moving import lost, move, who
from shopdesk.cases.states import Appraisal, CasePhase, PhaseMove
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import IllegalMove
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store


@command
def appraise(case_id: int, said: Appraisal, *, actor: Actor) -> Case:
    """Note the preliminary appraisal; it may be changed while the case is talked about.

    Raises NotFound, NotAllowed (not the owner), IllegalMove (closed, further on, nobody's yet).
    """
    case = queries.case_by_id(case_id, actor, Permission.CASE_WORK)
    rules.check_works(who(case, actor), case.role, owner_id=case.owner_id)
    rules.check_phase(case.phase, CasePhase.COMMUNICATE)
    statement = (
        update(Case)
        .where(Case.id == case.id, Case.phase == CasePhase.COMMUNICATE)
        .values(appraisal=said, appraised_by_id=actor.id, appraised_at=clock.now(), version=Case.version + 1)
    )
    done = rows_changed(in_store(statement, case.store_id, Case))
    db.session.refresh(case)
    if done != 1:
        raise lost(case)
    audit.record(
        "case.appraised", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id, appraisal=str(said)
    )
    return case


@command
def decide(case_id: int, *, actor: Actor) -> Case:
    """Go on to the resolution without goods coming back: a product defect, or a kind that needs no goods (M090).

    Raises NotFound, NotAllowed, Conflict, IllegalMove (`wrong_phase`; `goods_needed`: it cannot be told from here).
    """
    case = queries.case_by_id(case_id, actor, Permission.CASE_WORK)
    rules.check_move(case.phase, PhaseMove.DECIDE)
    rules.check_works(who(case, actor), case.role, owner_id=case.owner_id)
    rules.check_decide(who(case, actor), case.kind, case.appraisal)
    return move(case, PhaseMove.DECIDE, actor=actor)


def may_decide(case: Case, actor: Actor) -> bool:
    """Whether `decide` would go on to the resolution."""
    try:
        rules.check_decide(who(case, actor), case.kind, case.appraisal)
    except IllegalMove:
        return False
    return case.phase is CasePhase.COMMUNICATE
