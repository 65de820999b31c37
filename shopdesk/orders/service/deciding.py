"""What people decide of an order's readiness; a refund or a closed order hides it and does not end it."""

from __future__ import annotations

from datetime import date

from shopdesk.core import audit
from shopdesk.core.db import command, db
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Actor
from shopdesk.orders import rules
from shopdesk.orders.models import Order
from shopdesk.orders.states import Readiness


@command
def decide_readiness(order: Order, decided: Readiness | None, *, ready_on: date | None = None, actor: Actor) -> None:
    """Say why the order may not be printed yet; None lifts it.  Raises RuleViolation for what no person decides."""
    if decided is not None and decided not in rules.KEPT:
        raise RuleViolation("This follows from what the platform says.", code="not_decided", readiness=str(decided))
    order.readiness_decided = decided
    order.ready_on = ready_on if decided is Readiness.PRE_SALE_UNTIL else None
    order.readiness = rules.readiness(decided, order.status, refunding=order.readiness is Readiness.REFUNDING)
    order.version += 1
    db.session.flush()
    audit.record(
        "order.readiness_set", "order", order.id, actor, store_id=order.store_id, order_id=order.id,
        readiness=str(decided) if decided else None,
    )  # fmt: skip
