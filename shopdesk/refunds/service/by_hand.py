"""Payouts that people make or find out about: finance confirms, a supervisor decides what nobody can tell."""

from __future__ import annotations

from shopdesk.core import clock
from shopdesk.core.db import command
from shopdesk.core.errors import IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.references import check_reference
from shopdesk.core.scope import load
from shopdesk.refunds import queries
from shopdesk.refunds.models import RefundPayment
from shopdesk.refunds.service import documents
from shopdesk.refunds.service.paying import end
from shopdesk.refunds.states import PayoutState, RefundState

P = Permission


@command
def confirm(payout_id: int, reference: str, *, actor: Actor) -> RefundPayment:
    """Finance paid it: the reference of the transfer is the proof.

    Raises NotFound, NotAllowed, IllegalMove (`wrong_state`: also once a machine has begun with it), RuleViolation
    (`bad_reference`, `platform_unknown`: the platform may have paid the same meanwhile).
    """
    payout = _by_hand(payout_id, actor)
    check_reference(reference.strip())
    refund = queries.refund_by_id(payout.refund_id, actor)
    if not documents.is_clear_of_platform(refund):
        raise RuleViolation(
            "The platform may have paid this itself: import its list of refunds, or look there and say so.",
            code="platform_unknown",
        )
    end(payout, PayoutState.SUCCEEDED, actor=actor, code="by_hand", place_reference=reference.strip(), by_hand=True)
    return payout


@command
def give_up(payout_id: int, *, actor: Actor) -> RefundPayment:
    """Finance cannot pay it (a closed account): the money is free again, the refund is asked for anew.

    Raises NotFound, NotAllowed, IllegalMove.
    """
    payout = _by_hand(payout_id, actor)
    end(payout, PayoutState.FAILED, actor=actor, code="by_hand", by_hand=True)
    return payout


def _by_hand(payout_id: int, actor: Actor) -> RefundPayment:
    payout = load(RefundPayment, payout_id, actor, P.PAYOUT_CONFIRM, lock="update")
    refund = queries.refund_by_id(payout.refund_id, actor)
    if payout.state is not PayoutState.RESERVED or refund.state is not RefundState.APPROVED:
        raise IllegalMove("This payout is not waiting for anybody.", code="wrong_state", state=str(payout.state))
    return payout


@command
def verify(payout_id: int, state: PayoutState, evidence: str, *, actor: Actor) -> RefundPayment:
    """A supervisor says, with evidence, whether a payout happened that the place tells nothing sure about.

    Raises NotFound, NotAllowed, IllegalMove (`wrong_state`: the machine has not given up), RuleViolation.
    """
    payout = load(RefundPayment, payout_id, actor, P.PAYOUT_VERIFY, lock="update")
    if state not in {PayoutState.SUCCEEDED, PayoutState.FAILED}:
        raise RuleViolation("Say whether it was paid.", code="value_required", missing="state")
    is_leased = payout.lease_until is not None and payout.lease_until >= clock.now()
    if payout.state is not PayoutState.UNKNOWN or not payout.needs_person or is_leased:
        raise IllegalMove("The desk is still asking by itself.", code="wrong_state", state=str(payout.state))
    check_reference(evidence.strip())
    end(payout, state, actor=actor, code="verified", place_reference=evidence.strip(), by_hand=True)
    return payout
