"""A case ends with its outcome and who caused it; whether its balances allow that, the desk has looked at."""

from __future__ import annotations

from dataclasses import dataclass

from shopdesk.cases import queries
from shopdesk.cases.models import Case
from shopdesk.cases.rules import check_move, check_outcome
from shopdesk.cases.rules import settling as rules
from shopdesk.cases.service.moving import move, who
from shopdesk.cases.states import Ending, Fault, PhaseMove
from shopdesk.core import audit
from shopdesk.core.db import command
from shopdesk.core.errors import NotAllowed, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import load
from shopdesk.core.text import strip_controls
from shopdesk.staff import queries as staff


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended, and who caused it; a person only with what they answered."""

    outcome: str
    fault: Fault | None
    fault_person_id: int | None = None
    fault_said: str | None = None


def to_end_open(case_id: int, actor: Actor) -> Case:
    """The case, locked, in any open phase, for who may close it with a balance open.  Raises as `case_by_id`."""
    case = load(Case, case_id, actor, Permission.CASE_END_OPEN, lock="update")
    if not queries.sees(case, actor):
        raise NotAllowed("This is for %(role)s to do.", code="other_role", role=str(case.role))
    check_move(case.phase, PhaseMove.CLOSE_OPEN)
    return case


@command
def end(case: Case, ended: Ended, *, open_parts: tuple[str, ...] = (), actor: Actor) -> Case:
    """Close a locked case; `open_parts`: the balances that stay open, of which the outcome says why.

    Raises IllegalMove, Conflict (moved meanwhile), RuleViolation (no outcome, no cause, no answer), NotAllowed.
    """
    said = strip_controls(ended.outcome).strip()
    check_outcome(said)
    answer = strip_controls(ended.fault_said or "").strip() or None
    rules.check_fault(who(case, actor), ended.fault, ended.fault_person_id, answer)
    if ended.fault_person_id is not None and not staff.signatures({ended.fault_person_id}):
        raise RuleViolation("There is no such person.", code="no_such_person")
    name, ending = (PhaseMove.CLOSE_OPEN, Ending.LEFT_OPEN) if open_parts else (PhaseMove.CLOSE, Ending.SETTLED)
    move(
        case, name, actor=actor, outcome=said, ending=ending, fault=ended.fault,
        fault_person_id=ended.fault_person_id, fault_said=answer if ended.fault_person_id else None,
    )  # fmt: skip
    audit.record(
        "case.ended", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id,
        fault=str(ended.fault), open=list(open_parts),
    )  # fmt: skip
    return case
