"""A case ends in its first phase: solved by guidance, or another way that moved nothing."""

from __future__ import annotations

from shopdesk.cases import queries, rules
from shopdesk.cases.models import Case
from shopdesk.cases.service.moving import move, who
from shopdesk.cases.states import Ending, PhaseMove
from shopdesk.core import audit
from shopdesk.core.db import command
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.text import strip_controls


@command
def close(case_id: int, outcome: str, *, actor: Actor) -> Case:
    """End a case that is still talked about, and say how it ended.

    Raises NotFound, NotAllowed (somebody else's, another role's), IllegalMove (closed; further on, where the balances
    decide; not accepted yet), Conflict (accepted meanwhile), RuleViolation (no outcome).
    """
    case = queries.case_by_id(case_id, actor, Permission.CASE_CLOSE)
    rules.check_move(case.phase, PhaseMove.SOLVE)
    rules.check_close(who(case, actor), case.role, kind=case.kind, owner_id=case.owner_id)
    said = strip_controls(outcome).strip()
    rules.check_outcome(said)
    move(case, PhaseMove.SOLVE, actor=actor, outcome=said, ending=Ending.SOLVED)
    audit.record("case.closed", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id)
    return case
