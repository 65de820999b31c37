"""An open change that gathers overtaken ones: what is taken back with it, and what is not."""

import pytest
import time_machine

from shopdesk.changes import service
from shopdesk.changes.queries.money import refundable
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core.permissions import Role
from shopdesk.notices.models import Answer
from shopdesk.orders.states import Field
from shopdesk.parcels.states import Stage
from tests import invariants, make, worlds
from tests.changes.test_late_facts import NEW, OLD, PRINTED_OPEN, at, report

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def day():
    with time_machine.travel(at("13:31"), tick=False) as traveller:
        yield traveller


def gathered_story(day, kind, first, second):
    """13:40 a change is done, 14:05 another is asked; at 14:20 the ERP says that it was printed at 13:35."""
    line = make.line(quantity=3, price_minor=1000)
    order = make.order(as_of=at("13:30"), lines=(line,), paid_minor=3000, total_minor=3000)
    asker = make.actor(Role.PRE_SALE)
    of_line = {} if kind is Kind.ADDRESS else {"line_id": worlds.line(order).id}
    done = make.change(order, kind, first, by=asker, yes=True, **of_line)
    day.move_to(at("13:40"))
    service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))
    assert done.state is ChangeState.DONE
    day.move_to(at("14:05"))
    change = make.change(order, kind, second, by=asker, yes=True, **of_line)
    assert change.id != done.id
    day.move_to(at("14:20"))
    report(order, Stage.PRINTED, at("13:35"))
    worlds.refresh(done, change)
    assert (done.state, change.state) == (ChangeState.DONE, ChangeState.OPEN)
    return order, done, change, asker


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_withdrawing_a_change_that_gathered_an_overtaken_one_leaves_that_one_decided_and_opens_it_again(day):
    order, done, change, asker = gathered_story(day, Kind.ADDRESS, make.NEW_ADDRESS, {"street": "别的路2号"})
    memos = len(worlds.memos(order))
    service.withdraw(change.id, "the first was right", actor=asker)
    assert (change.state, worlds.effective(order)) == (ChangeState.WITHDRAWN, NEW)
    assert len(worlds.memos(order)) == memos + 1  # one memo takes its own wish back
    assert (done.state, worlds.open_codes(done)) == (ChangeState.OPEN, PRINTED_OPEN)  # the papers carry the old one
    assert (make.parcel(order).holds, worlds.open_holds(make.parcel(order))) == (1, 1)
    assert invariants.broken(order.store_id) == []
    service.withdraw(done.id, "neither", actor=asker)
    assert (done.state, worlds.effective(order), make.parcel(order).holds) == (ChangeState.WITHDRAWN, OLD, 0)
    assert invariants.broken(order.store_id) == []


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_of_units_too_only_those_of_its_own_wishes_come_back(day):
    order, done, change, asker = gathered_story(day, Kind.QUANTITY, {"quantity": 2}, {"quantity": 1})
    service.withdraw(change.id, "two after all", actor=asker)
    assert worlds.counters(order) == (3, 1, 0, 2)
    assert worlds.effective(order, Field.QUANTITY, worlds.line(order).id) == 2
    assert (done.state, refundable(done)) == (ChangeState.OPEN, {worlds.line(order).id: 1000})
    assert invariants.broken(order.store_id) == []


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_when_the_gathering_change_is_too_late_all_units_of_the_parcel_went(day):
    order, done, change, _ = gathered_story(day, Kind.QUANTITY, {"quantity": 2}, {"quantity": 1})
    report(order, Stage.SHIPPED)
    worlds.refresh(done, change)
    assert change.state is ChangeState.TOO_LATE
    assert worlds.counters(order) == (3, 0, 3, 3)
    assert (refundable(done), refundable(change)) == ({}, {})
    assert invariants.broken(order.store_id) == []


def test_what_was_refunded_is_not_asked_for_again_when_a_late_fact_opens_the_change(day):
    order = make.order(lines=(make.line(quantity=3, price_minor=1000),), paid_minor=3000, total_minor=3000)
    less = {"quantity": 2}
    change = make.change(
        order, Kind.QUANTITY, less, by=make.actor(Role.PRE_SALE), yes=True, line_id=worlds.line(order).id
    )
    day.move_to(at("13:40"))
    service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))
    worlds.do(change, "refund", make.actor(Role.AFTER_SALE), Evidence(amount_minor=1000, reference="R1"))
    day.move_to(at("14:20"))
    report(order, Stage.PRINTED, at("13:35"))
    assert change.state is ChangeState.OPEN
    assert "refund" not in worlds.open_codes(change)
