"""A platform that pays refunds, and the books that are held against what it paid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from shopdesk.cases.states import PaidTo
from shopdesk.core import audit
from shopdesk.core.db import command, db
from shopdesk.core.scope import in_store
from shopdesk.orders.models import Order
from shopdesk.payments import queries as payments
from shopdesk.reconciling import service
from shopdesk.reconciling.models import PlatformRefund
from shopdesk.reconciling.queries import told
from shopdesk.reconciling.service import Refunded
from tests import make
from tests.refunds import world

START = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


@command
def tell(order, number, amount_minor, minutes, *, paid=True):
    """A list of that minute says it."""
    statement = select(Order).where(Order.id == order.id).with_for_update(key_share=True)
    fresh = in_store(statement.execution_options(populate_existing=True), order.store_id, Order)
    there = db.session.scalars(fresh).one()
    service.hear_platform(there, Refunded(number, amount_minor, paid), as_of=at(minutes), actor=make.ROOT)
    audit.record("test.told", "order", order.id, make.ROOT, store_id=order.store_id)


def ask(order, amount_minor, agent):
    """A refund that the platform is to pay; its one payout."""
    return world.payouts(world.refund(order, amount_minor, by=agent, destination=PaidTo.PLATFORM))[0]


def sums(order):
    """(set aside, given back by us, outside)."""
    found = world.balance(order)
    return found.reserved_minor, found.settled_minor, found.outside_minor


def counted(order):
    db.session.rollback()
    statement = select(PlatformRefund).where(PlatformRefund.order_id == order.id).order_by(PlatformRefund.number)
    return {n.number: str(n.counts_as) for n in db.session.scalars(in_store(statement, order.store_id, PlatformRefund))}


def tasks(order):
    db.session.rollback()
    return [(str(one.state), one.amount_minor) for one in told.recoveries_of(order.id, order.store_id)]


def check(order):
    """The ledger holds what the counters say, and the rows what stands as outside."""
    db.session.rollback()
    there = payments.payments_of_order(order.id, order.store_id)
    found = payments.accounts(payments.entries_of_order(order.id, order.store_id))
    assert sum(found.values()) == 0
    statement = select(PlatformRefund.booked_minor).where(PlatformRefund.order_id == order.id)
    booked = sum(db.session.scalars(in_store(statement, order.store_id, PlatformRefund)))
    assert payments.balance(there).outside_minor == booked == found["outside"]
