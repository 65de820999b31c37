"""What was paid, and the ledger of what became of it."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from shopdesk.core import audit
from shopdesk.core.db import command, db
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store, of_found
from shopdesk.orders.models import Order
from shopdesk.payments import queries, service
from shopdesk.payments.models import LedgerEntry, Payment
from shopdesk.payments.states import POSTINGS, Account, Posting
from tests import make


@command
def followed(order_id, store_id, **values):
    """The order's payments, after the feed told `values`."""
    order = db.session.scalars(in_store(select(Order).where(Order.id == order_id), store_id, Order)).one()
    for name, value in values.items():
        setattr(order, name, value)
    audit.record("test.told", "order", order_id, make.ROOT, store_id=store_id)
    return service.follow(order, actor=Actor.system([store_id]))


@command
def move(name, payment, amount_minor):
    audit.record("test.moved", "payment", payment.id, make.ROOT, store_id=payment.store_id)
    getattr(service, name)(payment, amount_minor, actor=Actor.system([payment.store_id]))


@pytest.fixture
def order(app):
    return make.order()


def now(payment):
    return queries.payment_by_id(payment.id, payment.store_id)


def counters(payment):
    fresh = now(payment)
    return fresh.captured_minor, fresh.reserved_minor, fresh.settled_minor, fresh.outside_minor


@pytest.mark.both_engines
def test_a_payment_is_what_the_order_says_was_paid_and_follows_it(order):
    (payment,) = followed(order.id, order.store_id)
    assert (payment.captured_minor, payment.reference) == (12_800, order.number)
    (same,) = followed(order.id, order.store_id, paid_minor=13_000)
    assert (same.id, same.captured_minor) == (payment.id, 13_000)
    entries = queries.entries_of_order(order.id, order.store_id)
    assert [(e.posting, e.amount_minor) for e in entries] == [(Posting.CAPTURE, 12_800), (Posting.CAPTURE, 200)]


def test_a_lowered_sum_never_falls_below_what_was_given_back(order):
    (payment,) = followed(order.id, order.store_id)
    move("reserve", payment, 5000)
    move("settle", payment, 2000)
    followed(order.id, order.store_id, paid_minor=1000)
    assert counters(payment) == (5000, 3000, 2000, 0)
    assert queries.accounts(queries.entries_of_order(order.id, order.store_id))[Account.HELD] == 0


def test_what_nobody_paid_holds_nothing(app):
    order = make.order(status="unpaid", paid_minor=0, paid_at=None)
    assert followed(order.id, order.store_id) == []


@pytest.mark.both_engines
def test_more_than_is_left_is_not_set_aside_also_of_what_the_platform_paid_back(order):
    (payment,) = followed(order.id, order.store_id)
    move("note_outside", payment, 2800)
    with pytest.raises(RuleViolation) as refused:
        move("reserve", payment, 10_001)
    assert refused.value.facts["left_minor"] == 10_000
    move("reserve", payment, 10_000)
    assert queries.balance([now(payment)]).left_minor == 0


@pytest.mark.parametrize("amount_minor", [0, -5])
def test_nothing_and_less_is_never_set_aside(order, amount_minor):
    (payment,) = followed(order.id, order.store_id)
    with pytest.raises(RuleViolation):
        move("reserve", payment, amount_minor)


def test_what_was_told_outside_only_rises(order):
    (payment,) = followed(order.id, order.store_id)
    for told in (500, 300, 500, 900):
        move("note_outside", payment, told)
    assert counters(payment)[3] == 900
    assert [e.amount_minor for e in queries.entries_of_order(order.id, order.store_id)] == [12_800, 500, 400]


@pytest.mark.both_engines
@pytest.mark.parametrize("statement", ["UPDATE ledger_entry SET amount_minor = 1", "DELETE FROM ledger_entry"])
def test_the_ledger_cannot_be_rewritten(order, statement):
    followed(order.id, order.store_id)
    with pytest.raises(Exception, match="append-only"), db.engine.begin() as connection:
        connection.execute(text(statement))
    assert len(queries.entries_of_order(order.id, order.store_id)) == 1


@pytest.mark.both_engines
@pytest.mark.parametrize(
    "values", [{"reserved_minor": 12_801}, {"settled_minor": -1}, {"reserved_minor": 7000, "settled_minor": 5801}]
)
def test_control_the_database_itself_refuses_more_than_was_captured(order, values):
    (payment,) = followed(order.id, order.store_id)
    db.session.rollback()
    with pytest.raises(Exception, match=r"ck_payment|CHECK"), db.engine.begin() as connection:
        connection.execute(Payment.__table__.update().where(Payment.__table__.c.id == payment.id).values(**values))


def test_every_posting_moves_between_two_accounts():
    assert set(POSTINGS) == set(Posting)
    assert all(falls is not rises for falls, rises in POSTINGS.values())


STEPS = st.lists(
    st.tuples(st.sampled_from(["reserve", "release", "settle", "reverse", "note_outside"]), st.integers(1, 9000)),
    max_size=12,
)


@given(STEPS)
@settings(
    max_examples=30 if "SHOPDESK_CI" in os.environ else 10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_happens_the_ledger_is_the_counters_and_never_more_than_captured_goes_back(app, steps):
    order = make.order()
    (payment,) = followed(order.id, order.store_id)
    done = 0
    for name, amount_minor in steps:
        try:
            move(name, payment, amount_minor)
            done += 1
        except (RuleViolation, RuntimeError):
            db.session.rollback()
    captured, reserved, settled, outside = counters(payment)
    assert settled + reserved <= captured == 12_800
    accounts = queries.accounts(queries.entries_of_order(order.id, order.store_id))
    assert sum(accounts.values()) == 0
    found = {account: accounts[account] for account in (Account.RESERVED, Account.REFUNDED, Account.OUTSIDE)}
    assert found == {Account.RESERVED: reserved, Account.REFUNDED: settled, Account.OUTSIDE: outside}
    rows = db.session.scalars(of_found(select(LedgerEntry).where(LedgerEntry.payment_id == payment.id))).all()
    assert len(rows) <= done + 1
