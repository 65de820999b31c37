"""Two at the same moment, with real threads on both engines; each guard is also taken away once, to see it matter."""

import pytest
from sqlalchemy import func, select, update

from shopdesk.changes import queries, service
from shopdesk.changes.models import ChangeWish
from shopdesk.changes.service import Evidence, Wished, checking, take_report
from shopdesk.changes.states import ChangeState, Kind, Others
from shopdesk.core import clock, idempotency
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.notices import service as notices
from shopdesk.notices.models import Answer
from shopdesk.orders.states import Flag
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel, StageFact
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import FactEffect, Source, Stage
from shopdesk.web import once as door
from tests import invariants, make, worlds
from tests.racing import race, rounds

pytestmark = pytest.mark.both_engines
ROUNDS = rounds(3)
PAID = Evidence(amount_minor=2000, reference="R1")
OLD = "星澜街128号7幢1203室"


class World:
    def __init__(self):
        self.store_id = make.store().id
        self.asker, self.other = make.actor(Role.PRE_SALE), make.actor(Role.PRE_SALE)
        self.boss = make.actor(Role.SUPERVISOR)
        self.clerk, self.clerk2 = make.actor(Role.PRINTING), make.actor(Role.PRINTING)
        self.after, self.after2 = make.actor(Role.AFTER_SALE), make.actor(Role.AFTER_SALE)

    def check(self, order):
        return service.make_check([order.number], actor=self.clerk)[0].id

    def wish(self, order_id, street, **more):
        wished = Wished(Kind.ADDRESS, {"street": street}, confirmation=more.pop("yes", None), others=Others.ALL, **more)
        return lambda: service.ask(order_id, wished, actor=self.asker)

    def whole(self):
        assert invariants.broken(self.store_id) == []


@pytest.fixture
def world(app):
    return World()


@pytest.mark.mission("M033")
def test_a_change_and_the_print_button_never_both_win(app, world):
    for number in range(ROUNDS):
        order = make.order()
        check = world.check(order)
        asks = world.wish(order.id, "新路1号", seen_stage=Stage.UNPRINTED)
        calls = [lambda c=check: service.mark_printed(c, "W1", actor=world.clerk), asks]
        outcomes = race(app, *(calls if number % 2 else reversed(calls)))
        assert outcomes.count("ok") == 1, outcomes
        assert set(outcomes) - {"ok"} <= {"list_changed", "stage_moved"}
        parcel = make.parcel(order)
        assert (parcel.stage, parcel.holds) in {(Stage.PRINTED, 0), (Stage.UNPRINTED, 1)}
        world.whole()


def careless_print(parcel_ids, *, store_id, batch, person_id):
    """Printing without a look at the holds."""
    at = clock.now()
    for parcel_id in parcel_ids:
        this = in_store(update(Parcel), store_id, Parcel).where(Parcel.id == parcel_id)
        rows_changed(this.values(stage=Stage.PRINTED))
        db.session.add(
            StageFact(
                store_id=store_id, parcel_id=parcel_id, stage=Stage.PRINTED, happened_at=at, as_of=at, known_at=at,
                source=Source.CHECK, effect=FactEffect.MOVED,
            )
        )  # fmt: skip


@pytest.mark.parametrize("is_careless", [False, True])
def test_the_holds_alone_keep_a_parcel_from_being_printed_even_where_the_second_look_is_blind(
    world, monkeypatch, is_careless
):
    order = make.order()
    check = world.check(order)
    seen = queries.look([order.number], world.clerk)
    world.wish(order.id, "新路1号")()
    monkeypatch.setattr(checking, "as_it_stands", lambda check, actor: (seen, []))
    if is_careless:
        monkeypatch.setattr(parcel_service, "print_parcels", careless_print)
        service.mark_printed(check, "W1", actor=world.clerk)
        assert [line for line in invariants.broken(world.store_id) if "was printed while" in line]
        return
    with pytest.raises(Conflict):
        service.mark_printed(check, "W1", actor=world.clerk)
    world.whole()


