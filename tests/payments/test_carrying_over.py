"""What people had noted as paid back before payments existed counts on them from then on (migration 0027)."""

from __future__ import annotations

import importlib

import pytest

from shopdesk.cases import service as cases
from shopdesk.cases.service import Paid
from shopdesk.cases.states import AmountPart, PaidTo, Resolution
from shopdesk.core.db import command, db
from shopdesk.core.errors import RuleViolation
from shopdesk.orders.models import Order
from shopdesk.orders.service import note_payment
from shopdesk.orders.service.paying import Payment as Noted
from shopdesk.orders.states import OrderStatus, PayMethod
from shopdesk.payments import queries, service
from shopdesk.staff.models import Platform
from tests import after_sale_made as made
from tests import make
from tests.payments.test_payments import followed
from tests.refunds import world

migration = importlib.import_module("migrations.versions.0027_money_back")


def carried_over() -> None:
    db.session.rollback()
    with db.engine.begin() as connection:
        migration.carry_over(connection)


@pytest.fixture
def before_payments(monkeypatch):
    """As it was: an entry by hand left no payment behind."""
    with monkeypatch.context() as then:
        then.setattr(service, "pay_by_hand", lambda *_args, **_kw: None)
        yield


@pytest.mark.both_engines
def test_what_a_case_had_given_back_is_taken_from_what_is_left(app, before_payments):
    case, who = made.resolving()
    cases.add_resolution(case.id, Resolution.REFUND, actor=who)
    cases.answer_invoice(case.id, is_sent=False, actor=who)
    (line_id,) = made.line_ids(case)
    cases.decide_refund(case.id, {line_id: 1}, amount_minor=5000, actor=who)
    cases.settle(case.id, AmountPart.MONEY, Paid(3000, PaidTo.PLATFORM), actor=who)
    carried_over()
    (payment,) = queries.payments_of_order(case.order_id, case.store_id)
    assert (payment.settled_minor, payment.reserved_minor) == (3000, 0)
    told = payment.captured_minor
    (same,) = followed(case.order_id, case.store_id)
    assert (same.id, same.captured_minor) == (payment.id, told)
    assert sum(queries.accounts(queries.entries_of_order(case.order_id, case.store_id)).values()) == 0


@pytest.mark.both_engines
def test_what_was_paid_by_hand_is_not_counted_twice(app, before_payments):
    store = make.store("phone-shop", platform=Platform.PHONE)
    order = make.order(store, status="unpaid", paid_minor=0, paid_at=None, total_minor=12_800)

    @command
    def pay():
        note_payment(db.session.merge(order), store, Noted(12_800, PayMethod.CARD, "POS-77"), actor=make.ROOT)

    pay()
    order_id, store_id = order.id, store.id
    make.fact(order, made.Stage.SHIPPED)
    case, who = made.resolving(order=db.session.get(Order, order_id, execution_options={"store_scope": ()}))
    cases.add_resolution(case.id, Resolution.REFUND, actor=who)
    cases.answer_invoice(case.id, is_sent=False, actor=who)
    cases.decide_refund(case.id, {made.line_ids(case)[0]: 1}, amount_minor=4000, actor=who)
    cases.settle(case.id, AmountPart.MONEY, Paid(4000, PaidTo.BALANCE), actor=who)
    carried_over()
    followed(order_id, store_id)
    assert queries.balance(queries.payments_of_order(order_id, store_id)).left_minor == 8_800


def resolved(order=None, **more):
    case, who = made.resolving(order=order, **more)
    cases.add_resolution(case.id, Resolution.REFUND, actor=who)
    cases.answer_invoice(case.id, is_sent=False, actor=who)
    cases.decide_refund(case.id, {made.line_ids(case)[0]: 1}, actor=who)
    return case, who


def test_what_is_noted_by_hand_leaves_less_for_a_direct_refund(app):
    case, who = resolved()
    paid_minor = queries.balance(followed(case.order_id, case.store_id)).left_minor
    cases.settle(case.id, AmountPart.MONEY, Paid(5000, PaidTo.PLATFORM), actor=who)
    with pytest.raises(RuleViolation) as refused:
        world.service.request(case.order_id, world.wish(paid_minor - 4999), actor=who)
    assert (refused.value.code, refused.value.facts["left_minor"]) == ("more_than_left", paid_minor - 5000)


def test_what_people_note_as_paid_back_is_a_fact_also_beyond_what_is_left(app):
    case, who = resolved()
    paid_minor = queries.balance(followed(case.order_id, case.store_id)).left_minor
    world.service.request(case.order_id, world.wish(paid_minor - 100), actor=who)
    cases.settle(case.id, AmountPart.MONEY, Paid(12_800, PaidTo.PLATFORM), actor=who)
    assert queries.balance(queries.payments_of_order(case.order_id, case.store_id)).left_minor == 0


def test_an_order_that_is_told_as_closed_and_paid_with_nothing_keeps_what_was_paid(app):
    case, who = resolved()
    followed(case.order_id, case.store_id, status=OrderStatus.CLOSED, paid_minor=0)
    assert queries.balance(queries.payments_of_order(case.order_id, case.store_id)).left_minor == 12_800
    cases.settle(case.id, AmountPart.MONEY, Paid(12_800, PaidTo.PLATFORM), actor=who)
    assert queries.balance(queries.payments_of_order(case.order_id, case.store_id)).settled_minor == 12_800
