"""Which order can be taken back with one click: a single unit that the customer has, in time, and no case yet."""

from __future__ import annotations

from sqlalchemy import select

from shopdesk.cases.models import Case
from shopdesk.cases.states import CasePhase
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.scope import in_store
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order, OrderLine
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Stage
from shopdesk.returns import queries as returns

NEEDED = (Permission.CASE_OPEN, Permission.CASE_ACCEPT, Permission.RETURN_CONFIRM)


def may_take_back(order: Order, who: Actor) -> bool:
    """For somebody of after-sale, who then serves the customer."""
    is_theirs = Role.AFTER_SALE in who.roles.get(order.store_id, frozenset())
    return is_theirs and all(who.may(one, order.store_id) for one in NEEDED) and single_unit(order) is not None


def single_unit(order: Order) -> OrderLine | None:
    """The line of the one unit; None where there is more to it."""
    there = [line for line in orders.lines(order.id, order.store_id) if line.shipped - line.returned - line.in_return]
    if len(there) != 1 or there[0].shipped - there[0].returned - there[0].in_return != 1:
        return None
    stages = {parcel.stage for parcel in parcels.parcels_of_order(order.id, order.store_id)}
    if stages != {Stage.DELIVERED} or _has_open_case(order):
        return None
    return None if returns.window_of(order, [there[0].id]).is_over(clock.now()) else there[0]


def _has_open_case(order: Order) -> bool:
    statement = select(Case.id).where(Case.order_id == order.id, Case.phase != CasePhase.CLOSED).limit(1)
    return db.session.scalar(in_store(statement, order.store_id, Case)) is not None
