"""Payouts that people make or find out about: finance confirms, a supervisor decides what nobody can tell."""

from __future__ import annotations

from shopdesk.core import audit, clock, outbox
from shopdesk.core.db import command, db
from shopdesk.core.errors import Conflict, IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.references import check_reference
from shopdesk.core.scope import load
from shopdesk.core.text import strip_controls
from shopdesk.payments import service as money
from shopdesk.refunds import queries
from shopdesk.refunds.models import Refund, RefundPayment
from shopdesk.refunds.rules import paying as rules
from shopdesk.refunds.service import deciding, documents
from shopdesk.refunds.service.paying import ByHand, end, locked_with_owner
from shopdesk.refunds.states import BY_PEOPLE, ENDED_BADLY, PAID_OTHERWISE, FollowUp, PayoutState, RefundState

P = Permission
MOST_EVIDENCE = 64  # characters


@command
def confirm(payout_id: int, reference: str, *, actor: Actor) -> RefundPayment:
    """Finance paid it: the reference of the transfer is the proof, of this payout alone.

    Raises NotFound, NotAllowed (`own_decision`), IllegalMove (`wrong_state`: also once a machine has begun with it, or
    may begin), RuleViolation (`bad_reference`, `platform_unknown`: the platform may have paid the same meanwhile),
    Conflict (`reference_used`).
    """
    payout, refund = _by_hand(payout_id, actor)
    if refund.decided_by_id != refund.requested_by_id and deciding.is_limited(refund):
        rules.check_payer(refund.decided_by_id, actor.id)
    if not documents.is_clear_of_platform(refund, payout):
        raise RuleViolation(
            "The platform may have paid this itself: import its list of refunds, or look there and say so.",
            code="platform_unknown",
        )
    proof = _unused(reference, payout)
    end(payout, PayoutState.SUCCEEDED, actor=actor, code="by_hand", place_reference=proof, by_hand=ByHand())
    return payout


def _unused(reference: str, payout: RefundPayment) -> str:
    """A reference that proves nothing yet; of two at once the index decides.  Raises RuleViolation, Conflict."""
    proof = reference.strip()
    check_reference(proof)
    other = queries.payout_proved_by(proof, payout)
    if other is not None:
        raise Conflict(
            "This reference proves another payout already (%(number)s).", code="reference_used", number=other.number
        )
    if queries.settlement_with(proof, payout.store_id) is not None:
        raise Conflict("This reference stands on an entry of a case already.", code="reference_used")
    return proof


@command
def give_up(payout_id: int, *, actor: Actor) -> RefundPayment:
    """Finance cannot pay it (a closed account): the money is free again, the refund is asked for anew.

    Raises NotFound, NotAllowed, IllegalMove.
    """
    payout, _refund = _by_hand(payout_id, actor)
    end(payout, PayoutState.FAILED, actor=actor, code="by_hand", by_hand=ByHand())
    return payout


@command
def end_paid_otherwise(payout_id: int, *, actor: Actor) -> RefundPayment:
    """The platform paid another amount for it, which counts as outside: its money is free, and nothing follows.

    Whether its list says so the caller has looked up.  Raises NotFound, NotAllowed, IllegalMove.
    """
    payout, refund = _by_hand(payout_id, actor)
    end(payout, PayoutState.FAILED, actor=actor, code=PAID_OTHERWISE, by_hand=ByHand())
    follow_list(payout, refund.order_id, is_told=True, actor=actor)
    return payout


@command
def follow_list(payout: RefundPayment, order_id: int, *, is_told: bool, actor: Actor) -> None:
    """Nothing follows what was paid otherwise while the platform's list says so; else finance says what does.

    An answer that the end gave by itself bears the end's own moment; every other is finance's and stays.
    The caller has locked the payout.
    """
    if is_told and payout.follow_up is None:
        payout.follow_up = FollowUp.NOTHING_MORE
        payout.followed_up_by_id, payout.followed_up_at = payout.ended_by_id, payout.ended_at
    elif not is_told and payout.follow_up is not None and payout.followed_up_at == payout.ended_at:
        payout.follow_up = payout.followed_up_by_id = payout.followed_up_at = None
    else:
        return
    audit.record(
        "payout.followed_list", "payout", payout.id, actor, store_id=payout.store_id, order_id=order_id,
        number=payout.number, is_told=is_told,
    )  # fmt: skip


