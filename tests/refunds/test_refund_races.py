"""Many at the same moment on one order's money, on both engines: never more than was paid (trust.md R10, R12)."""

from __future__ import annotations

import os

import pytest

from shopdesk.core.permissions import Role
from shopdesk.outbound.paying import pay_out
from shopdesk.payments import service as money
from shopdesk.payments.models import Payment
from shopdesk.refunds import service
from shopdesk.refunds.states import PayoutState
from tests import make
from tests.racing import race, rounds
from tests.refunds import world
from tests.refunds.bank import Bank
from tests.refunds.rushing import rush, rush_served

CLERKS = (4, 2, 8, 16, 32)  # in turns
ROUNDS = rounds(3)


@pytest.mark.both_engines
def test_r10_r12_clerks_who_refund_at_once_never_give_back_more_than_was_paid(app):
    found = rush(app, rounds(5), CLERKS)
    assert found.problems == []
    assert found.told["ok"] > found.rounds  # two clerks get a third each, more get three


@pytest.mark.both_engines
@pytest.mark.enable_socket
@pytest.mark.skipif("SHOPDESK_CI" not in os.environ, reason="250 rounds on each engine: CI and the benchmarks")
def test_r10_r12_the_same_over_http_against_web_processes(app, tmp_path):
    """Never more than was paid, nothing promised and lost, no error of the server: another word is a contradiction."""
    found = rush_served(app, tmp_path, 250, CLERKS)
    assert found.problems == []
    assert set(found.told) == {"ok", "more_than_left"}


@pytest.mark.both_engines
@pytest.mark.mission("M098")
def test_e37_of_two_who_approve_at_once_one_wins_and_the_money_is_reserved_once(app):
    store = world.store(refund_limit_minor=0)
    who = world.agent(store)
    bosses = [make.actor(Role.SUPERVISOR, store_id=store.id) for _ in range(2)]
    for _ in range(ROUNDS):
        order = make.order(store)
        made_id = world.refund(order, 500, by=who).id
        found = race(app, *[lambda b=b: service.approve(made_id, actor=b) for b in bosses])  # noqa: B023
        assert sorted(found) in (["already_there", "ok"], ["ok", "wrong_state"])
        assert world.balance(order).reserved_minor == 500
        world.check_books(order.id, store.id)


@pytest.mark.both_engines
def test_of_two_workers_at_once_one_sends(app):
    store = world.store()
    who = world.agent(store)
    for _ in range(ROUNDS):
        order, bank = make.order(store), Bank()
        made = world.refund(order, 500, by=who)
        payout_id, store_id = world.payouts(made)[0].id, store.id
        race(app, *[lambda: pay_out(store_id, payout_id, {"bank": bank})] * 2)  # noqa: B023
        assert len(bank.paid) == 1
        assert bank.asked == 0
        assert [payout.state for payout in world.payouts(made)] == [PayoutState.SUCCEEDED]
        world.check_books(order.id, store.id)


@pytest.mark.both_engines
def test_control_who_sums_and_compares_gives_back_too_much(app, monkeypatch):
    """Without the condition of the UPDATE only the CHECK would be left: it goes red, the money does not go out."""
    store = world.store()
    order = make.order(store)
    who = world.agent(store)
    world.refund(order, 12_000, by=who)
    real = money._moved
    monkeypatch.setattr(money, "_moved", lambda payment, _condition, **values: real(payment, Payment.id > 0, **values))
    monkeypatch.setattr("shopdesk.refunds.service.asking._check_left", lambda *_: None)
    monkeypatch.setattr("shopdesk.payments.rules.spread", lambda amount, left: [amount])
    with pytest.raises(Exception, match=r"never_more_than_captured|CHECK"):
        world.refund(order, 12_000, by=who)
