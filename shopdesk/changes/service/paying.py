"""What a payment that was noted by hand means for the changes of the order (domain.md §8)."""

from __future__ import annotations

from shopdesk.changes import queries
from shopdesk.changes.service import applying, owing
from shopdesk.changes.states import ChangeState
from shopdesk.core.db import command
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import load
from shopdesk.orders import service as orders
from shopdesk.orders.models import Order
from shopdesk.orders.service import Payment
from shopdesk.staff import queries as staff


@command
def mark_paid(order_id: int, payment: Payment, *, actor: Actor) -> Order:
    """Note what was paid of an order whose platform tells no payment; paid for whole, its notices open.

    Raises NotFound, NotAllowed, RuleViolation (`platform_tells`, amount, reference), IllegalMove (`not_unpaid`).
    """
    order = load(Order, order_id, actor, Permission.PAYMENT_NOTE, lock="update")
    if orders.note_payment(order, staff.store_by_id(order.store_id), payment, actor=actor):
        for change in queries.changes_of_order(order.id, order.store_id):
            if change.state is ChangeState.OPEN:
                applying.open_notice(change, order, actor)
        owing.owe_refunds(order, actor)
    return order
