"""Lists that a machine reads to the end: newest orders, the audit trail."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import and_, or_, select

from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import within
from shopdesk.orders.models import Order


def newest(actor: Actor, *, limit: int, before: int | None) -> list[int]:
    """Order ids, newest first."""
    statement = select(Order.id)
    if before is not None:
        statement = statement.where(Order.id < before)
    scoped = within(statement, actor, Permission.ORDER_READ, Order)
    return list(db.session.scalars(scoped.order_by(Order.id.desc()).limit(limit)))


def events_after(actor: Actor, seen: Mapping[int, int], limit: int) -> list[Event]:
    """Events of the actor's stores beyond `seen` (store → seq), in the order in which they were written.

    The place is kept by store and seq, not by id: an id that was drawn early may be committed late, seq may not.
    """
    stores = actor.stores_with(Permission.EVENT_READ)
    if not stores:
        return []
    beyond = [and_(Event.chain == store_id, Event.seq > seen.get(store_id, 0)) for store_id in stores]
    return list(db.session.scalars(select(Event).where(or_(*beyond)).order_by(Event.id).limit(limit)))
