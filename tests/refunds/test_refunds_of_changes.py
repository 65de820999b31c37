"""The refund task of a cancellation done by the desk: set aside, ticked when paid, standing again if it was not."""

from __future__ import annotations

import pytest

from shopdesk.cases.states import PaidTo
from shopdesk.changes import service as changes
from shopdesk.changes.queries.money import refundable
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import Kind
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Role
from shopdesk.payments import queries as payments
from shopdesk.refunds import queries, service
from shopdesk.refunds.service import Target
from shopdesk.refunds.states import Answer, Outcome, PayoutState, RefundKind
from tests import after_sale_made as made
from tests import invariants, make, worlds
from tests.refunds import world
from tests.refunds.bank import Bank, Mode
from tests.refunds.scenes import hear

PAID = 13_600
ORIGINAL = Target(PaidTo.ORIGINAL)


@pytest.fixture
def change(app):
    order = make.order(world.store(), shipping_minor=800, paid_minor=PAID, total_minor=PAID)
    asked = make.change(order, Kind.CANCEL, {"text": None}, by=make.actor(Role.PRE_SALE))
    return worlds.do(asked, "void", make.actor(Role.PRINTING), Evidence())


def step(change):
    return next(s for s in worlds.queries.steps_of([change.id], change.store_id) if s.code == "refund")


def ask(change, **more):
    who = make.actor(Role.AFTER_SALE, store_id=change.store_id)
    return service.request_for_change(change.id, step(change).position, ORIGINAL, actor=who, **more)


def by_hand(change, amount_minor=PAID):
    evidence = Evidence(amount_minor=amount_minor, reference="R1")
    who = make.actor(Role.AFTER_SALE, store_id=change.store_id)
    return changes.do_step(change.id, step(change).position, evidence, actor=who)


def code(call, *args, **more):
    try:
        call(*args, **more)
    except DomainError as error:
        return error.code
    return "ok"


def shares(change):
    (line,) = worlds.orders.lines(change.order_id, change.store_id)
    line = made.line(line.id, change.store_id)
    return line.reserved_minor, line.refunded_minor


def check(change, by_hand_minor=0):
    assert invariants.broken(change.store_id) == []
    if not by_hand_minor:
        world.check_books(change.order_id, change.store_id)
        return
    there = payments.payments_of_order(change.order_id, change.store_id)
    assert payments.balance(there).settled_minor == by_hand_minor


@pytest.mark.postgres_in_ci
@pytest.mark.both_engines
@pytest.mark.mission("M049")
def test_the_task_is_ticked_with_the_payouts_number_once_the_money_was_paid(change):
    refund = ask(change)
    assert (refund.kind, refund.amount_minor, refund.change_id) == (RefundKind.CANCELLATION, PAID, change.id)
    assert (str(step(change).state), shares(change)) == ("open", (12_800, 0))
    assert world.run(refund, Bank()) == [PayoutState.SUCCEEDED]
    done, (payout,) = step(change), world.payouts(refund)
    assert (str(done.state), done.evidence["reference"]) == ("done", payout.number)
    assert (done.evidence["amount_minor"], shares(change)) == (PAID, (0, 12_800))
    assert sum(refundable(change).values()) == 0
    check(change)


def test_while_a_refund_is_under_way_nothing_is_noted_by_hand_and_nothing_is_withdrawn(change):
    ask(change, amount_minor=5_000)
    assert code(by_hand, change, 100) == "refund_under_way"
    assert code(ask, change) == "refund_under_way"
    assert sum(refundable(change).values()) == PAID - 5_000
    boss = make.actor(Role.SUPERVISOR, store_id=change.store_id)
    assert code(changes.withdraw, change.id, "想错了", actor=boss) != "ok"


def test_what_was_noted_by_hand_is_not_asked_for_again(change):
    position = step(change).position
    by_hand(change)
    who = make.actor(Role.AFTER_SALE, store_id=change.store_id)
    assert code(service.request_for_change, change.id, position, ORIGINAL, actor=who) != "ok"
    assert queries.refunds_of_order(change.order_id, change.store_id) == []
    check(change, by_hand_minor=PAID)


def test_a_final_refusal_lets_the_task_stand_again(change):
    refund = ask(change)
    assert world.run(refund, Bank(mode=Mode.REFUSED)) == [PayoutState.FAILED]
    assert (str(step(change).state), step(change).refund_id, shares(change)) == ("open", None, (0, 0))
    by_hand(change)
    check(change, by_hand_minor=PAID)


@pytest.mark.postgres_in_ci
@pytest.mark.both_engines
def test_r17_a_payout_that_is_taken_back_opens_the_task_again(change):
    refund = ask(change)
    world.run(refund, Bank())
    hear(refund, Answer(Outcome.FAILED, "RETURNED"))
    hear(refund, Answer(Outcome.FAILED, "RETURNED"))
    assert (str(step(change).state), step(change).refunded_minor, shares(change)) == ("open", 0, (0, 0))
    assert ask(change).amount_minor == PAID
    check(change)
