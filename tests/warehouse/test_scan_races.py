"""A scan against a change, a cancellation, a second scanner: one wins, and the other is told what to do now."""

import pytest

from shopdesk.changes import queries, service
from shopdesk.changes.service import Evidence, Wished
from shopdesk.changes.states import Kind, Purpose
from shopdesk.core import clock
from shopdesk.core.errors import Conflict, DomainError
from shopdesk.core.permissions import Role
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.service import scanning
from shopdesk.parcels.states import Stage
from shopdesk.warehouse.service import scan
from shopdesk.warehouse.states import Mode, Result
from tests import invariants, make, worlds
from tests.racing import race, rounds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines]
ROUNDS = rounds(4)


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


FAMILIES = {
    "change and pack scan": (Stage.UNPRINTED, Kind.ADDRESS, make.NEW_ADDRESS, Mode.PACK),
    "change and pack scan of printed papers": (Stage.PRINTED, Kind.ADDRESS, make.NEW_ADDRESS, Mode.PACK),
    "cancel and ship scan": (Stage.UNPRINTED, Kind.CANCEL, {}, Mode.SHIP),
    "cancel and ship scan of printed papers": (Stage.PRINTED, Kind.CANCEL, {}, Mode.SHIP),
    "cancel and ship scan of a packed parcel": (Stage.PACKED, Kind.CANCEL, {}, Mode.SHIP),
}


def wish_against_scan(app, world, family, number, told):
    """Both at once, now this one first and now that one; (order, outcomes)."""
    _store, asker, packer = world
    start, kind, value, mode = FAMILIES[family]
    order = make.order()
    if start is not Stage.UNPRINTED:
        make.fact(order, start)
    order_id, code = order.id, order.number
    wished = Wished(kind, value, seen_stage=start)
    calls = [lambda i=order_id, w=wished: service.ask(i, w, actor=asker), scans(code, mode, packer, told)]
    return order, race(app, *(calls if number % 2 else reversed(calls)))


@pytest.mark.parametrize("family", FAMILIES)
def test_of_a_wish_and_a_scan_exactly_one_wins_and_the_loser_is_told_what_to_do_e40_e41(app, world, family):
    store = world[0]
    start, _kind, _value, mode = FAMILIES[family]
    for number in range(ROUNDS):
        told = []
        order, outcomes = wish_against_scan(app, world, family, number, told)
        assert outcomes.count("ok") == 1, outcomes
        assert set(outcomes) - {"ok"} <= {"stopped", "stage_moved", "after_sale", "stage_not_yet"}
        parcel = make.parcel(order)
        moved = Stage.PACKED if mode is Mode.PACK else Stage.SHIPPED
        assert (parcel.stage, parcel.holds) in {(moved, 0), (start, 1)}
        if told[0].result is Result.STOP:
            assert told[0].reasons == ("open_change",)
        assert invariants.broken(store.id) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_without_the_holds_in_the_update_both_would_win(app, world, family, monkeypatch):
    """The control of each: the race is about that one line."""
    monkeypatch.setattr(scanning, "_may_go", careless)
    for number in range(40):
        wish_against_scan(app, world, family, number, [])
        if broken := invariants.broken(world[0].id):
            assert any("while change" in line for line in broken)
            return
    raise AssertionError("in forty races the wish never came first")


def test_a_parcel_leaves_before_its_papers_are_back_or_after_and_never_in_between(app, world):
    """Recall and ship: the last step frees the parcel in the moment in which the truck's scanner reads it."""
    store, asker, packer = world
    for number in range(ROUNDS):
        order = make.order()
        make.fact(order, Stage.PRINTED)
        change = make.change(order, Kind.GREETING_CARD, {"text": "生日快乐"}, by=asker, yes=True)
        worlds.do(change, "hand_out", packer, Evidence(to=packer.id))
        worlds.do(change, "amend_papers", packer)
        worlds.do(change, "amend", asker)
        change_id, last, code, told = change.id, worlds.position(change, "take_back"), order.number, []
        calls = [
            lambda c=change_id, n=last: service.do_step(c, n, Evidence(), actor=packer),
            scans(code, Mode.SHIP, packer, told),
        ]
        outcomes = race(app, *(calls if number % 2 else reversed(calls)))
        assert set(outcomes) <= {"ok", "stopped"}
        assert make.parcel(order).holds == 0
        assert make.parcel(order).stage is (Stage.SHIPPED if told[0].result is Result.OK else Stage.PRINTED)
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
