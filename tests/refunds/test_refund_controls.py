"""The negative controls: each guard taken away, and the checks that hold the real desk must go red (trust.md rule 10).

Small and without chance: two clerks, or one worker that dies, in the one order of steps that shows it.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from shopdesk.core import pausing
from shopdesk.core.db import db, rows_changed, transaction
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.outbound import paying as loop
from shopdesk.payments import queries as payments
from shopdesk.payments import service as money
from shopdesk.payments.models import Payment
from shopdesk.payments.states import Posting
from shopdesk.refunds import queries, service
from shopdesk.refunds.service import paying
from shopdesk.refunds.states import OPEN_PAYOUTS, PayoutState
from tests import make
from tests.payments.test_payments import followed
from tests.refunds import world
from tests.refunds.bank import Bank, Crash, Mode
from tests.refunds.scenes import later

HALF = world.PAID // 2 + 1  # twice is more than was paid


class Red(AssertionError):
    """What a check of the real desk says of a broken one."""


def two_clerks(app, monkeypatch, *, as_they_looked: bool) -> None:
    """Both look, then both refund more than half; `as_they_looked`: each decides by what they saw."""
    store = world.store()
    order, who = make.order(store), world.agent(store)
    bank = Bank()
    if as_they_looked:
        seen = payments.balance(money_of(order))
        monkeypatch.setattr(payments, "balance", lambda _there: seen)
    made = []
    for _ in range(2):
        try:
            made.append(world.refund(order, HALF, by=who))
        except Exception as error:
            db.session.rollback()
            if getattr(error, "code", None) != "more_than_left":
                raise Red(f"a clerk met {type(error).__name__}") from error
    monkeypatch.undo()
    for one in made:
        world.run(one, bank)
    if bank.paid_minor > world.PAID:
        raise Red(f"{bank.paid_minor} went out of {world.PAID}")
    check(order)


def money_of(order):
    followed(order.id, order.store_id)
    return payments.payments_of_order(order.id, order.store_id)


def check(order) -> None:
    try:
        world.check_books(order.id, order.store_id)
    except AssertionError as error:
        raise Red(str(error)) from error


def test_of_two_clerks_who_saw_the_same_the_real_desk_refuses_the_second(app, monkeypatch):
    two_clerks(app, monkeypatch, as_they_looked=True)


def test_control_without_the_condition_of_the_reserve_it_is_red(app, monkeypatch):
    """Only the CHECK is left: the money stays, and a clerk meets an error instead of a sentence."""
    real = money._moved
    monkeypatch.setattr(money, "_moved", lambda payment, _room, **values: real(payment, Payment.id > 0, **values))
    with pytest.raises(Red, match="IntegrityError"):
        two_clerks(app, monkeypatch, as_they_looked=True)


def test_control_with_a_row_lock_and_a_comparison_in_python_it_is_red(app, monkeypatch):
    """Locked, compared with what was read before the lock, written as a sum: the second write eats the first."""
    store = world.store()
    order = make.order(store)
    seen = payments.balance(money_of(order))

    def reserve(payment, amount_minor, *, actor, payout_id=None):
        paying._payment(paying.locked(payout_id, store.id), lock=True)
        if seen.settled_minor + seen.reserved_minor + amount_minor > seen.captured_minor:
            raise AssertionError("never: it was read before")
        written = update(Payment).where(Payment.id == payment.id)
        rows_changed(
            in_store(written, payment.store_id, Payment).values(reserved_minor=seen.reserved_minor + amount_minor)
        )
        money._post(payment, Posting.RESERVE, amount_minor, actor, payout_id)

    monkeypatch.setattr(money, "reserve", reserve)
    monkeypatch.setattr(payments, "balance", lambda _there: seen)
    who = world.agent(store)
    made = [world.refund(order, HALF, by=who) for _ in range(2)]
    monkeypatch.undo()
    assert len(made) == 2
    with pytest.raises(Red):
        check(order)


# -- one worker that dies after the place has paid


def a_worker_dies(monkeypatch, pay=loop.pay_out) -> None:
    """Sent, and the worker dies before the answer is kept; then two looks in which nothing goes wrong."""
    store = world.store()
    order = make.order(store)
    bank, made = Bank(), world.refund(order, by=world.agent(store))
    (payout,) = world.payouts(made)
    payout_id, store_id, refund_id, order_id = payout.id, store.id, made.id, order.id
    with monkeypatch.context() as dying:
        dying.setattr(service, "settle", lambda *_args, **_kw: (_ for _ in ()).throw(Crash))
        with pytest.raises(Crash):
            pay(store_id, payout_id, {"bank": bank})
        db.session.rollback()
    for minutes in (2, 40, 80):
        with later(minutes):
            try:
                pay(store_id, payout_id, {"bank": bank})
            finally:
                db.session.rollback()
    _judge(bank, order_id, store_id, refund_id)


def _judge(bank, order_id, store_id, refund_id) -> None:
    found = queries.payouts_of([refund_id], store_id)
    if bank.paid_minor > sum(p.amount_minor for p in found):
        raise Red("executed twice")
    if any(p.state in OPEN_PAYOUTS for p in found):
        raise Red("stuck")
    if bank.asked == 0:
        raise Red("sent again before it was asked")
    assert sum(p.settled_minor for p in found if p.state is PayoutState.SUCCEEDED) == bank.paid_minor
    world.check_books(order_id, store_id)


def test_a_worker_that_dies_after_the_sending_pays_once(app, monkeypatch):
    a_worker_dies(monkeypatch)


def test_control_with_a_new_number_at_every_try_it_is_red(app, monkeypatch):
    frozen, numbers = paying._frozen, iter(range(100))
    monkeypatch.setattr(
        paying, "_frozen", lambda payout, refund: replace(frozen(payout, refund), number=f"R-{next(numbers)}")
    )
    with pytest.raises(Red, match="executed twice"):
        a_worker_dies(monkeypatch)


def test_control_with_the_sending_inside_the_transaction_it_is_red(app, monkeypatch):
    """What the crash rolls back is that something was sent: so it goes out again, unasked."""
    monkeypatch.setattr(pausing, "has_gone_back", lambda *_: False)

    def in_one(store_id, payout_id, places):
        with transaction():
            return loop.pay_out(store_id, payout_id, places)

    with pytest.raises(Red, match="before it was asked"):
        a_worker_dies(monkeypatch, in_one)


def test_the_mark_beside_the_database_mends_even_that(app, monkeypatch):
    """A sending that the database has forgotten pauses the senders, whatever made it forget: it is asked for."""

    def in_one(store_id, payout_id, places):
        with transaction(traced=False):
            return loop.pay_out(store_id, payout_id, places)

    a_worker_dies(monkeypatch, in_one)
    assert loop.pause_now().why is pausing.Why.RESTORED


def test_the_tests_own_bank_can_be_made_to_pay_twice(app):
    """The control of the controls: a bank that cannot would prove nothing."""
    bank = Bank()
    store = world.store()
    made = world.refund(make.order(store), by=world.agent(store))
    (payout,) = world.payouts(made)
    task = service.begin(payout.id, store.id, {"bank": bank.rules}, actor=Actor.system([store.id]))
    bank.send(task.payout)
    bank.known.clear()
    bank.send(task.payout)
    assert bank.executed_twice == [task.payout.number]
    assert bank.mode is Mode.OK