def test_without_holds_the_rules_are_seen_to_break(world, monkeypatch):
    monkeypatch.setattr(parcel_service, "hold", lambda *args, **more: None)
    world.wish(make.order().id, "新路1号")()
    assert invariants.broken(world.store_id) == ["open change 1 does not hold its parcel"]


def test_two_wishes_of_a_kind_become_one_change_with_both(app, world):
    for _ in range(ROUNDS):
        order = make.order()
        outcomes = race(app, world.wish(order.id, "新路1号"), world.wish(order.id, "新路2号"))
        assert set(outcomes) <= {"ok", "already_there"}
        changes = queries.changes_of_order(order.id, order.store_id)
        assert len(changes) == 1
        assert len(queries.wishes_of([changes[0].id], order.store_id)) == outcomes.count("ok")
        assert make.parcel(order).holds == 1
        world.whole()


def test_two_orders_of_a_merged_parcel_come_to_one_open_address(app, world):
    for _ in range(ROUNDS):
        one, other = make.order(), make.order()
        parcel = worlds.merge(one, other)
        ids = one.id, other.id
        outcomes = race(app, world.wish(ids[0], "新路1号"), world.wish(ids[1], "新路2号"))
        assert outcomes == ["ok", "ok"]
        assert len(queries.changes_of_parcel(parcel.id, world.store_id, ChangeState.OPEN)) == 1
        world.whole()


def test_a_further_wish_and_a_withdrawal_leave_one_truth(app, world):
    for _ in range(ROUNDS):
        order = make.order()
        change_id = make.change(order, by=world.asker).id
        outcomes = race(
            app,
            world.wish(order.id, "新路9号"),
            lambda c=change_id: service.withdraw(c, "no", actor=world.boss),
        )
        assert outcomes == ["ok", "ok"]
        still_open = [c for c in queries.changes_of_order(order.id, order.store_id) if c.state is ChangeState.OPEN]
        assert worlds.effective(order) == ("新路9号" if still_open else OLD)
        assert make.parcel(order).holds == len(still_open)
        world.whole()


def test_a_fact_is_never_lost_to_a_change_at_the_same_moment(app, world):
    reporter = make.actor(Role.SUPERVISOR)
    for _ in range(ROUNDS):
        order = make.order()
        told = Report(stage=Stage.PRINTED, happened_at=clock.now(), as_of=clock.now(), source=Source.API)
        number = order.number
        outcomes = race(
            app,
            world.wish(order.id, "新路1号"),
            lambda n=number, t=told: take_report(world.store_id, t, order_number=n, waybill=None, actor=reporter),
        )
        assert outcomes[1] == "ok"
        parcel = make.parcel(order)
        assert (parcel.stage, len(parcels.facts([parcel.id], world.store_id))) == (Stage.PRINTED, 1)
        assert parcel.holds == outcomes[:1].count("ok")
        world.whole()


def test_of_two_clerks_one_answers_the_notice(app, world):
    for _ in range(ROUNDS):
        order = make.order()
        make.change(order, by=world.asker, yes=True)
        notice_id = make.notices(order)[0].id
        outcomes = race(
            app,
            lambda n=notice_id: service.answer_notice(n, Answer.NOT_PRINTED, actor=world.clerk),
            lambda n=notice_id: service.answer_notice(n, Answer.PRINTED, actor=world.clerk2),
        )
        assert sorted(outcomes) == ["notice_closed", "ok"]
        world.whole()


def test_without_the_row_count_both_clerks_answers_would_count(world, monkeypatch):
    order = make.order()
    make.change(order, by=world.asker, yes=True)
    notice_id = make.notices(order)[0].id
    monkeypatch.setattr(notices, "answer", lambda *args, **more: None)
    for clerk, word in ((world.clerk, Answer.NOT_PRINTED), (world.clerk2, Answer.PRINTED)):
        service.answer_notice(notice_id, word, actor=clerk)
    assert make.parcel(order).stage is Stage.PRINTED  # acknowledged as not printed, and printed all the same


