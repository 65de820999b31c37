"""A note by hand of money paid back keeps which payment got which part, and only that comes back with it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from shopdesk.cases import service as cases
from shopdesk.cases.service import Paid
from shopdesk.cases.states import AmountPart, PaidTo
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import Conflict, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.orders.models import Order, OrderLink
from shopdesk.orders.states import LinkKind
from shopdesk.payments import queries, service
from shopdesk.refunds import service as refunds
from tests import make
from tests.payments.test_carrying_over import resolved
from tests.payments.test_payments import followed
from tests.refunds import world
from tests.refunds.bank import Bank
from tests.refunds.scenes import two_payments

ROOT = make.ROOT


@command
def by_hand(name, order_id, store_id, *amount, note):
    order = db.session.scalars(in_store(select(Order).where(Order.id == order_id), store_id, Order)).one()
    audit.record("test.noted", "order", order_id, ROOT, store_id=store_id)
    return getattr(service, name)(order, *amount, note=note, actor=ROOT)


def settled(order):
    db.session.rollback()
    return [p.settled_minor for p in queries.payments_of_order(order.id, order.store_id)]


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_note_that_was_wrong_gives_back_exactly_its_own_parts(app):
    order = two_payments(world.store())  # 3000, then 2000
    for amount, note in ((1500, "a:1"), (1000, "a:2"), (700, "a:3")):
        assert by_hand("pay_by_hand", order.id, order.store_id, amount, note=note) == amount
    assert settled(order) == [1200, 2000]
    assert by_hand("take_back_by_hand", order.id, order.store_id, note="a:1") == 1500
    assert settled(order) == [1200, 500]  # the first payment first would have been [0, 1700]
    assert by_hand("take_back_by_hand", order.id, order.store_id, note="a:1") == 0
    assert by_hand("take_back_by_hand", order.id, order.store_id, note="a:2") == 1000
    assert settled(order) == [700, 0]
    assert sum(queries.accounts(queries.entries_of_order(order.id, order.store_id)).values()) == 0


def test_what_the_payments_did_not_hold_does_not_come_back_either(app):
    order = make.order(world.store())
    assert by_hand("pay_by_hand", order.id, order.store_id, world.PAID + 500, note="a:1") == world.PAID
    assert by_hand("take_back_by_hand", order.id, order.store_id, note="a:1") == world.PAID
    assert settled(order) == [0]


def test_taking_back_an_entry_of_a_case_leaves_what_a_payout_paid(app):
    case, who = resolved()
    order = db.session.get(Order, case.order_id, execution_options={"store_scope": ()})
    followed(case.order_id, case.store_id)
    noted = cases.settle(case.id, AmountPart.MONEY, Paid(3000, PaidTo.PLATFORM), actor=who)
    noted_id = noted.id
    world._set(_store(case), {
        "refund_places": {"original": "bank"}})  # fmt: skip
    made = world.refund(order, 500, by=who)
    refunds.note_look(made.id, actor=make.actor(Role.FINANCE, store_id=case.store_id))
    world.run(made, Bank())
    assert settled(order) == [3500]
    cases.take_back_settlement(case.id, noted_id, "wrong order", actor=who)
    assert settled(order) == [500]


def _store(case):
    from shopdesk.staff import queries as staff

    return staff.store_by_id(case.store_id)


def test_a_reference_of_an_entry_in_a_case_proves_no_payout(app):
    case, who = resolved()
    order = db.session.get(Order, case.order_id, execution_options={"store_scope": ()})
    cases.settle(case.id, AmountPart.MONEY, Paid(3000, PaidTo.TRANSFER, "6222 0202", "TX-77"), actor=who)
    made = world.refund(order, 500, by=who, destination=PaidTo.TRANSFER, account="6222 0202")
    finance = make.actor(Role.FINANCE, store_id=case.store_id)
    refunds.note_look(made.id, actor=finance)
    with pytest.raises(Conflict, match="entry of a case"):
        refunds.confirm(world.payouts(made)[0].id, "TX-77", actor=finance)


# -- goods that went out again were paid with the sale


@command
def exchanged(sale, store):
    again = make.order(store, status="paid", paid_minor=0, paid_at=None, total_minor=0)
    db.session.add(
        OrderLink(store_id=store.id, order_id=sale.id, other_id=again.id, kind=LinkKind.EXCHANGE, made_at=clock.now())
    )
    audit.record("test.linked", "order", again.id, ROOT, store_id=store.id)
    return again


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_refund_of_what_went_out_in_exchange_is_of_the_sales_money(app):
    store = world.store()
    sale = make.order(store)
    again = exchanged(sale, store)
    made = world.refund(again, 500, by=world.agent(store))
    assert (made.order_id, world.balance(sale).reserved_minor) == (sale.id, 500)
    with pytest.raises(RuleViolation) as refused:
        world.refund(sale, world.PAID - 499, by=world.agent(store))
    assert refused.value.facts["left_minor"] == world.PAID - 500
    assert by_hand("pay_by_hand", again.id, store.id, 300, note="a:1") == 300
    assert settled(sale) == [300]
    assert by_hand("take_back_by_hand", again.id, store.id, note="a:1") == 300
    assert settled(sale) == [0]
