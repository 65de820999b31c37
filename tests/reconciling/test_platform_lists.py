"""The platforms' lists of refunds: ours are confirmed, what they paid without us is outside, each once."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
import time_machine

from shopdesk.cases import service as cases
from shopdesk.cases.service import Application, Paid
from shopdesk.cases.states import AmountPart, CaseKind, PaidTo, PhaseMove, Resolution
from shopdesk.core.db import db
from shopdesk.core.errors import IllegalMove, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.orders import queries as orders
from shopdesk.outbound.handlers import HANDLERS
from shopdesk.parcels.states import Stage
from shopdesk.reconciling import service
from shopdesk.reconciling.queries import told
from shopdesk.refunds import queries as refunds
from shopdesk.refunds import service as refund_service
from shopdesk.refunds.states import PayoutState
from shopdesk.staff.models import REFUND_LIMIT
from tests import make
from tests.reconciling.platform import START, ask, check, counted, sums, tasks, tell
from tests.refunds import world

PAID = 12_800


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def order(store):
    """Of an hour ago: as the platform told it."""
    return make.order(store, as_of=START - timedelta(hours=1))


def test_the_platforms_list_confirms_the_payout_that_waits_for_it_once(order, agent):
    payout = ask(order, 500, agent)
    assert sums(order) == (500, 0, 0)
    for _again in range(2):
        tell(order, "T1", 500, 5)
    assert sums(order) == (0, 500, 0)
    assert counted(order) == {"T1": "payout"}
    db.session.rollback()
    ended = refunds.payout_in(payout.id, order.store_id)
    assert (ended.state, ended.place_reference) == (PayoutState.SUCCEEDED, "T1")
    assert refunds.credit_note_of(ended).number == 1
    world.check_books(order.id, order.store_id)


def test_what_was_told_before_the_request_is_outside_and_the_payout_waits_on(order, agent, noon):
    tell(order, "T1", 500, -30)
    ask(order, 500, agent)
    tell(order, "T1", 500, 10)
    assert sums(order) == (500, 0, 500)
    check(order)


def test_the_same_refund_in_two_exports_counts_once(order):
    tell(order, "T1", 500, 5)
    tell(order, "T1", 500, 7)
    tell(order, "T1", 500, 3)
    assert sums(order) == (0, 0, 500)
    check(order)


def test_two_parts_of_one_amount_in_one_order_are_two(order, agent):
    ask(order, 500, agent)
    tell(order, "T1", 500, 5)
    tell(order, "T2", 500, 6)
    assert sums(order) == (0, 500, 500)
    check(order)


def test_a_refund_that_is_withdrawn_goes_back_and_one_of_another_amount_follows(order, agent):
    payout = ask(order, 500, agent)
    tell(order, "T1", 500, 5)
    tell(order, "T2", 300, 5)
    tell(order, "T2", 200, 6)
    assert sums(order) == (0, 500, 200)
    tell(order, "T1", 500, 8, paid=False)
    tell(order, "T2", 200, 8, paid=False)
    assert sums(order) == (0, 0, 0)
    db.session.rollback()
    assert refunds.payout_in(payout.id, order.store_id).state is PayoutState.REVERSED
    world.check_books(order.id, order.store_id)


def test_what_was_withdrawn_and_paid_again_ends_another_payout_under_its_number(order, agent, noon):
    ask(order, 500, agent)
    tell(order, "T1", 500, 5)
    tell(order, "T1", 500, 6, paid=False)
    noon.shift(timedelta(minutes=2))
    ask(order, 500, agent)
    tell(order, "T1", 500, 8)
    assert sums(order) == (0, 500, 0)
    world.check_books(order.id, order.store_id)


def _case(order, agent, boss, number=None):
    """A case whose refund of the whole order was decided."""
    make.fact(order, Stage.SHIPPED, happened_at=START, as_of=START)
    case = cases.record(order.id, Application(CaseKind.REFUND_ONLY, "帽檐开线"), actor=agent)
    cases.accept(case.id, actor=agent)
    cases.move(case, PhaseMove.DECIDE, actor=boss)
    cases.add_resolution(case.id, Resolution.REFUND, actor=agent)
    cases.answer_invoice(case.id, is_sent=False, actor=agent)
    line = orders.lines(order.id, order.store_id)[0]
    cases.decide_refund(case.id, {line.id: 1}, actor=agent)
    return case


def _note(case, amount_minor, agent, reference="T1"):
    paid = Paid(amount_minor, PaidTo.PLATFORM, reference=reference)
    return cases.settle(case.id, AmountPart.MONEY, paid, actor=agent)


def _worker(order):
    """What the outbox does after a note by hand."""
    HANDLERS["money.look"](store_id=order.store_id, order_id=order.id)


@pytest.mark.parametrize("reference", ["T1", "R-778"])
@pytest.mark.parametrize("told_first", [True, False])
def test_what_somebody_noted_in_a_case_for_the_same_refund_is_counted_once(order, agent, told_first, reference):
    case = _case(order, agent, make.actor(Role.SUPERVISOR, store_id=order.store_id))
    acts = [lambda: tell(order, "T1", 500, 5), lambda: _note(case, 500, agent, reference)]
    for act in acts if told_first else acts[::-1]:
        act()
    _worker(order)
    reserved, settled, outside = sums(order)
    assert (reserved, settled + outside) == (0, 500)
    assert counted(order) == {"T1": "by_hand"}
    assert tasks(order) == []


def test_a_note_by_hand_that_is_taken_back_leaves_the_refund_outside(order, agent):
    case = _case(order, agent, make.actor(Role.SUPERVISOR, store_id=order.store_id))
    made = _note(case, 500, agent)
    tell(order, "T1", 500, 5)
    cases.take_back_settlement(case.id, made.id, "记错了", actor=agent)
    _worker(order)
    assert sums(order) == (0, 0, 500)
    check(order)


def test_the_whole_order_told_before_it_was_noted_is_counted_once_although_nothing_is_left(order, agent):
    case = _case(order, agent, make.actor(Role.SUPERVISOR, store_id=order.store_id))
    tell(order, "T1", PAID, 5)
    _note(case, PAID, agent)
    _worker(order)
    _reserved, settled, outside = sums(order)
    assert settled + outside == PAID
    assert tasks(order) == []


def test_finance_said_it_was_paid_and_the_list_says_so_later(order, agent, finance):
    payout = ask(order, 500, agent)
    refund_service.confirm(payout.id, "T1", actor=finance)
    tell(order, "T1", 500, 5)
    assert sums(order) == (0, 500, 0)
    assert counted(order) == {"T1": "payout"}


def test_a_refund_that_waited_for_its_approval_when_it_was_told_is_confirmed_with_it(store, order, agent, noon):
    world._set(db.session.merge(store), {REFUND_LIMIT: 100})
    refund = world.refund(order, 500, by=agent, destination=PaidTo.PLATFORM)
    tell(order, "T1", 500, 5)
    assert sums(order) == (0, 0, 500)
    noon.shift(timedelta(minutes=10))
    boss = make.actor(Role.SUPERVISOR, store_id=store.id)
    refund_service.approve(refund.id, actor=boss)
    payout = world.payouts(refund)[0]
    HANDLERS["refund.pay"](store_id=store.id, payout_id=payout.id)
    assert sums(order) == (0, 500, 0)
    check(order)


@pytest.mark.both_engines
def test_overpaid_opens_one_task_that_is_recovered_or_written_off_and_goes_when_it_is_not_true_any_more(
    engine, store, order, agent, finance
):
    ask(order, 500, agent)
    tell(order, "T1", 500, 5)
    tell(order, "T2", PAID, 6)
    assert sums(order) == (0, 500, PAID)
    assert tasks(order) == [("open", 500)]
    tell(order, "T3", 100, 7)
    assert tasks(order) == [("open", 600)]
    tell(order, "T3", 100, 8, paid=False)
    assert tasks(order) == [("open", 500)]
    (task,) = told.recoveries_of(order.id, order.store_id)
    task_id = task.id
    with pytest.raises(RuleViolation):
        service.recovered(task_id, "", actor=finance)
    service.recovered(task_id, "ALI-77", actor=finance)
    with pytest.raises(IllegalMove):
        service.recovered(task_id, "ALI-77", actor=finance)
    tell(order, "T4", 300, 9)
    assert tasks(order) == [("recovered", 500), ("open", 300)]
    boss = make.actor(Role.SUPERVISOR, store_id=store.id)
    with pytest.raises(RuleViolation):
        service.write_off(told.recoveries_of(order.id, order.store_id)[1].id, " ", actor=boss)
    tell(order, "T4", 300, 10, paid=False)
    assert tasks(order) == [("recovered", 500), ("gone", 300)]


def test_an_order_of_which_nobody_told_what_was_paid_is_not_overpaid(store):
    order = make.order(store, paid_minor=None, total_minor=None, lines=(make.line(price_minor=None),))
    tell(order, "T1", 500, 5)
    assert sums(order)[2] == 500
    assert tasks(order) == []


LISTS = [("T1", 500, 5, True), ("T2", 500, 6, True), ("T1", 500, 7, False), ("T3", 300, 8, True), ("T2", 500, 9, True)]


def test_whichever_list_comes_first_the_books_end_alike(store, agent):
    """Rows of two exports, one of them withdrawn later; two payouts wait."""
    ends = set()
    for turn in list(permutations(LISTS))[::11]:
        order = make.order(store, as_of=START - timedelta(hours=1))
        for amount in (500, 300):
            ask(order, amount, agent)
        for number, amount, minutes, is_paid in turn:
            tell(order, f"{order.id}-{number}", amount, minutes, paid=is_paid)
        _reserved, settled, outside = sums(order)
        ends.add(settled + outside)
        check(order)
    assert ends == {800}
