"""A payout is born: its number, and frozen with it all that is ever sent under it (trust.md rule 2)."""

from __future__ import annotations

import secrets

from shopdesk.core import clock, outbox
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor
from shopdesk.payments import service as money
from shopdesk.payments.models import Payment
from shopdesk.refunds.models import Refund, RefundPayment
from shopdesk.refunds.rules import paying as rules
from shopdesk.refunds.states import PayoutState

PAY = "refund.pay"  # the outbox's topic


def bear(refund: Refund, payment: Payment, amount_minor: int, *, actor: Actor) -> RefundPayment:
    """Reserve the money of one payment and make its payout, at the place that this payment came through.

    Raises RuleViolation (`more_than_left`).
    """
    is_by_hand = payment.hand_payment_id is not None
    place = rules.place_of_part(refund.destination, refund.place, is_by_hand=is_by_hand)
    made = born(refund, payment, amount_minor, place)
    money.reserve(payment, amount_minor, actor=actor, payout_id=made.id)
    return made


def born(
    refund: Refund, payment: Payment, amount_minor: int, place: str, *, rest_of: RefundPayment | None = None
) -> RefundPayment:
    """The row and the word to the worker; the money is the caller's."""
    made = RefundPayment(
        store_id=refund.store_id, refund_id=refund.id, payment_id=payment.id,
        rest_of_id=rest_of.id if rest_of else None, number=f"R{secrets.token_hex(12)}",
        place=place, state=PayoutState.RESERVED, amount_minor=amount_minor, currency=refund.currency,
        payment_reference=payment.reference, captured_minor=payment.captured_minor, run_after=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    outbox.put(PAY, key=f"{PAY}:{made.number}", store_id=made.store_id, payout_id=made.id)
    return made
