"""Whether a refund that the platform told still keeps an order from being printed, once its lines are cancelled."""

from __future__ import annotations

from shopdesk.core.db import command, db
from shopdesk.orders import queries, rules
from shopdesk.orders.models import Order
from shopdesk.orders.states import Readiness


@command
def look_at_refunds(order: Order) -> None:
    """Lift `refunding` where every line that the platform refunds was taken off here; nothing else is touched."""
    if order.readiness is not Readiness.REFUNDING:
        return
    lines = queries.lines(order.id, order.store_id)
    if not rules.still_refunds([(line.refund_state, line.quantity - line.cancelled) for line in lines]):
        order.readiness = rules.readiness(order.readiness_decided, order.status, refunding=False)
        order.version += 1
        db.session.flush()
