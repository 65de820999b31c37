"""Corners of the pipeline: whoever looks, comes late, is gone for a while or pays beside us."""

from __future__ import annotations

import pytest

from shopdesk.core import audit
from shopdesk.core.db import command
from shopdesk.core.errors import IllegalMove
from shopdesk.core.permissions import Actor, Role
from shopdesk.outbound import paying
from shopdesk.outbound.paying import pay_out
from shopdesk.payments import queries as payments
from shopdesk.payments import service as money
from shopdesk.refunds import queries, service
from shopdesk.refunds.states import Answer, Outcome, PayoutState, RefundState
from shopdesk.staff.models import REFUND_LIMIT
from tests import make
from tests.refunds import world
from tests.refunds.bank import Bank, Mode
from tests.refunds.scenes import hear, later, two_payments

P = PayoutState


def test_somebody_who_looks_is_not_overtaken_by_another_sending(order, agent):
    bank = Bank(mode=Mode.DROP)
    made = world.refund(order, by=agent)
    world.run(made, bank)
    with later(60 * 25):
        world.run(made, bank)  # asked: not there, and its patience is over
        bank.mode = Mode.OK
    with later(60 * 26):
        world.run(made, bank)
        world.run(made, bank)
        assert bank.paid == []
        boss = make.actor(Role.SUPERVISOR, store_id=order.store_id)
        assert service.verify(world.payouts(made)[0].id, P.FAILED, "statement 12", actor=boss).state is P.FAILED
    world.check_books(order.id, order.store_id)


def test_a_success_after_the_last_word_is_money_beside_the_books_once(order, agent):
    made = world.refund(order, by=agent)
    world.run(made, Bank(mode=Mode.REFUSED))
    for _ in range(2):
        hear(made, Answer(Outcome.SUCCEEDED, "", 500, "CNY"))
    (payout,) = world.payouts(made)
    assert (payout.state, payout.needs_person, payout.code) == (P.FAILED, True, "paid_after_all")
    assert (world.balance(order).outside_minor, world.balance(order).left_minor) == (500, world.PAID - 500)
    world.check_books(order.id, order.store_id)


def test_a_place_that_is_gone_for_a_while_does_not_strand_what_was_begun(order, agent):
    bank, made = Bank(), world.refund(order, by=agent)
    (payout,) = world.payouts(made)
    desk = Actor.system([order.store_id])
    service.begin(payout.id, payout.store_id, {"bank": bank.rules}, actor=desk)  # and dies
    with later(5):
        pay_out(payout.store_id, payout.id, {})
    with later(20):
        world.run(made, bank)
        assert world.run(made, bank) == [P.SUCCEEDED]
    assert len(bank.paid) == 1


def test_a_limit_is_looked_at_before_the_first_payout_only_and_what_was_sent_is_not_withdrawn(app):
    store, bank = world.store(), Bank(mode=Mode.DROP)
    order, who = two_payments(store), world.agent(store)
    made = world.refund(order, 2500, by=who, **world.TO_ALIPAY)
    assert world.run(made, bank) == [P.UNKNOWN, P.UNKNOWN]
    world._set(store, {REFUND_LIMIT: 100})
    bank.mode = Mode.OK
    with later(2):
        world.run(made, bank)
        world.run(made, bank)
        assert world.run(made, bank) == [P.SUCCEEDED, P.SUCCEEDED]
    assert queries.refund_by_id(made.id, who).state is RefundState.APPROVED
    held = world.refund(order, 2000, by=who)
    assert held.state is RefundState.AWAITING_APPROVAL
    service.withdraw(held.id, "doch nicht", actor=who)
    world.check_books(order.id, order.store_id)


def test_what_was_partly_sent_is_neither_rejected_nor_withdrawn(app):
    store = world.store()
    order, who = make.order(store), world.agent(store)
    made = world.refund(order, 600, by=who)
    world.run(made, Bank(mode=Mode.DROP))
    make._write(made, {"state": RefundState.AWAITING_APPROVAL})
    with pytest.raises(IllegalMove, match="sent already"):
        service.withdraw(made.id, "nein", actor=who)


def test_what_somebody_else_paid_back_meanwhile_is_not_sent(order, agent):
    bank, made = Bank(), world.refund(order, world.PAID, by=agent)

    @command
    def told():
        payment = payments.payments_of_order(order.id, order.store_id)[0]
        money.note_outside(payment, 5000, actor=Actor.system([order.store_id]))
        audit.record("test.told", "payment", payment.id, make.ROOT, store_id=order.store_id)

    told()
    assert world.run(made, bank) == [P.RESERVED]
    assert bank.paid == []
    assert world.payouts(made)[0].needs_person is True


def test_an_answer_that_says_look_brings_a_person_at_once(order, agent):
    class Odd(Bank):
        def ask(self, number):
            return Answer(Outcome.UNKNOWN, "desk.other_amount", look=True)

    bank = Odd(mode=Mode.COMMIT_THEN_DROP)
    made = world.refund(order, by=agent)
    world.run(made, bank)
    with later(2):
        world.run(made, bank)
    assert world.payouts(made)[0].needs_person is True


def test_a_worker_that_hears_what_a_webhook_brought_first_changes_nothing(order, agent):
    bank, made = Bank(), world.refund(order, by=agent)
    (payout,) = world.payouts(made)
    desk = Actor.system([order.store_id])
    task = service.begin(payout.id, payout.store_id, {"bank": bank.rules}, actor=desk)
    answer = bank.send(task.payout)
    service.learn(payout.id, payout.store_id, answer, bank.rules, actor=desk)
    assert service.settle(task, answer, bank.rules, actor=desk) is P.SUCCEEDED
    world.check_books(order.id, order.store_id)


def test_one_payout_that_cannot_be_begun_keeps_no_other_from_its_turn(order, agent, monkeypatch):
    bank = Bank()
    spoilt, good = world.refund(order, 100, by=agent), world.refund(order, 200, by=agent)
    first = world.payouts(spoilt)[0].id
    real = service.begin
    monkeypatch.setattr(paying, "ours", lambda: {"bank": bank})

    def begins(payout_id, *args, **kwargs):
        if payout_id == first:
            raise RuntimeError("spoilt")
        return real(payout_id, *args, **kwargs)

    monkeypatch.setattr(service, "begin", begins)
    assert paying.pay_what_is_due() == 1
    assert [payout.state for payout in world.payouts(good)] == [P.SUCCEEDED]
