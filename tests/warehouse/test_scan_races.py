"""A scan against a change, a cancellation, a second scanner: one wins, and the other is told what to do now."""

import pytest

from shopdesk.changes import queries, service
from shopdesk.changes.service import Wished
from shopdesk.changes.states import Kind, Purpose
from shopdesk.core import clock
from shopdesk.core.errors import Conflict, DomainError
from shopdesk.core.permissions import Role
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.service import scanning
from shopdesk.parcels.states import Stage
from shopdesk.warehouse.service import scan
from shopdesk.warehouse.states import Mode, Result
from tests import invariants, make
from tests.racing import race

pytestmark = pytest.mark.both_engines
ROUNDS = 4


class Stopped(DomainError):
    code = "stopped"


@pytest.fixture
def world(app):
    return make.store(), make.actor(Role.PRE_SALE), make.actor(Role.WAREHOUSE)


def scans(code, mode, packer, told):
    """A scan that counts as lost where it is stopped."""

    def call():
        done = scan(code, mode, actor=packer)
        told.append(done)
        if done.result is not Result.OK:
            raise Stopped(str(done.result))

    return call


@pytest.mark.parametrize(
    ("kind", "value", "mode"),
    [(Kind.ADDRESS, make.NEW_ADDRESS, Mode.PACK), (Kind.CANCEL, {}, Mode.SHIP)],
    ids=["change and pack scan", "cancel and ship scan"],
)
def test_of_a_wish_and_a_scan_exactly_one_wins_and_the_loser_is_told_what_to_do(app, world, kind, value, mode):
    store, asker, packer = world
    for number in range(ROUNDS):
        order = make.order()
        order_id, code, told = order.id, order.number, []
        wished = Wished(kind, value, seen_stage=Stage.UNPRINTED)
        calls = [lambda i=order_id, w=wished: service.ask(i, w, actor=asker), scans(code, mode, packer, told)]
        outcomes = race(app, *(calls if number % 2 else reversed(calls)))
        assert outcomes.count("ok") == 1, outcomes
        assert set(outcomes) - {"ok"} <= {"stopped", "stage_moved", "after_sale", "stage_not_yet"}
        parcel = make.parcel(order)
        moved = Stage.PACKED if mode is Mode.PACK else Stage.SHIPPED
        assert (parcel.stage, parcel.holds) in {(moved, 0), (Stage.UNPRINTED, 1)}
        if told[0].result is Result.STOP:
            assert told[0].reasons == ("open_change",)
        assert invariants.broken(store.id) == []


def test_two_scanners_leave_one_fact(app, world):
    store, _asker, packer = world
    for _ in range(ROUNDS):
        code, told = make.order().number, []
        assert sorted(race(app, *[scans(code, Mode.PACK, packer, told)] * 2)) == ["ok", "stopped"]
        assert sorted(str(done.result) for done in told) == ["already", "ok"]
    assert invariants.broken(store.id) == []


def test_a_wish_and_the_button_of_the_truck_never_both_win(app, world):
    store, asker, packer = world
    for number in range(ROUNDS):
        order = make.order()
        order_id = order.id
        check = service.make_check([order.number], actor=packer, purpose=Purpose.DISPATCH)[0].id
        wished = Wished(Kind.ADDRESS, make.NEW_ADDRESS, seen_stage=Stage.UNPRINTED)
        calls = [
            lambda i=order_id, w=wished: service.ask(i, w, actor=asker),
            lambda c=check: service.mark_shipped(c, clock.now(), actor=packer),
        ]
        outcomes = race(app, *(calls if number % 2 else reversed(calls)))
        assert outcomes.count("ok") == 1, outcomes
        assert set(outcomes) - {"ok"} <= {"list_changed", "stage_moved", "after_sale"}
        assert invariants.broken(store.id) == []


def careless(to):
    """A command that does not ask for holds."""
    return (Parcel.stage.in_(scanning.FROM[to]),)


@pytest.mark.parametrize("is_careless", [False, True])
def test_the_holds_in_the_update_alone_keep_a_held_parcel_from_being_shipped(world, monkeypatch, is_careless):
    store, asker, packer = world
    order = make.order()
    make.change(order, by=asker)
    if is_careless:
        monkeypatch.setattr(scanning, "_may_go", careless)
        assert scan(order.number, Mode.SHIP, actor=packer).result is Result.OK
        assert [line for line in invariants.broken(store.id) if "was shipped while" in line]
        return
    assert scan(order.number, Mode.SHIP, actor=packer).result is Result.STOP
    assert invariants.broken(store.id) == []


@pytest.mark.parametrize("is_careless", [False, True])
def test_they_do_so_at_the_truck_where_the_second_look_is_blind(world, monkeypatch, is_careless):
    store, asker, packer = world
    order = make.order()
    check = service.make_check([order.number], actor=packer, purpose=Purpose.DISPATCH)[0].id
    seen = queries.look_at_truck([order.number], packer)
    make.change(order, by=asker)
    monkeypatch.setattr(service.dispatching, "as_it_stands", lambda check, actor: (seen, []))
    if is_careless:
        monkeypatch.setattr(scanning, "_may_go", careless)
        service.mark_shipped(check, clock.now(), actor=packer)
        assert [line for line in invariants.broken(store.id) if "was shipped while" in line]
        return
    with pytest.raises(Conflict):
        service.mark_shipped(check, clock.now(), actor=packer)
    assert invariants.broken(store.id) == []
