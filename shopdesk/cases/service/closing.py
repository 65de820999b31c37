"""A case ends in its first phase: solved by guidance, or declined; and is opened again under its number."""

from __future__ import annotations

from shopdesk.cases import queries, rules
from shopdesk.cases.models import Case, CaseNote
from shopdesk.cases.queries import courier
from shopdesk.cases.rules.guidance import Standing, check_nothing_outstanding
from shopdesk.cases.service.moving import move, who
from shopdesk.cases.states import CaseSource, Ending, PhaseMove
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import IllegalMove
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.text import strip_controls
from shopdesk.orders import queries as orders
from shopdesk.orders.states import Readiness


@command
def close(case_id: int, outcome: str, *, actor: Actor) -> Case:
    """End a case that is still talked about and of which nothing is outstanding, and say how it ended.

    Raises NotFound, NotAllowed (somebody else's, another role's), IllegalMove (closed; further on, where the balances
    decide; not accepted yet; what `check_nothing_outstanding` refuses), Conflict (accepted meanwhile), RuleViolation
    (no outcome).
    """
    queries.case_by_id(case_id, actor, Permission.CASE_CLOSE)
    case = queries.locked(case_id, actor)  # what the platform or the courier tells meanwhile comes before or after
    rules.check_move(case.phase, PhaseMove.SOLVE)
    rules.check_close(
        who(case, actor), case.role, kind=case.kind, owner_id=case.owner_id, opened_by_id=case.opened_by_id
    )
    check_nothing_outstanding(_standing(case))
    return _end(case, PhaseMove.SOLVE, Ending.SOLVED, outcome, actor)


def outstanding(case: Case) -> IllegalMove | None:
    """Why words alone do not end it now; None where they do."""
    try:
        check_nothing_outstanding(_standing(case))
    except IllegalMove as why:
        return why
    return None


def _standing(case: Case) -> Standing:
    is_refunding = False
    if case.source is CaseSource.PLATFORM and case.platform_status is None:
        order = orders.order_by_id(case.order_id, case.store_id)
        is_refunding = order.readiness is Readiness.REFUNDING
    return Standing(
        case.kind, case.waiting_for, case.platform_number, case.platform_status, is_refunding,
        courier.last_outcome(case.id, case.store_id),
    )  # fmt: skip


@command
def decline(case_id: int, reason: str, *, actor: Actor) -> Case:
    """End a case because the shop declines what is wished, with the reason.

    Raises as `close`; declining is for its owner or a supervisor alone.
    """
    case = queries.case_by_id(case_id, actor, Permission.CASE_WORK)
    rules.check_move(case.phase, PhaseMove.DECLINE)
    rules.check_works(who(case, actor), case.role, owner_id=case.owner_id)
    return _end(case, PhaseMove.DECLINE, Ending.DECLINED, reason, actor)


def _end(case: Case, name: PhaseMove, ending: Ending, words: str, actor: Actor) -> Case:
    said = strip_controls(words).strip()
    rules.check_outcome(said)
    move(case, name, actor=actor, outcome=said, ending=ending)
    audit.record(
        "case.closed", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id, ending=str(ending)
    )
    return case


@command
def reopen(case_id: int, reason: str, *, actor: Actor) -> Case:
    """Open a closed case again under its number; how it had ended stays as a note, and so does the reason.

    Raises NotFound, NotAllowed (not the owner, not of the role), IllegalMove (open; goes on in another case),
    RuleViolation (no reason).
    """
    case = queries.case_by_id(case_id, actor, Permission.CASE_WORK)
    rules.check_move(case.phase, PhaseMove.REOPEN)
    rules.check_reopen(who(case, actor), case.role, owner_id=case.owner_id, merged_into_id=case.merged_into_id)
    said = strip_controls(reason).strip()
    rules.check_outcome(said)
    for words, by_id, at in ((case.outcome, case.closed_by_id, case.closed_at), (said, actor.id, clock.now())):
        if words:
            note = CaseNote(store_id=case.store_id, case_id=case.id, text=words, made_by_id=by_id, made_at=at)
            db.session.add(note)
    taken = {}
    if case.owner_id is None and who(case, actor).holds_role:  # whoever opens it again serves the customer
        taken = {"owner_id": actor.id, "accepted_at": clock.now()}
    move(case, PhaseMove.REOPEN, actor=actor, ending=None, outcome=None, closed_by_id=None, **taken)
    audit.record("case.reopened", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id)
    return case
