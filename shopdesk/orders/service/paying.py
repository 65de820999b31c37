"""*Mark paid* (domain.md §8): a payment that no platform tells, noted by a person."""

from __future__ import annotations

from dataclasses import dataclass

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor
from shopdesk.core.references import check_reference
from shopdesk.orders import queries, rules
from shopdesk.orders.models import HandPayment, Order
from shopdesk.orders.rules import deciding
from shopdesk.orders.service.deciding import decide_readiness
from shopdesk.orders.service.lines import lines_of
from shopdesk.orders.service.sharing import fix_shares
from shopdesk.orders.states import OrderStatus, PayMethod, Readiness
from shopdesk.staff.models import Platform, Store

#: Stores whose platform tells no payment.
BY_HAND = frozenset({Platform.PHONE, Platform.OTHER})


@dataclass(frozen=True, slots=True)
class Payment:
    """What was paid, in minor units of the order's currency."""

    amount_minor: int
    method: PayMethod
    reference: str | None = None


@command
def note_payment(order: Order, store: Store, payment: Payment, *, actor: Actor) -> bool:
    """Note a payment of a locked order; True when it is paid for whole by it.

    A part of the sum leaves it unpaid, and without another reason `awaiting_balance`, until the rest is noted.
    Raises RuleViolation (another platform's store, amount, reference), IllegalMove (paid or closed already).
    """
    if store.platform not in BY_HAND:
        raise RuleViolation("The platform tells when this order is paid.", code="platform_tells")
    if order.status is not OrderStatus.UNPAID:
        raise IllegalMove("This order is not waiting for a payment.", code="not_unpaid", status=str(order.status))
    due_minor = queries.due_minor(order)
    if due_minor is None:
        raise IllegalMove("Nobody knows yet what the order costs.", code="no_total")
    deciding.check_payment(
        payment.amount_minor, payment.method, payment.reference, due_minor=due_minor, currency=order.currency
    )  # fmt: skip
    if payment.reference:
        check_reference(payment.reference)
    at = clock.now()
    db.session.add(
        HandPayment(
            store_id=order.store_id, order_id=order.id, amount_minor=payment.amount_minor, method=payment.method,
            reference=payment.reference, noted_at=at, noted_by_id=actor.id,
        )
    )  # fmt: skip
    order.paid_by_hand_minor += payment.amount_minor
    order.paid_minor = max(order.paid_minor, order.paid_by_hand_minor)
    order.version += 1
    db.session.flush()
    audit.record(
        "order.payment_noted", "order", order.id, actor, store_id=order.store_id, order_id=order.id,
        amount_minor=payment.amount_minor, method=str(payment.method), reference=payment.reference,
    )  # fmt: skip
    is_whole = payment.amount_minor == due_minor
    if is_whole:
        _paid(order, actor)
    elif order.readiness_decided is None:
        decide_readiness(order, Readiness.AWAITING_BALANCE, actor=actor, by="payment")
    return is_whole


def _paid(order: Order, actor: Actor) -> None:
    order.status, order.paid_at = OrderStatus.PAID, clock.now()
    was_waiting = order.readiness_decided is Readiness.AWAITING_BALANCE
    refunding = order.readiness is Readiness.REFUNDING
    order.readiness = rules.readiness(order.readiness_decided, order.status, refunding=refunding)
    db.session.flush()
    fix_shares(order, lines_of(order))
    db.session.flush()
    if was_waiting:
        decide_readiness(order, None, actor=actor, by="payment")
