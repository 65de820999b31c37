"""The worker, the real connector and the fake place in a process of its own: its file is what the books say."""

from __future__ import annotations

import json
import random
import time
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from shopdesk.connectors.places import places
from shopdesk.connectors.places.signature import sign
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.outbox import OutboxItem
from shopdesk.outbound import paying
from shopdesk.refunds import queries
from shopdesk.refunds.states import OPEN_PAYOUTS, PayoutState
from shopdesk.staff.models import REFUND_PLACES
from tests import make
from tests.fake_place import SECRET, FakeProcess
from tests.refunds import world

pytestmark = pytest.mark.enable_socket
STORIES = 12
MODES = ["ok", "commit_then_drop", "drop", "error_before", "error_after", "duplicate"]


@pytest.fixture
def reached(app, fake_place):
    """The desk knows the fake place."""
    kept = {name: app.config[name] for name in fake_place.config}
    app.config.update(fake_place.config)
    app.extensions["places"] = places(app.config)
    yield fake_place
    app.config.update(kept)
    del app.extensions["places"]


def refunded(amount_minor: int = 500) -> tuple[int, int, int, str]:
    store = world.store()
    world._set(store, {REFUND_PLACES: {"original": "fake"}})
    order = make.order(store)
    made = world.refund(order, amount_minor, by=world.agent(store))
    return order.id, store.id, made.id, world.payouts(made)[0].number


def payout(store_id: int, refund_id: int):
    db.session.rollback()
    return queries.payouts_of([refund_id], store_id)[0]


@pytest.mark.both_engines
def test_what_was_approved_is_in_the_places_file_once(reached):
    order_id, store_id, refund_id, number = refunded()
    assert paying.pay_what_is_due() == 1
    assert payout(store_id, refund_id).state is PayoutState.SUCCEEDED
    assert reached.moved(number) == 500
    assert paying.pay_what_is_due() == 0
    world.check_books(order_id, store_id)


def test_whatever_the_place_does_its_file_is_what_the_books_say(reached):
    seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)
    told = []
    with time_machine.travel(clock.now(), tick=True) as day:
        for _ in range(STORIES):
            told.append(refunded(chance.randint(1, world.PAID)))
            for _turn in range(chance.randint(1, 3)):
                reached.behave(chance.choice(MODES), when="next")
                paying.pay_what_is_due()
                day.shift(timedelta(minutes=2))
        reached.control(reset=True)
        for _ in range(8):
            day.shift(timedelta(minutes=31))
            paying.pay_what_is_due()
    for order_id, store_id, refund_id, number in told:
        found = payout(store_id, refund_id)
        assert found.state not in OPEN_PAYOUTS or found.needs_person, f"seed {seed}: {found.state} {found.code}"
        if found.state not in OPEN_PAYOUTS:
            paid = found.amount_minor if found.state is PayoutState.SUCCEEDED else 0
            assert reached.moved(number) == paid, f"seed {seed}"
        assert reached.moved(number) in {0, found.amount_minor}, f"seed {seed}: executed twice"
        world.check_books(order_id, store_id)


def test_r7_a_webhook_before_the_answer_and_again_settles_once(reached, app):
    order_id, store_id, refund_id, number = refunded()
    reached.behave("commit_then_drop")
    paying.pay_what_is_due()
    assert payout(store_id, refund_id).state is PayoutState.UNKNOWN
    paying.look_at(number)
    assert payout(store_id, refund_id).state is PayoutState.SUCCEEDED
    paying.look_at(number)
    world.check_books(order_id, store_id)


def test_r17_a_refund_that_the_place_takes_back_later_is_free_again(reached):
    order_id, store_id, refund_id, number = refunded()
    paying.pay_what_is_due()
    reached.console("take-back", number=number)
    paying.look_at(number)
    paying.look_at(number)
    assert payout(store_id, refund_id).state is PayoutState.REVERSED
    assert reached.moved(number) == 0
    world.check_books(order_id, store_id)


def test_a_place_that_died_in_the_middle_is_asked_when_it_is_back(app, tmp_path):
    with FakeProcess(tmp_path / "book.jsonl") as mortal:
        app.config.update(mortal.config)
        app.extensions["places"] = places(app.config)
        try:
            order_id, store_id, refund_id, number = refunded()
            mortal.kill()
            paying.pay_what_is_due()
            assert payout(store_id, refund_id).state is PayoutState.UNKNOWN
            mortal.start()
            with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
                paying.pay_what_is_due()
                paying.pay_what_is_due()
            assert payout(store_id, refund_id).state is PayoutState.SUCCEEDED
            assert mortal.moved(number) == 500
            world.check_books(order_id, store_id)
        finally:
            app.config.update({"FAKE_PLACE_URL": "", "FAKE_PLACE_SECRET": ""})
            del app.extensions["places"]


def test_what_is_only_accepted_waits_until_the_place_says_more(reached):
    order_id, store_id, refund_id, number = refunded()
    reached.behave("pending")
    paying.pay_what_is_due()
    assert payout(store_id, refund_id).state is PayoutState.UNKNOWN
    reached.console("settle", number=number)
    paying.look_at(number)
    assert payout(store_id, refund_id).state is PayoutState.SUCCEEDED
    world.check_books(order_id, store_id)


def test_a_webhook_is_kept_once_and_a_forged_one_is_refused(reached, browser):
    client, number = browser(), refunded()[3]
    body = json.dumps({"event_id": "E-1", "number": number}).encode()
    signed = {"X-Place-Signature": sign(SECRET, int(time.time()), body)}
    heard = [client.post("/hooks/fake", data=body, headers=signed).status_code for _ in range(2)]
    assert heard == [204, 204]
    waiting = db.session.scalars(select(OutboxItem.topic).where(OutboxItem.topic == "refund.look")).all()
    assert waiting == ["refund.look"]
    assert client.post("/hooks/fake", data=body).status_code == 400
    assert client.post("/hooks/fake", data=body + b" ", headers=signed).status_code == 400
    assert client.post("/hooks/nowhere", data=b"{}").status_code == 404
