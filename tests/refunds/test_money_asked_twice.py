"""Every command of refunds and finance sent twice under one key: the second writes nothing."""

from __future__ import annotations

import io
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from sqlalchemy import event

from shopdesk.changes.states import Kind
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.outbound import paying
from shopdesk.refunds.states import PayoutState
from shopdesk.staff.models import REFUND_LIMIT, REFUND_PLACES
from tests import after_sale_made as made
from tests import make, worlds
from tests.refunds import world
from tests.refunds.bank import Bank, Mode
from tests.refunds.test_refunds_of_cases import decided
from tests.refunds.test_refunds_of_changes import step

WHERE = {"destination": "original", "reason": "晚到三天"}
BY_HAND = {"destination": "bank", "account": "6222020200112233445", "reason": "晚到三天"}
#: Of the machinery: when a token was used last.
BESIDE = ("UPDATE api_token",)
WRITES = ("INSERT", "UPDATE", "DELETE")


@contextmanager
def written():
    """The statements that write, from now on."""
    found = []

    def note(_connection, _cursor, statement, *_):
        if statement.startswith(WRITES) and not statement.startswith(BESIDE):
            found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


class Twice:
    """`ask(path, body)`: sent, sent again under the same key, and compared."""

    def __init__(self, call):
        self.call, self.count = call, 0

    def __call__(self, path, body=None, **files):
        self.count += 1
        with written() as first:
            sent = [self._send(path, body, files)]
        with written() as again:
            sent.append(self._send(path, body, files))
        assert sent[0].status_code in {200, 201}, (path, sent[0].text)
        assert (sent[1].status_code, sent[1].json) == (sent[0].status_code, sent[0].json), path
        assert first, path
        assert again == [], path
        return sent[0].json

    def _send(self, path, body, files):
        if not files:
            return self.call("POST", path, body, key=f"twice-{self.count}")
        headers = {**self.call.headers, "Idempotency-Key": f"twice-{self.count}"}
        data = {name: (io.BytesIO(content), "回单.jpg") for name, content in files.items()}
        return self.call.client.post(f"/api/v1{path}", data=data, headers=headers)


@pytest.fixture
def store(app):
    return world.store()


@pytest.fixture
def bank(monkeypatch):
    there = Bank()
    monkeypatch.setattr(paying, "ours", lambda: {"bank": there})
    return there


@pytest.fixture
def agent(store, api):
    return Twice(api(make.person(Role.AFTER_SALE, Role.INTEGRATION, store_id=store.id)))


@pytest.fixture
def finance(store, api):
    return Twice(api(make.person(Role.FINANCE, store_id=store.id)))


@pytest.fixture
def boss(store, api):
    return Twice(api(make.person(Role.SUPERVISOR, store_id=store.id)))


def wanted(**more):
    return {"kind": "goodwill", "amount_minor": 500, **WHERE, **more}


def test_asked_approved_rejected_and_withdrawn(store, agent, boss):
    world._set(store, {REFUND_LIMIT: 0})
    order = make.order(store)
    agent(f"/orders/{order.id}/refund-quote", {"kind": "goodwill", "amount_minor": 500})
    first, second, third = (agent(f"/orders/{order.id}/refunds", wanted())["id"] for _ in range(3))
    assert boss(f"/refunds/{first}/approval", {})["state"] == "approved"
    boss(f"/refunds/{second}/rejection", {"reason": "先查一下"})
    agent(f"/refunds/{third}/withdrawal", {"reason": "客户不要了"})
    assert world.balance(order).reserved_minor == 500
    world.check_books(order.id, store.id)


def test_paid_by_hand_with_receipt_given_up_and_followed(store, agent, finance):
    order = make.order(store)
    refunds = [agent(f"/orders/{order.id}/refunds", wanted(**BY_HAND)) for _ in range(2)]
    paid, failed = (refund["payouts"][0]["id"] for refund in refunds)
    for refund in refunds:
        finance(f"/refunds/{refund['id']}/look", {})
    finance(f"/payouts/{paid}/confirmation", {"reference": "ICBC-778"})
    finance(f"/payouts/{paid}/receipts", photos=make.photo())
    finance(f"/payouts/{failed}/given-up", {})
    finance(f"/payouts/{failed}/follow-up", {"answer": "asked_anew"})
    balance = world.balance(order)
    assert (balance.reserved_minor, balance.settled_minor) == (0, 500)
    world.check_books(order.id, store.id)


def test_verified_where_the_place_tells_nothing_sure(store, agent, boss, bank):
    order = make.order(store)
    agent(f"/orders/{order.id}/refunds", wanted())
    bank.mode = Mode.WRONG_AMOUNT
    paying.pay_what_is_due()
    (payout,) = world.payouts(world.queries.refunds_of_order(order.id, store.id)[0])
    assert payout.state is PayoutState.UNKNOWN
    told = boss(f"/payouts/{payout.id}/verification", {"state": "succeeded", "evidence": "E-1"})
    assert told["state"] == "succeeded"
    assert world.balance(order).settled_minor == 500
    world.check_books(order.id, store.id)


def test_of_a_case_and_of_a_cancellation(store, agent, api):
    case, _who = decided(store)
    owner = Twice(api(SimpleNamespace(id=case.owner_id)))
    asked = {"units": [{"line_id": str(line), "units": 1} for line in made.line_ids(case)]}
    owner(f"/cases/{case.id}/refund-quote", asked)
    owner(f"/cases/{case.id}/refunds", asked | WHERE)
    change = make.change(make.order(store), Kind.CANCEL, {"text": None}, by=make.actor(Role.PRE_SALE))
    change = worlds.do(change, "void", make.actor(Role.PRINTING), worlds.Evidence())
    agent(f"/changes/{change.id}/steps/{step(change).position}/refund", WHERE)
    for order_id in (made.now(case).order_id, change.order_id):
        world.check_books(order_id, store.id)


def test_told_by_the_platform_recovered_and_written_off(api, finance, boss):
    shop = make.store("told-shop")
    world._set(shop, {REFUND_PLACES: {}})
    feed = Twice(api(make.person(Role.INTEGRATION)))
    money, chief = (Twice(api(make.person(role))) for role in (Role.FINANCE, Role.SUPERVISOR))
    orders = [make.order(shop) for _ in range(2)]
    items = [
        {
            "number": f"T{order.id}", "order": order.number, "state": "paid",
            "amount": {"amount_minor": 13_000, "currency": "CNY"},
        }
        for order in orders
    ]  # fmt: skip
    feed("/stores/told-shop/platform-refunds", {"as_of": clock.now().isoformat(), "items": items})
    first, second = (one["id"] for one in money.call("GET", "/recoveries").json["items"])
    money(f"/recoveries/{first}/recovered", {"reference": "ALI-77"})
    chief(f"/recoveries/{second}/write-off", {"reason": "太少"})
    assert [world.balance(order).outside_minor for order in orders] == [13_000] * 2


def test_the_control_under_another_key_it_is_done_twice(store, agent):
    order = make.order(store)
    agent(f"/orders/{order.id}/refunds", wanted())
    with written() as found:
        agent.call("POST", f"/orders/{order.id}/refunds", wanted(), key="another")
    assert any(statement.startswith("INSERT INTO refund_payment") for statement in found)