def test_of_two_people_one_does_the_step(app, world):
    for _ in range(ROUNDS):
        order = make.order()
        change_id = make.change(order, by=world.asker).id
        calls = [
            lambda c=change_id, who=who: service.do_step(c, 3, worlds.SAID, actor=who)
            for who in (world.asker, world.other)
        ]
        assert sorted(race(app, *calls)) == ["ok", "step_done"]
        assert len(make.notices(order)) == 1
        world.whole()


def refundable(world):
    order = make.order(lines=(make.line(quantity=3, price_minor=1000),))
    line = worlds.line(order)
    change = make.change(order, Kind.QUANTITY, {"quantity": 1}, by=world.asker, yes=True, line_id=line.id)
    service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=world.clerk)
    return order, change.id, worlds.position(change, "refund")


def test_a_refund_step_settles_once(app, world):
    for _ in range(ROUNDS):
        order, change_id, position = refundable(world)
        outcomes = race(
            app,
            lambda c=change_id, p=position: service.do_step(c, p, PAID, actor=world.after),
            lambda c=change_id, p=position: service.do_step(c, p, PAID, actor=world.after2),
        )
        assert sorted(outcomes) == ["ok", "step_done"]
        assert worlds.line(order).refunded_minor == 2000
        world.whole()


def test_a_cancellation_and_a_shipment_at_the_same_second_end_in_one_of_the_two_ways_e41(app, world):
    reporter = make.actor(Role.SUPERVISOR)
    for _ in range(ROUNDS):
        order = make.order()
        change = make.change(order, Kind.CANCEL, {}, by=world.asker)
        change_id, number, void = change.id, order.number, worlds.position(change, "void")
        told = Report(stage=Stage.SHIPPED, happened_at=clock.now(), as_of=clock.now(), source=Source.API)
        outcomes = race(
            app,
            lambda c=change_id, p=void: service.do_step(c, p, Evidence(), actor=world.clerk),
            lambda n=number, t=told: take_report(world.store_id, t, order_number=n, waybill=None, actor=reporter),
        )
        assert outcomes[1] == "ok"
        assert outcomes[0] in {"ok", "change_not_open", "step_done"}
        assert make.parcel(order).stage is Stage.SHIPPED
        assert worlds.counters(order) == (1, 0, 1, 1)
        world.whole()


def test_the_same_command_key_acts_once_and_both_get_the_first_answer(app, world, monkeypatch):
    monkeypatch.setattr(door, "actor", lambda: world.asker)
    for number in range(ROUNDS):
        order = make.order()
        answers = []

        def submit(order_id=order.id, key=f"key-{number}", answers=answers):
            def act():
                made = world.wish(order_id, "新路1号")()
                return idempotency.Answer(201, {"change": made[0].id})

            answers.append(door.once(key, "the same body", act))

        assert race(app, submit, submit) == ["ok", "ok"]
        assert answers[0] == answers[1]
        change = queries.changes_of_order(order.id, order.store_id)[0]
        linked = select(func.count()).select_from(ChangeWish).where(ChangeWish.change_id == change.id)
        assert db.session.scalar(in_store(linked, world.store_id, ChangeWish)) == 1


def test_without_its_memory_a_command_key_would_act_twice(world, monkeypatch):
    monkeypatch.setattr(door, "actor", lambda: world.asker)
    monkeypatch.setattr(idempotency, "recall", lambda *args: None)
    monkeypatch.setattr(idempotency, "remember", lambda *args: None)
    order = make.order()

    def act():
        memo = service.write_note(order.id, "两次", flag=Flag.RED, actor=world.asker)
        return idempotency.Answer(201, {"memo": memo.id})

    for _ in range(2):
        door.once("key", "the same body", act)
    assert len(worlds.memos(order)) == 2


def test_a_held_parcel_is_not_printed_by_the_command_itself(world):
    order = make.order()
    world.wish(order.id, "新路1号")()
    parcel_id = make.parcel(order).id

    @command
    def press():
        parcel_service.print_parcels([parcel_id], store_id=world.store_id, batch="W1", person_id=None)

    with pytest.raises(Conflict):
        press()
    assert make.parcel(order).stage is Stage.UNPRINTED
