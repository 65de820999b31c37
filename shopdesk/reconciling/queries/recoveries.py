"""What was overpaid, as finance meets it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.personal import Personal
from shopdesk.core.scope import in_store, within
from shopdesk.orders.models import Order
from shopdesk.reconciling.models import Recovery
from shopdesk.reconciling.states import RecoveryState

P = Permission.PAYOUT_CONFIRM


@dataclass(frozen=True, slots=True)
class RecoveryRow:
    id: int
    store_id: int
    order_id: int
    order_number: str
    state: RecoveryState
    amount_minor: int
    currency: str
    opened_at: datetime
    reference: str | None
    reason: Personal | None
    ended_at: datetime | None


_COLUMNS = (
    Recovery.id, Recovery.store_id, Order.id, Order.number, Recovery.state, Recovery.amount_minor, Recovery.currency,
    Recovery.opened_at, Recovery.reference, Recovery.reason, Recovery.ended_at,
)  # fmt: skip


def open_ones(actor: Actor, *, after: int = 0, limit: int = 100) -> list[RecoveryRow]:
    """Oldest first."""
    statement = (
        select(*_COLUMNS)
        .join(Order, Order.id == Recovery.order_id)
        .where(Recovery.state == RecoveryState.OPEN, Recovery.id > after)
        .order_by(Recovery.id)
        .limit(limit)
    )
    return [RecoveryRow(*row) for row in db.session.execute(within(statement, actor, P, Recovery))]


def row_of(recovery_id: int, actor: Actor) -> RecoveryRow:
    """Of one that was found through the scope."""
    statement = select(*_COLUMNS).join(Order, Order.id == Recovery.order_id).where(Recovery.id == recovery_id)
    return RecoveryRow(*db.session.execute(within(statement, actor, P, Recovery)).one())


def count_open(actor: Actor) -> int:
    statement = select(func.count(Recovery.id)).where(Recovery.state == RecoveryState.OPEN)
    return int(db.session.scalar(within(statement, actor, P, Recovery)) or 0)


def open_minor_of(order_id: int, store_id: int) -> int:
    """What of an order has to be recovered (minor units of its currency); 0: nothing."""
    statement = select(Recovery.amount_minor).where(Recovery.order_id == order_id, Recovery.state == RecoveryState.OPEN)
    return int(db.session.scalar(in_store(statement, store_id, Recovery)) or 0)
