"""What stands on the look-up page before anything is typed."""

from __future__ import annotations

from sqlalchemy import func, select

from shopdesk.changes.models import Change
from shopdesk.changes.queries.turns import FOLLOWER
from shopdesk.changes.states import ChangeState
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import within
from shopdesk.desk.queries.look_up import Found
from shopdesk.orders.models import Order


def newest(actor: Actor, *, limit: int, before: int | None = None) -> Found:
    """The newest orders.  `before`: only ids below it, for the next page."""
    statement = select(Order.id).order_by(Order.id.desc()).limit(limit + 1)
    if before is not None:
        statement = statement.where(Order.id < before)
    ids = list(db.session.scalars(within(statement, actor, Permission.ORDER_READ, Order)))
    return Found(ids[:limit], None, [], [], len(ids) > limit)


def with_my_changes(actor: Actor, *, limit: int) -> list[int]:
    """Orders with an open change that this person asked for, the newest change first."""
    statement = (
        select(Change.order_id)
        .where(Change.state == ChangeState.OPEN, actor.id == FOLLOWER)
        .group_by(Change.order_id)
        .order_by(func.max(Change.id).desc())
        .limit(limit)
    )
    return list(db.session.scalars(within(statement, actor, Permission.ORDER_READ, Change)))
