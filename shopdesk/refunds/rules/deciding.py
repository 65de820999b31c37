"""Who decides about a refund: amounts, limits, who may approve (domain.md §5)."""

from __future__ import annotations

from shopdesk.cases.states import PaidTo
from shopdesk.core.errors import IllegalMove, NotAllowed, RuleViolation
from shopdesk.refunds.states import REFUND_MOVES, RefundMove, RefundState

#: Destinations that need an account to pay to.
WITH_ACCOUNT = frozenset({PaidTo.ALIPAY, PaidTo.BANK, PaidTo.TRANSFER})


def check_move(now: RefundState, move: RefundMove) -> RefundState:
    """The state it leads to.  Raises IllegalMove."""
    sources, target = REFUND_MOVES[move]
    if now not in sources:
        raise IllegalMove("The refund is not in a state for this.", code="wrong_state", state=str(now), move=str(move))
    return target


def check_wish(amount_minor: int, destination: PaidTo, account: str | None) -> None:
    """Raise RuleViolation for an amount that is not positive, or a destination without the account it needs."""
    if amount_minor <= 0:
        raise RuleViolation("A refund must be more than zero.", code="amount_not_positive")
    check_account(destination, account)


def check_account(destination: PaidTo, account: str | None) -> None:
    """Raise RuleViolation for a destination without the account it needs."""
    if destination in WITH_ACCOUNT and not account:
        raise RuleViolation("Say to which account.", code="value_required", missing="account")


def needs_approval(amount_minor: int, *, limit_minor: int | None, window_minor: int) -> bool:
    """Whether a limit applies: what was refunded of the order in the window counts with it.  None: no limit (M098)."""
    return limit_minor is not None and amount_minor + window_minor > limit_minor


def check_approver(requester_id: int | None, approver_id: int | None) -> None:
    """Raise NotAllowed for who approves what they asked for themselves (I8)."""
    if approver_id is None or approver_id == requester_id:
        raise NotAllowed("Somebody else has to approve what you asked for.", code="own_request")
