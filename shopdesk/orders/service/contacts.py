"""The task "contact the customer" (M024): one open per order, closed with how it ended."""

from __future__ import annotations

from sqlalchemy import update

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.orders import queries
from shopdesk.orders.models import ContactTask, Order
from shopdesk.orders.states import ContactOutcome


@command
def open_contact(order: Order, *, actor: Actor) -> ContactTask:
    """The open task of the order, made where there is none."""
    there = queries.open_contact(order.id, order.store_id)
    if there is not None:
        return there
    made = ContactTask(store_id=order.store_id, order_id=order.id, opened_at=clock.now(), opened_by_id=actor.id)
    db.session.add(made)
    db.session.flush()
    audit.record("contact.opened", "contact_task", made.id, actor, store_id=order.store_id, order_id=order.id)
    return made


@command
def close_contact(order: Order, outcome: ContactOutcome, *, said: str | None = None, actor: Actor) -> bool:
    """End the open task; False when there is none (any more).  Of two the row count lets one win."""
    task = queries.open_contact(order.id, order.store_id)
    if task is None:
        return False
    closed = rows_changed(
        in_store(update(ContactTask), order.store_id, ContactTask)
        .where(ContactTask.id == task.id, ContactTask.closed_at.is_(None))
        .values(outcome=outcome, said=said or None, closed_at=clock.now(), closed_by_id=actor.id)
    )
    if closed != 1:
        return False
    order.version += 1
    db.session.flush()
    audit.record(
        "contact.closed", "contact_task", task.id, actor, store_id=order.store_id, order_id=order.id,
        outcome=str(outcome),
    )  # fmt: skip
    return True
