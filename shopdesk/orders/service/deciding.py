"""What people decide of an order's readiness; a refund or a closed order hides it and does not end it."""

from __future__ import annotations

from datetime import date

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Actor
from shopdesk.orders import rules
from shopdesk.orders.models import Order
from shopdesk.orders.service.contacts import close_contact, open_contact
from shopdesk.orders.states import ContactOutcome, Readiness


@command
def decide_readiness(
    order: Order,
    decided: Readiness | None,
    *,
    ready_on: date | None = None,
    reason: str | None = None,
    by: str | None = None,
    actor: Actor,
) -> None:
    """Say why the order may not be printed yet; None lifts it.  Raises RuleViolation for what no person decides.

    Out of stock opens the task to contact the customer; lifting it ends that task where nobody did.  `by`: what lifted
    it, where no person did.  Who may do so is the caller's to check.
    """
    if decided is not None and decided not in rules.KEPT:
        raise RuleViolation("This follows from what the platform says.", code="not_decided", readiness=str(decided))
    former = order.readiness_decided
    order.readiness_decided = decided
    order.ready_on = ready_on if decided is Readiness.PRE_SALE_UNTIL else None
    order.readiness_reason = (reason or "").strip() or None if decided else None
    order.readiness_by_id, order.readiness_at = (actor.id, clock.now()) if decided else (None, None)
    order.readiness = rules.readiness(decided, order.status, refunding=order.readiness is Readiness.REFUNDING)
    order.version += 1
    db.session.flush()
    if decided is Readiness.OUT_OF_STOCK:
        open_contact(order, actor=actor)
    elif former is Readiness.OUT_OF_STOCK:
        close_contact(order, ContactOutcome.IN_STOCK, actor=actor)
    audit.record(
        "order.readiness_set", "order", order.id, actor, store_id=order.store_id, order_id=order.id,
        readiness=str(decided) if decided else None, was=str(former) if former else None,
        until=order.ready_on.isoformat() if order.ready_on else None, **({"by": by} if by else {}),
    )  # fmt: skip
