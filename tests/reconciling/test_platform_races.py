"""Two lists at once, and a list against finance: a platform's refund is counted once, on both engines."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine

from shopdesk.reconciling import service
from shopdesk.reconciling.queries import told
from shopdesk.refunds import service as refunds
from tests import make
from tests.racing import race, rounds
from tests.reconciling.platform import START, ask, sums, tell
from tests.refunds import world

ROUNDS = rounds(3)


@pytest.mark.both_engines
@pytest.mark.parametrize("by_hand", ["confirm", "give_up"])
def test_two_lists_and_finance_at_once_count_it_once(app, store, agent, finance, by_hand):
    act = {"confirm": lambda id_: refunds.confirm(id_, f"B-{id_}", actor=finance),
           "give_up": lambda id_: refunds.give_up(id_, actor=finance)}[by_hand]  # fmt: skip
    store_id = store.id
    for _ in range(ROUNDS):
        with time_machine.travel(START, tick=False):
            order = make.order(store, as_of=START - timedelta(hours=1))
            payout_id = ask(order, 500, agent).id
            where = SimpleNamespace(id=order.id, store_id=store_id)
            lists = [lambda o=where: tell(o, f"T{o.id}", 500, 5)] * 2
            found = race(app, *lists, lambda p=payout_id: act(p))
        assert found[:2] == ["ok", "ok"]
        assert found[2] in {"ok", "wrong_state"}
        reserved, settled, outside = sums(order)
        assert (reserved, settled + outside) == (0, 500)
        world.check_books(order.id, store_id)


@pytest.mark.both_engines
def test_of_two_who_answer_what_was_overpaid_one_is_refused(app, store, order, finance):
    tell(order, "T1", 13_000, 0)
    task_id = told.recoveries_of(order.id, order.store_id)[0].id
    found = race(app, *[lambda n=n: service.recovered(task_id, f"A-{n}", actor=finance) for n in range(2)])
    assert sorted(found) == ["ok", "wrong_state"]


@pytest.mark.both_engines
def test_a_list_that_tells_the_amount_after_all_and_finance_that_ends_it_as_paid_otherwise_count_it_once(
    app, store, agent, finance
):
    store_id = store.id
    for _ in range(ROUNDS):
        with time_machine.travel(START, tick=False) as clock:
            order = make.order(store, as_of=START - timedelta(hours=1))
            payout_id = ask(order, 500, agent).id
            where = SimpleNamespace(id=order.id, store_id=store_id)
            tell(where, f"T{order.id}", 450, 5)
            clock.shift(timedelta(minutes=10))
            ends = [lambda p=payout_id: service.end_paid_otherwise(p, actor=finance)] * 2
            found = race(app, lambda o=where: tell(o, f"T{o.id}", 500, 7), *ends)
        assert found[0] == "ok"
        assert found[1:].count("ok") <= 1
        reserved, settled, outside = sums(order)
        assert (reserved, settled, outside) == ((0, 0, 500) if "ok" in found[1:] else (0, 500, 0))
        world.check_books(order.id, store_id)
