"""追回多退款: what customers got beyond what they paid is got back, or given up with a reason."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.references import check_reference
from shopdesk.core.scope import in_store, load
from shopdesk.core.text import strip_controls
from shopdesk.orders.models import Order
from shopdesk.payments import queries as payments
from shopdesk.reconciling.models import Recovery
from shopdesk.reconciling.queries import told as reads
from shopdesk.reconciling.states import RecoveryState

MOST_REASON = 500  # characters


def look(order: Order, *, actor: Actor) -> None:
    """One open task over what is overpaid and not answered, of a locked order; none where nothing is.

    While nobody has told what was paid, nothing is overpaid.
    """
    sale_id = payments.sale_of(order)
    there = payments.balance(payments.payments_of_order(sale_id, order.store_id))
    rows = reads.recoveries_of(sale_id, order.store_id)
    due_minor = there.overpaid_minor - reads.answered_minor(rows) if there.captured_minor else 0
    task = next((one for one in rows if one.state is RecoveryState.OPEN), None)
    if due_minor <= 0 and task is not None:
        task.state, task.ended_at = RecoveryState.GONE, clock.now()
        audit.record("recovery.gone", "recovery", task.id, actor, **_facts(task))
    elif due_minor > 0 and task is None:
        task = Recovery(
            store_id=order.store_id, order_id=sale_id, state=RecoveryState.OPEN, amount_minor=due_minor,
            currency=order.currency, opened_at=clock.now(),
        )  # fmt: skip
        db.session.add(task)
        db.session.flush()
        audit.record("recovery.opened", "recovery", task.id, actor, **_facts(task))
    elif task is not None and task.amount_minor != due_minor:
        task.amount_minor = due_minor
        audit.record("recovery.changed", "recovery", task.id, actor, **_facts(task))
    db.session.flush()


@command
def recovered(recovery_id: int, reference: str, *, actor: Actor) -> Recovery:
    """The customer paid it back: by this reference.  Raises NotFound, NotAllowed, IllegalMove, RuleViolation."""
    task = load(Recovery, recovery_id, actor, Permission.PAYOUT_CONFIRM)
    check_reference(reference.strip())
    return _end(task, RecoveryState.RECOVERED, actor, reference=reference.strip())


@command
def write_off(recovery_id: int, reason: str, *, actor: Actor) -> Recovery:
    """A supervisor gives it up, with a reason.  Raises NotFound, NotAllowed, IllegalMove, RuleViolation."""
    task = load(Recovery, recovery_id, actor, Permission.PAYOUT_VERIFY)
    said = strip_controls(reason).strip()
    if not said:
        raise RuleViolation("Please say why.", code="value_required", missing="reason")
    if len(said) > MOST_REASON:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=MOST_REASON)
    return _end(task, RecoveryState.WRITTEN_OFF, actor, reason=said)


def _end(task: Recovery, state: RecoveryState, actor: Actor, **values: str) -> Recovery:
    """Of two at once the second is refused."""
    statement = (
        update(Recovery)
        .where(Recovery.id == task.id, Recovery.state == RecoveryState.OPEN)
        .values(state=state, ended_by_id=actor.id, ended_at=clock.now(), **values)
    )
    done = rows_changed(in_store(statement, task.store_id, Recovery))
    db.session.refresh(task)
    if done != 1:
        raise IllegalMove("This is not open any more.", code="wrong_state", state=str(task.state))
    audit.record("recovery.ended", "recovery", task.id, actor, **_facts(task))
    return task


def _facts(task: Recovery) -> dict[str, Any]:
    return {
        "store_id": task.store_id, "order_id": task.order_id, "state": str(task.state),
        "amount_minor": task.amount_minor,
    }  # fmt: skip
