"""The money of a case and of a change from the desk: the way is decided with it; by hand only within the limit."""

from __future__ import annotations

from shopdesk.cases import queries as case_queries
from shopdesk.cases import service as cases
from shopdesk.cases.models import CaseSettlement
from shopdesk.cases.queries import settling
from shopdesk.cases.service import Paid
from shopdesk.cases.states import AmountPart, Resolution
from shopdesk.changes import service as changes
from shopdesk.changes.models import Change
from shopdesk.changes.service import Evidence
from shopdesk.core.db import command
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import load
from shopdesk.desk.service.closing_case import decide_resolution
from shopdesk.refunds import service as refunds
from shopdesk.refunds.models import Refund
from shopdesk.refunds.service import CaseWish


@command
def refund_case(case_id: int, wish: CaseWish, *, exception: str | None = None, actor: Actor) -> Refund:
    """`refunds.service.request_for_case`; what is asked for is decided with it where it was not yet.

    Raises what its parts raise, e.g. RuleViolation (`no_defect`: an exception needs a reason).
    """
    case = cases.in_hand(case_id, actor, Permission.CASE_SETTLE)
    there = settling.kinds_of(case)
    if any(wish.asked.units.values()) and Resolution.REFUND not in there:
        decide_resolution(case_id, Resolution.REFUND, exception=exception, actor=actor)
    if wish.asked.compensation_minor and Resolution.COMPENSATION not in there:
        decide_resolution(case_id, Resolution.COMPENSATION, exception=exception, actor=actor)
    return refunds.request_for_case(case_id, wish, actor=actor)


@command
def settle_case(case_id: int, part: AmountPart, paid: Paid, *, actor: Actor) -> CaseSettlement:
    """`cases.service.settle`, within the store's limit (`approval_needed`)."""
    case = case_queries.case_by_id(case_id, actor, Permission.CASE_SETTLE)
    cases.lock_with_order(case.id, case.store_id)
    refunds.check_by_hand(case.order_id, case.store_id, paid.amount_minor or 0, actor=actor)
    return cases.settle(case_id, part, paid, actor=actor)


@command
def do_step(
    change_id: int, position: int, evidence: Evidence, *, actor: Actor, seen_version: int | None = None
) -> Change:
    """`changes.service.do_step`; a refund by hand within the store's limit (`approval_needed`)."""
    if evidence.amount_minor:
        change = load(Change, change_id, actor, Permission.STEP_DO)
        changes.lock_with_orders(change.id, change.store_id)
        refunds.check_by_hand(change.order_id, change.store_id, evidence.amount_minor, actor=actor)
    return changes.do_step(change_id, position, evidence, actor=actor, seen_version=seen_version)
