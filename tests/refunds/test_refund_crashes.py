"""Crashes, lost answers and repeated looks in any order: no refund is executed twice, lost or stuck (trust.md R1–R16).

SHOPDESK_FAULTS raises the number of stories; each prints its seed.
"""

from __future__ import annotations

import os
import random
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from shopdesk.core import clock, pausing
from shopdesk.core.db import db, transaction
from shopdesk.core.permissions import GRANTS, Actor, Permission, Role
from shopdesk.outbound import paying as loop
from shopdesk.outbound.paying import pay_out
from shopdesk.refunds import queries, service
from shopdesk.refunds.service import paying
from shopdesk.refunds.states import OPEN_PAYOUTS, PayoutState, PlaceRules
from tests import make
from tests.refunds import world
from tests.refunds.bank import Bank, Crash, Mode

STORIES = int(os.environ.get("SHOPDESK_FAULTS", "250" if os.environ.get("SHOPDESK_CI") == "1" else "12"))
#: Where the worker dies: before and after each of the three commits, on the way to the place and back.
FORGETS = PlaceRules(key_life=timedelta(hours=1))
POINTS = ("never", "before_begin", "after_begin", "before_settle", "in_settle", "after_settle")


class Worker:
    """The worker's call, dying at one point of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.point = "never"
        begin, settle, end = service.begin, service.settle, paying._end_attempt
        monkeypatch.setattr(service, "begin", self.dying("before_begin", begin, "after_begin"))
        monkeypatch.setattr(service, "settle", self.dying("before_settle", settle, "after_settle"))
        monkeypatch.setattr(paying, "_end_attempt", self.dying("in_settle", end, "in_settle"))

    def dying(self, before, call, after):
        def run(*args, **kwargs):
            if self.point == before:
                raise Crash
            found = call(*args, **kwargs)
            if self.point == after:
                raise Crash
            return found

        return run

    def work(self, store_id: int, refund_id: int, bank: Bank, point: str) -> None:
        self.point = point
        try:
            for payout_id in [payout.id for payout in queries.payouts_of([refund_id], store_id)]:
                pay_out(store_id, payout_id, {"bank": bank})
        except Crash:
            pass
        finally:
            self.point = "never"
            db.session.rollback()


def story(seed: int, worker: Worker, place: PlaceRules = PlaceRules()) -> Bank:  # noqa: B008 it is frozen
    """One refund of a new order through crashes and faults, then half a day in which nothing goes wrong."""
    chance, bank = random.Random(seed), Bank(place)
    store = world.store()
    order = make.order(store)
    made = world.refund(order, chance.randint(1, world.PAID), by=Actor.system([store.id]))
    order_id, store_id, refund_id = order.id, store.id, made.id
    with time_machine.travel(clock.now(), tick=False) as day:
        for _ in range(chance.randint(1, 6)):
            bank.mode = chance.choice([m for m in Mode if m is not Mode.WRONG_AMOUNT])
            worker.work(store_id, refund_id, bank, chance.choice(POINTS))
            day.shift(timedelta(minutes=chance.choice([0, 1, 2, 40])))
        bank.mode = Mode.OK
        for _ in range(12):
            day.shift(timedelta(minutes=31))
            worker.work(store_id, refund_id, bank, "never")
    found = queries.payouts_of([refund_id], store_id)
    states = [payout.state for payout in found]
    assert bank.executed_twice == [], f"seed {seed}: executed twice"
    if place.key_life and any(payout.needs_person for payout in found):
        return bank  # nothing could be found out in time, and nothing is guessed
    assert not set(states) & OPEN_PAYOUTS, f"seed {seed}: stuck in {states}"
    paid = sum(p.amount_minor for p in found if p.state is PayoutState.SUCCEEDED)
    assert bank.paid_minor == paid, f"seed {seed}: the bank paid {bank.paid_minor}, the books say {paid}"
    world.check_books(order_id, store_id)
    return bank


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_no_refund_is_executed_twice_lost_or_stuck_wherever_the_worker_dies(app, monkeypatch):
    worker = Worker(monkeypatch)
    first = random.SystemRandom().randrange(10**6)
    told = [story(first + number, worker) for number in range(STORIES)]
    assert sum(len(bank.paid) for bank in told) > STORIES / 3  # most of them did pay


def test_a_place_that_forgets_numbers_after_an_hour_is_not_made_to_pay_twice(app, monkeypatch):
    worker = Worker(monkeypatch)
    for seed in range(STORIES):
        story(seed, worker, FORGETS)


# -- the controls: without the guard the stories go red


def test_without_asking_first_and_with_a_new_number_the_stories_go_red(app, monkeypatch):
    worker = Worker(monkeypatch)
    frozen, numbers = paying._frozen, iter(range(10**6))

    def renumbered(payout, refund):
        return replace(frozen(payout, refund), number=f"{payout.number}-{next(numbers)}")

    monkeypatch.setattr(paying, "_frozen", renumbered)
    assert reddened(worker)


def test_with_the_place_called_inside_the_transaction_the_stories_go_red(app, monkeypatch):
    """One transaction around all: a crash after the call forgets that anything was sent, and with it to ask first."""
    worker = Worker(monkeypatch)
    monkeypatch.setattr(pausing, "has_gone_back", lambda *_: False)  # it would notice that attempts were forgotten

    def in_one(store_id, payout_id, places):
        with transaction():
            return loop.pay_out(store_id, payout_id, places)

    monkeypatch.setattr(sys.modules[__name__], "pay_out", in_one)
    assert reddened(worker, FORGETS)


def reddened(worker: Worker, place: PlaceRules = PlaceRules()) -> bool:  # noqa: B008
    for seed in range(60):
        try:
            story(seed, worker, place)
        except AssertionError:
            return True
        finally:
            db.session.rollback()
    return False


def test_kept_apart_roles(app):
    """After-sale asks, finance pays, a supervisor verifies: nobody has all three."""
    three = {Permission.REFUND_ASK, Permission.PAYOUT_CONFIRM, Permission.PAYOUT_VERIFY}
    for role in (Role.PRE_SALE, Role.AFTER_SALE, Role.PRINTING, Role.WAREHOUSE, Role.FINANCE, Role.MANAGER):
        assert not three <= GRANTS[role]
    for role in (Role.PRINTING, Role.WAREHOUSE, Role.PRE_SALE):
        assert not three & GRANTS[role]