def _locked(payout_id: int, actor: Actor, permission: Permission) -> RefundPayment:
    payout = load(RefundPayment, payout_id, actor, permission)
    return locked_with_owner(payout.id, payout.store_id)


def _by_hand(payout_id: int, actor: Actor) -> tuple[RefundPayment, Refund]:
    payout = _locked(payout_id, actor, P.PAYOUT_CONFIRM)
    refund = queries.refund_by_id(payout.refund_id, actor)
    is_ours = payout.place in BY_PEOPLE or payout.needs_person  # else a machine sends it at any moment
    if payout.state is not PayoutState.RESERVED or refund.state is not RefundState.APPROVED or not is_ours:
        raise IllegalMove("This payout is not waiting for anybody.", code="wrong_state", state=str(payout.state))
    return payout, refund


@command
def take_back(payout_id: int, reason: str, *, actor: Actor) -> RefundPayment:
    """What people said was paid came back, or never went out: the money is free, and what it settled is open again.

    Only where people said so: of the others the place or the platform's list tells.  Raises NotFound, NotAllowed,
    IllegalMove (`wrong_state`), RuleViolation (`reason_required`).
    """
    payout = _locked(payout_id, actor, P.PAYOUT_CONFIRM)
    if not queries.is_said_by_people(payout):
        raise IllegalMove("Nobody said by hand that this was paid.", code="wrong_state", state=str(payout.state))
    said = strip_controls(reason).strip()
    if not said:
        raise RuleViolation("Say why.", code="reason_required")
    end(payout, PayoutState.REVERSED, actor=actor, code="taken_back", by_hand=ByHand(said[:MOST_EVIDENCE]))
    order_id = queries.order_of_payout(payout)
    outbox.put(money.LOOK, store_id=payout.store_id, order_id=order_id)  # the platform's list may say otherwise
    return payout


@command
def verify(
    payout_id: int, state: PayoutState, evidence: str, *, actor: Actor, paid_minor: int | None = None
) -> RefundPayment:
    """A supervisor says, with evidence, whether a payout happened that the place tells nothing sure about.

    `paid_minor`: how much, where it was not the payout's amount; what is still owed is paid by hand.
    Raises NotFound, NotAllowed (`own_request`), IllegalMove (`wrong_state`: the machine has not given up),
    RuleViolation, Conflict (`reference_used`).
    """
    payout = _locked(payout_id, actor, P.PAYOUT_VERIFY)
    if state not in {PayoutState.SUCCEEDED, PayoutState.FAILED}:
        raise RuleViolation("Say whether it was paid.", code="value_required", missing="state")
    is_leased = payout.lease_until is not None and payout.lease_until >= clock.now()
    if payout.state is not PayoutState.UNKNOWN or not payout.needs_person or is_leased:
        raise IllegalMove("The desk is still asking by itself.", code="wrong_state", state=str(payout.state))
    refund = queries.refund_by_id(payout.refund_id, actor)
    if deciding.is_limited(refund):
        rules.check_verifier(refund.requested_by_id, actor.id)
    said = evidence.strip()
    check_reference(said)
    if state is PayoutState.FAILED:
        end(payout, state, actor=actor, code="verified", by_hand=ByHand(said))
        return payout
    paid = payout.amount_minor if paid_minor is None else paid_minor
    rules.split_paid(payout.amount_minor, paid)
    proof = _unused(said, payout)
    end(payout, state, actor=actor, code="verified", place_reference=proof, by_hand=ByHand(said, paid))
    return payout


@command
def follow_up(payout_id: int, answer: FollowUp, *, actor: Actor) -> RefundPayment:
    """Finance says what follows a payout that failed or was taken back; it may be said again otherwise.

    Raises NotFound, NotAllowed, IllegalMove (`wrong_state`).
    """
    payout = load(RefundPayment, payout_id, actor, P.PAYOUT_CONFIRM, lock="update")
    if payout.state not in ENDED_BADLY:
        raise IllegalMove("This payout has neither failed nor come back.", code="wrong_state", state=str(payout.state))
    refund = queries.refund_by_id(payout.refund_id, actor)
    payout.follow_up, payout.followed_up_by_id, payout.followed_up_at = answer, actor.id, clock.now()
    payout.needs_person = False
    db.session.flush()
    audit.record(
        "payout.followed_up", "payout", payout.id, actor, store_id=payout.store_id, order_id=refund.order_id,
        answer=str(answer), number=payout.number,
    )  # fmt: skip
    return payout
