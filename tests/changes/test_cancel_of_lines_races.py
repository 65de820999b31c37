"""Cancelling lines while somebody ships, changes or cancels at the same moment: threads, both engines."""

import pytest

from shopdesk.changes import queries, service
from shopdesk.changes.queries import parts
from shopdesk.changes.service import Evidence, Wished
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage
from shopdesk.warehouse.service import scan
from shopdesk.warehouse.states import Mode
from tests import invariants, make, worlds
from tests.racing import race, rounds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines]
ROUNDS = rounds(4)


class World:
    def __init__(self):
        self.store_id = make.store().id
        self.asker, self.other = make.actor(Role.PRE_SALE), make.actor(Role.PRE_SALE)
        self.clerk, self.packer = make.actor(Role.PRINTING), make.actor(Role.WAREHOUSE)
        self.boss, self.after = make.actor(Role.SUPERVISOR), make.actor(Role.AFTER_SALE)

    def order(self, stage=None):
        lines = (make.line("n1", quantity=3, price_minor=1000), make.line("n2", quantity=2, price_minor=1000))
        order = make.order(lines=lines)
        if stage:
            make.fact(order, stage, happened_at=clock.now())
        return order

    def wish(self, order, units, **more):
        wished = Wished(Kind.CANCEL, {"lines": {worlds.line(order).id: units}}, **more)
        order_id = order.id
        return lambda: service.ask(order_id, wished, actor=self.asker)

    def ships(self, order):
        code, packer = parcels.barcode(make.parcel(order).id), self.packer
        return lambda: scan(code, Mode.SHIP, actor=packer)

    def whole(self):
        assert invariants.broken(self.store_id) == []


@pytest.fixture
def world(app):
    return World()


def test_a_cancel_of_lines_and_a_ship_scan_never_both_win_e41(app, world):
    for number in range(ROUNDS):
        order = world.order(Stage.PACKED)
        calls = [world.wish(order, 1, seen_stage=Stage.PACKED), world.ships(order)]
        race(app, *(calls if number % 2 else reversed(calls)))
        parcel = make.parcel(order)
        open_ones = queries.changes_of_parcel(parcel.id, world.store_id, ChangeState.OPEN)
        assert (parcel.stage, len(open_ones)) in {(Stage.SHIPPED, 0), (Stage.PACKED, 1)}
        assert worlds.counters(order)[1] == 0
        world.whole()


def test_lines_that_are_taken_out_at_the_second_of_a_reported_shipment_are_shipped_or_were_not_taken(app, world):
    for _ in range(ROUNDS):
        order = world.order()
        change = make.change(order, Kind.CANCEL, {"lines": {worlds.line(order).id: 2}}, by=world.asker)
        change_id, position, number = change.id, worlds.position(change, "take_out"), order.number
        told = Report(stage=Stage.SHIPPED, happened_at=clock.now(), as_of=clock.now(), source=Source.API)
        outcomes = race(
            app,
            lambda c=change_id, p=position: service.do_step(c, p, Evidence(), actor=world.clerk),
            lambda n=number, t=told: service.take_report(
                world.store_id, t, order_number=n, waybill=None, actor=world.boss
            ),
        )
        assert outcomes[1] == "ok"
        assert make.parcel(order).stage is Stage.SHIPPED
        assert worlds.counters(order) == (3, 0, 3, 3)
        world.whole()


def test_two_who_cancel_units_of_one_line_never_cancel_more_than_there_are(app, world):
    for _ in range(ROUNDS):
        order = world.order()
        outcomes = race(app, world.wish(order, 2), world.wish(order, 2))
        assert sorted(outcomes) == ["more_than_left", "ok"]
        (change,) = queries.changes_of_order(order.id, order.store_id)
        assert [p.units for p in parts.parts_of([change.id], order.store_id)] == [2]
        world.whole()


def test_lines_and_the_whole_order_at_once_come_to_one_change(app, world):
    for _ in range(ROUNDS):
        order = world.order()
        order_id = order.id
        whole = lambda o=order_id: service.ask(o, Wished(Kind.CANCEL, {"text": None}), actor=world.other)  # noqa: E731
        outcomes = race(app, world.wish(order, 1), whole)
        assert outcomes[1] == "ok"
        (change,) = queries.changes_of_order(order.id, order.store_id)
        assert parts.cancels_whole(change.id, change.store_id)
        assert worlds.open_codes(change) == ["void", "refund"]
        world.whole()


def test_taken_out_and_withdrawn_at_once_the_units_are_in_or_out(app, world):
    for _ in range(ROUNDS):
        order = world.order(Stage.PRINTED)
        change = make.change(order, Kind.CANCEL, {"lines": {worlds.line(order).id: 2}}, by=world.asker)
        worlds.do(change, "hand_to_after_sale", world.packer, Evidence(to=world.after.id))
        change_id, position = change.id, worlds.position(change, "take_out")
        outcomes = race(
            app,
            lambda c=change_id, p=position: service.do_step(c, p, Evidence(), actor=world.clerk),
            lambda c=change_id: service.withdraw(c, "又要了", actor=world.boss),
        )
        assert outcomes[1] == "ok"
        assert worlds.counters(order) == (3, 0, 0, 3)
        world.whole()
