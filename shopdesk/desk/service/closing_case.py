"""How a case is decided and closed, where returns, replacements and money come together (domain.md §4)."""

from __future__ import annotations

from shopdesk.cases import service as cases
from shopdesk.cases.models import Case
from shopdesk.cases.queries import settling
from shopdesk.cases.service import Ended, Paid
from shopdesk.cases.states import AmountPart, CasePhase, PaidTo, Resolution
from shopdesk.core.db import command
from shopdesk.core.errors import IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.desk.queries import case_balances, everyday
from shopdesk.desk.queries.case_balances import Balances
from shopdesk.desk.states import BalancePart
from shopdesk.refunds import service as refunds
from shopdesk.refunds.queries import quoting
from shopdesk.refunds.service import CaseWish, Target
from shopdesk.refunds.states import RefundState


@command
def decide_resolution(case_id: int, kind: Resolution, *, exception: str | None = None, actor: Actor) -> Case:
    """`cases.service.add_resolution`, with what the inspection found."""
    case = cases.in_hand(case_id, actor, Permission.CASE_RESOLVE, phases=cases.phases_for(kind))
    is_sound = case_balances.has_no_defect(case)
    return cases.add_resolution(case_id, kind, is_sound=is_sound, exception=exception, actor=actor)


@command
def take_back_resolution(case_id: int, kind: Resolution, *, actor: Actor) -> Case:
    """`cases.service.take_back`, while nothing came of it."""
    case = cases.in_hand(case_id, actor, Permission.CASE_RESOLVE, phases=cases.phases_for(kind))
    is_used = kind is not Resolution.NONE and kind in case_balances.used(case)
    return cases.take_back(case_id, kind, is_used=is_used, actor=actor)


@command
def close_case(case_id: int, ended: Ended, *, actor: Actor) -> Case:
    """Close a case whose five balances are even.

    Raises NotFound, NotAllowed, IllegalMove (`balance_open` with its parts, phase), RuleViolation
    (`resolution_missing`, no outcome, no cause), Conflict.
    """
    case = cases.in_hand(case_id, actor, Permission.CASE_CLOSE)
    now = case_balances.balances(case)
    if not now.resolutions:
        raise RuleViolation("Decide first how the case is resolved.", code="resolution_missing")
    if now.open_parts():
        raise IllegalMove(
            "A balance is still open. A supervisor can close it with a reason.", code="balance_open",
            parts=[str(part) for part in now.open_parts()],
        )  # fmt: skip
    return cases.end(case, ended, actor=actor)


@command
def close_open_case(case_id: int, ended: Ended, *, actor: Actor) -> Case:
    """带原因完结: a supervisor closes a case with a balance open; the outcome is the reason.

    An invoice that finance still has to reverse or endorse keeps it open (M116, M117).  Raises NotFound, NotAllowed,
    IllegalMove (`invoice_open`, `nothing_open`, closed), RuleViolation, Conflict.
    """
    case = cases.to_end_open(case_id, actor)
    now = case_balances.balances(case)
    if now.tasks_open:
        raise IllegalMove("Finance has not issued the document yet.", code="invoice_open")
    open_parts = now.open_parts() or (() if case.phase is CasePhase.RESOLVE else ("phase",))
    if not open_parts:
        raise IllegalMove("Every balance is even: close it without a reason.", code="nothing_open")
    return cases.end(case, ended, open_parts=tuple(str(part) for part in open_parts), actor=actor)


@command
def refund_and_close(case_id: int, ended: Ended, *, exception: str | None = None, actor: Actor) -> Case:
    """The everyday case: what came back is right, its paid share goes back on the platform, and the case is closed.

    Who clicks says that they agreed to it on the platform.  Where a limit applies it waits for approval, and the case
    stays open.  Where nobody has said whether an invoice was sent, this says that none was.  `exception`: why used
    goods, or goods without the fault that was claimed, are refunded all the same.  Raises what its parts raise,
    IllegalMove (`not_everyday`), RuleViolation (`value_required`: the exception).
    """
    case = cases.in_hand(case_id, actor, Permission.CASE_SETTLE)
    if not is_everyday(case, case_balances.balances(case)):
        raise IllegalMove("This case has more to it: settle it part by part.", code="not_everyday")
    words = (exception or "").strip() or None
    if words is None and everyday.departs(case) and Resolution.REFUND not in settling.kinds_of(case):
        raise RuleViolation("Say why it is refunded all the same.", code="value_required", missing="exception")
    decide_resolution(case_id, Resolution.REFUND, exception=words, actor=actor)
    if case.invoice_sent is None:
        cases.answer_invoice(case_id, is_sent=False, actor=actor)
    units = {line.line_id: line.quantity - line.refunding - line.replacing for line in cases.see_lines(case)}
    if any(units.values()):
        cases.decide_refund(case_id, units, actor=actor)
    if settling.amounts_of(case)[AmountPart.MONEY].free_minor and not _pay_back(case, actor):
        return case
    return close_case(case_id, ended, actor=actor)


def _pay_back(case: Case, actor: Actor) -> bool:
    """Whether it went back on the platform now: not where somebody has to approve it first."""
    free_minor = settling.amounts_of(case)[AmountPart.MONEY].free_minor
    held = quoting.held_by_case(case).left_minor
    if held is None or sum(held.values()) < free_minor:  # a fact all the same: it is noted, not counted on payments
        cases.settle(case.id, AmountPart.MONEY, Paid(free_minor, PaidTo.PLATFORM), actor=actor)
        return True
    wish = CaseWish(Target(PaidTo.PLATFORM), parts=(AmountPart.MONEY,))
    made = refunds.request_for_case(case.id, wish, actor=actor)
    if made.state is not RefundState.APPROVED:
        return False
    refunds.note_agreed(made.id, actor=actor)
    return True


def is_everyday(case: Case, now: Balances | None = None) -> bool:
    """Whether one click ends it: the goods are here, right and put away, and nothing else is under way."""
    now = now or case_balances.balances(case)
    if case.phase is not CasePhase.RESOLVE or now.resolutions - {Resolution.REFUND} or case.invoice_sent:
        return False
    goods = now.goods
    is_whole = goods.expected > 0 and goods.found == goods.arrived == goods.expected
    others = [part for part in now.open_parts() if part not in {BalancePart.MONEY, BalancePart.INVOICE}]
    if any(one.reserved_minor for one in now.amounts.values()):  # asked for: it waits for somebody else
        return False
    return is_whole and not others and not now.owed_minor and case_balances.all_right(case)
