"""A stop at the same moment as an import, a print, a change, another end: real threads on both engines."""

import threading
from datetime import timedelta

import pytest

from shopdesk.changes import service as changes
from shopdesk.changes.service import Wished
from shopdesk.changes.states import Kind
from shopdesk.core import clock
from shopdesk.core.db import command, db
from shopdesk.core.permissions import Role
from shopdesk.parcels import service
from shopdesk.parcels.rules.stops import Criteria
from shopdesk.parcels.service import stops
from shopdesk.parcels.states import Stage, StopScope
from tests import invariants, make
from tests.parcels.test_stops import HATS, boss, holding, wanted
from tests.racing import race, rounds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines]
ROUNDS = rounds(3)


def stopping(criteria=HATS):
    store_id, by = make.store().id, boss()
    return lambda: service.stop(store_id, wanted(criteria), actor=by)


def test_no_matching_parcel_stays_free_when_an_import_commits_while_a_stop_is_made(app):
    store = make.store()
    store_id = store.id
    make.order()  # the first of a feed makes its row
    for _ in range(ROUNDS):
        numbers = [make.sale().number for _ in range(4)]
        calls = [lambda n=n: make.order(number=n, buyer_id=n, buyer_nick=n) for n in numbers]
        assert race(app, *calls[:2], stopping(), *calls[2:]) == ["ok"] * 5
        for number in numbers:
            assert len(holding(make.order(number=number))) >= 1
        assert invariants.broken(store_id) == []


def _slow_import(app, seen):
    """An import that has looked at the stops, and commits only when the stop has begun or a second has passed."""

    @command
    def put():
        seen["order"] = make.order(make.store()).id
        seen["looked"].set()
        seen["began"].wait(10)
        seen["stopped"].wait(1)

    with app.app_context():
        put()
        db.session.remove()


def _stop_beside_a_slow_import(app):
    seen = {name: threading.Event() for name in ("looked", "began", "stopped")}
    make.store()
    by = boss()
    db.session.rollback()
    slow = threading.Thread(target=_slow_import, args=(app, seen))
    slow.start()
    assert seen["looked"].wait(10)
    seen["began"].set()
    made = service.stop(make.store().id, wanted(), actor=by)
    seen["stopped"].set()
    slow.join(20)
    db.session.rollback()
    found = make.order(number="look")  # any read after both
    assert found
    return made.id, seen["order"]


def _holds_of(order_id):
    store_id = make.store().id
    from shopdesk.parcels import queries

    parcel = queries.parcels_of_order(order_id, store_id)[0]
    return [h.cause_id for h in queries.open_holds([parcel.id], store_id)]


def test_a_stop_waits_for_an_import_that_has_looked_already(app):
    stop_id, order_id = _stop_beside_a_slow_import(app)
    assert _holds_of(order_id) == [stop_id]


def test_without_the_gate_that_import_slips_through_on_postgresql(app, engine, monkeypatch):
    """The control: the gate is what the test above is about.  SQLite has one writer and needs none."""
    monkeypatch.setattr(stops, "_take_gate", lambda store_id: None)
    stop_id, order_id = _stop_beside_a_slow_import(app)
    assert _holds_of(order_id) == ([stop_id] if engine == "sqlite" else [])


def test_no_stopped_parcel_is_printed_when_both_happen_at_once(app):
    make.store()
    clerk = make.actor(Role.PRINTING)
    for _ in range(ROUNDS):
        order = make.order()
        check_id = changes.make_check([order.number], actor=clerk)[0].id
        printed, stopped = race(
            app, lambda check_id=check_id: changes.mark_printed(check_id, "W1", actor=clerk), stopping()
        )
        assert stopped == "ok"
        assert printed in {"ok", "list_changed", "stage_moved"}
        assert (make.parcel(order).stage is Stage.PRINTED) == (printed == "ok")
        assert len(holding(order)) >= 1
        assert invariants.broken(order.store_id) == []
        for made in holding(order):
            service.end_stop(made, actor=boss())


def test_a_courier_that_changes_while_its_stop_is_made_leaves_no_hold_behind_and_none_out(app):
    make.store()
    asker = make.actor(Role.PRE_SALE)
    yto = Criteria(StopScope.REGION, carrier="圆通")
    for _ in range(ROUNDS):
        out, into = make.order(carrier="圆通速递"), make.order(carrier="顺丰速运")
        assert (
            race(
                app,
                lambda order_id=out.id: changes.ask(order_id, Wished(Kind.COURIER, {"text": "顺丰"}), actor=asker),
                stopping(yto),
                lambda order_id=into.id: changes.ask(order_id, Wished(Kind.COURIER, {"text": "圆通"}), actor=asker),
            )
            == ["ok"] * 3
        )
        assert (holding(out) == [], len(holding(into)) >= 1) == (True, True)
        assert invariants.broken(out.store_id) == []


def test_one_of_two_ends_a_stop_and_its_holds_end_once(app):
    order, by = make.order(), boss()
    stop_id = stopping()().id
    outcomes = race(app, *[lambda: service.end_stop(stop_id, actor=by)] * 2)
    assert sorted(outcomes) == ["ok", "stop_ended"]
    assert (holding(order), make.parcel(order).holds) == ([], 0)


def test_an_import_while_a_stop_ends_keeps_no_hold_of_it(app):
    make.store()
    by = boss()
    for _ in range(ROUNDS):
        stop_id, number = stopping()().id, make.sale().number
        assert race(
            app,
            lambda stop_id=stop_id: service.end_stop(stop_id, actor=by),
            lambda number=number: make.order(number=number),
        ) == ["ok", "ok"]
        assert holding(make.order(number=number, as_of=clock.now() - timedelta(hours=1))) == []
