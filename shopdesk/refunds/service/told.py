"""What a place's or a platform's list says of payouts: ours are confirmed, the others are booked as outside."""

from __future__ import annotations

from shopdesk.core import audit
from shopdesk.core.db import command
from shopdesk.core.permissions import Actor
from shopdesk.orders.models import Order
from shopdesk.payments import service as money
from shopdesk.refunds import queries
from shopdesk.refunds.models import RefundPayment
from shopdesk.refunds.service import paying
from shopdesk.refunds.states import OPEN_PAYOUTS, PayoutState

PLATFORM = "platform"


@command
def platform_paid(order: Order, amounts_minor: dict[str, int], *, actor: Actor) -> int:
    """The platform's list of a locked order: its own number → what it paid back.  Returns what of it is outside.

    A payout of ours by the platform of the same amount that waits is confirmed by one of them; what is left over the
    platform paid without us.  Nothing true is refused; told again it changes nothing.
    """
    there = queries.payouts_of([refund.id for refund in queries.refunds_of_order(order.id, order.store_id)],
                               order.store_id)  # fmt: skip
    ours = [payout for payout in there if payout.place == PLATFORM]
    known = {payout.place_reference for payout in ours}
    locked = [paying.locked(payout.id, order.store_id) for payout in ours if payout.state in OPEN_PAYOUTS]
    waiting = [payout for payout in locked if payout.state in OPEN_PAYOUTS]  # finance may have confirmed it just now
    outside_minor = 0
    for number, amount_minor in sorted(amounts_minor.items()):
        if number in known:
            continue
        match = next((payout for payout in waiting if payout.amount_minor == amount_minor), None)
        if match is None:
            outside_minor += amount_minor
            continue
        waiting.remove(match)
        _confirm(match, number, actor)
    if outside_minor:
        _note(order, outside_minor, actor)
    return outside_minor


def _confirm(payout: RefundPayment, number: str, actor: Actor) -> None:
    paying.end(payout, PayoutState.SUCCEEDED, actor=actor, code="told", place_reference=number)


def _note(order: Order, outside_minor: int, actor: Actor) -> None:
    """On the newest payment: it is not known which of them the platform paid back from."""
    payments = money.follow(order, actor=actor)
    if payments and money.note_outside(payments[-1], outside_minor, actor=actor):
        audit.record(
            "payment.outside", "payment", payments[-1].id, actor, store_id=order.store_id, order_id=order.id,
            amount_minor=outside_minor,
        )  # fmt: skip
