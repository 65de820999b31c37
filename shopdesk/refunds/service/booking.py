"""What an ended payout does to the books: counters, ledger, credit notes."""

from __future__ import annotations

from shopdesk.core.permissions import Actor
from shopdesk.payments import queries as payments
from shopdesk.payments import service as money
from shopdesk.payments.models import Payment
from shopdesk.refunds.models import Refund, RefundPayment
from shopdesk.refunds.rules import paying as rules
from shopdesk.refunds.service import bearing, documents
from shopdesk.refunds.states import PayoutState

BY_PEOPLE = "manual"


def book(refund: Refund, payout: RefundPayment, payment: Payment, *, actor: Actor) -> None:
    """Inside the transaction that ended it: the books say what was truly paid."""
    if payout.state is PayoutState.SUCCEEDED:
        _paid(refund, payout, payment, actor)
    elif payout.state is PayoutState.FAILED:
        money.release(payment, payout.amount_minor, actor=actor, payout_id=payout.id)
    elif payout.state is PayoutState.REVERSED:
        money.reverse(payment, payout.settled_minor, actor=actor, payout_id=payout.id)
        documents.issue_counter_note(payout)


def _paid(refund: Refund, payout: RefundPayment, payment: Payment, actor: Actor) -> None:
    """What was paid beyond the payout is money beside the books; what was paid less stays owed, by a payout by hand."""
    settled, beside, owed = rules.split_paid(payout.amount_minor, payout.paid_minor or payout.amount_minor)
    money.settle(payment, settled, actor=actor, payout_id=payout.id)
    documents.issue_credit_note(payout)
    if beside:
        now = payments.payment_by_id(payment.id, payment.store_id)  # locked by now: nobody else raises it
        money.note_outside(now, now.outside_minor + beside, actor=actor)
    if owed:
        rest = bearing.born(refund, payment, owed, BY_PEOPLE, rest_of=payout)
        money.hand_on(payment, owed, actor=actor, from_payout=payout.id, to_payout=rest.id)
