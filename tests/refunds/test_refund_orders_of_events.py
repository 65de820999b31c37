"""Whatever comes first, twice or late (a place's webhooks, the platform's lists, the worker): the books end alike."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopdesk.cases.states import PaidTo
from shopdesk.core.permissions import Role
from shopdesk.outbound import paying
from shopdesk.refunds import service
from shopdesk.refunds.states import Hint, PayoutState
from shopdesk.staff.models import REFUND_PLACES
from tests import make
from tests.reconciling.platform import START, tell
from tests.refunds import world
from tests.refunds.bank import Bank, Mode

#: What is told of an order with a payout by the bank, which it has made, and one by the platform.
EVENTS = ("hook e1", "hook e1", "hook e2", "worker", "list 5", "list 5", "list 9", "outside 7")


@given(st.permutations(EVENTS))
@settings(
    max_examples=25 if "SHOPDESK_CI" in os.environ else 3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_in_whatever_order_webhooks_and_lists_come_the_books_end_alike(bank_of_all, events):
    bank, store, agent, finance = bank_of_all
    with time_machine.travel(START, tick=False) as day:
        order = make.order(store, as_of=START - timedelta(hours=1))
        ours = world.refund(order, 700, by=agent, destination=PaidTo.ALIPAY, account="xiaoyu@example.com")
        at_platform = world.refund(order, 500, by=agent, destination=PaidTo.PLATFORM)
        service.note_look(ours.id, actor=finance)
        bank.mode = Mode.PENDING  # it has paid, and says so only to who asks
        paying.pay_what_is_due()
        bank.mode = Mode.OK
        number = world.payouts(ours)[0].number
        for event in events:
            happen(event, order, number)
        day.shift(timedelta(minutes=40))
        paying.pay_what_is_due()
    assert [p.state for made in (ours, at_platform) for p in world.payouts(made)] == [PayoutState.SUCCEEDED] * 2
    assert bank.executed_twice == []
    balance = world.balance(order)
    assert (balance.reserved_minor, balance.settled_minor, balance.outside_minor) == (0, 1200, 300)
    world.check_books(order.id, order.store_id)


def happen(event, order, number):
    what, _, which = event.partition(" ")
    if what == "hook":
        service.take_in(Hint("bank", f"{number}-{which}", number))
        paying.look_at(number)
    elif what == "worker":
        paying.pay_what_is_due()
    elif what == "list":
        tell(order, f"{order.id}-T1", 500, int(which))
    else:
        tell(order, f"{order.id}-T2", 300, int(which))


@pytest.fixture
def bank_of_all(app, monkeypatch):
    bank = Bank()
    monkeypatch.setattr(paying, "ours", lambda: {"bank": bank})
    store = make.store("told-shop")
    world._set(store, {REFUND_PLACES: {"alipay": "bank"}})
    return bank, store, world.agent(store), make.actor(Role.FINANCE, store_id=store.id)
