"""The money of a case goes back through refunds: set aside when it is asked for, settled once, taken back once."""

from __future__ import annotations

import pytest

from shopdesk.cases import service as cases
from shopdesk.cases.queries import settling
from shopdesk.cases.service import Ended, Paid
from shopdesk.cases.states import AmountPart, CasePhase, Fault, PaidTo, Resolution
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Actor, Role
from shopdesk.desk.service import closing_case
from shopdesk.parcels.states import Stage
from shopdesk.refunds import queries, service
from shopdesk.refunds.service import Asked, CaseWish, Fee, Target
from shopdesk.refunds.states import Answer, Outcome, Part, PayoutState, RefundState
from shopdesk.staff.models import REFUND_LIMIT
from tests import after_sale_made as made
from tests import invariants, make
from tests.refunds import world
from tests.refunds.bank import Bank, Mode
from tests.refunds.scenes import hear, two_payments

ORIGINAL = Target(PaidTo.ORIGINAL)
PAID = 12_800


@pytest.fixture
def case(app):
    found, _who = decided(world.store())
    return found


def decided(store, **order):
    found, who = made.resolving(made.shipped(store, **order))
    cases.add_resolution(found.id, Resolution.REFUND, actor=who)
    cases.answer_invoice(found.id, is_sent=False, actor=who)
    return found, who


def who_of(case):
    return Actor(case.owner_id, "阿禾", "阿禾", {case.store_id: frozenset({Role.AFTER_SALE})})


def ask(case, units=None, *, target=ORIGINAL, parts=tuple(AmountPart), **asked):
    wish = CaseWish(target, Asked(units or {}, **asked), parts)
    return service.request_for_case(case.id, wish, actor=who_of(case))


def all_of(case):
    return dict.fromkeys(made.line_ids(case), 1)


def money(case, part=AmountPart.MONEY):
    now = settling.amounts_of(made.now(case))[part]
    return now.expected_minor, now.reserved_minor, now.settled_minor


def code(call, *args, **more):
    try:
        call(*args, **more)
    except DomainError as error:
        return error.code
    return "ok"


def check(case):
    assert invariants.broken(case.store_id) == []
    order_id = made.now(case).order_id
    world.check_books(order_id, case.store_id)


@pytest.mark.postgres_in_ci
@pytest.mark.both_engines
@pytest.mark.mission("M098", "M107", "M114")
def test_a_case_asks_the_place_pays_and_the_balance_is_settled_with_the_payouts_number(case):
    refund = ask(case, all_of(case))
    assert (refund.state, refund.case_id, refund.amount_minor) == (RefundState.APPROVED, case.id, PAID)
    assert money(case) == (PAID, PAID, 0)
    assert made.is_even(case) == ["money"]
    assert world.run(refund, Bank()) == [PayoutState.SUCCEEDED]
    assert money(case) == (PAID, 0, PAID)
    (entry,) = settling.settlements_of(made.now(case))
    (payout,) = world.payouts(refund)
    assert (entry.reference, entry.payout_id, entry.destination) == (payout.number, payout.id, PaidTo.ORIGINAL)
    line = made.line(made.line_ids(case)[0], case.store_id)
    assert (line.reserved_minor, line.refunded_minor) == (0, PAID)
    assert made.is_even(case) == []
    check(case)


def test_a_final_refusal_lets_it_be_asked_for_anew(case):
    refund = ask(case, all_of(case))
    assert world.run(refund, Bank(mode=Mode.REFUSED)) == [PayoutState.FAILED]
    assert money(case) == (PAID, 0, 0)
    again = ask(case, target=Target(PaidTo.BANK, "6222 0000"))
    assert again.amount_minor == PAID
    assert money(case) == (PAID, PAID, 0)
    check(case)


@pytest.mark.postgres_in_ci
@pytest.mark.both_engines
def test_r17_a_payout_that_is_taken_back_opens_the_balance_and_the_closed_case_again(case):
    refund = ask(case, all_of(case))
    world.run(refund, Bank())
    closing_case.close_case(case.id, Ended("已退款", Fault.SHOP), actor=who_of(case))
    hear(refund, Answer(Outcome.FAILED, "RETURNED"))
    hear(refund, Answer(Outcome.FAILED, "RETURNED"))
    now = made.now(case)
    assert (now.phase, now.ending) == (CasePhase.RESOLVE, None)
    assert money(case) == (PAID, 0, 0)
    (entry,) = settling.settlements_of(now)
    assert entry.taken_back_at is not None
    line = made.line(made.line_ids(case)[0], case.store_id)
    assert (line.reserved_minor, line.refunded_minor) == (PAID, 0)
    assert ask(case).amount_minor == PAID
    check(case)


def test_the_same_money_is_never_noted_by_hand_and_paid_by_the_desk(case):
    by_hand = Paid(PAID, PaidTo.PLATFORM)
    refund = ask(case, all_of(case))
    assert code(cases.settle, case.id, AmountPart.MONEY, by_hand, actor=who_of(case)) == "more_than_expected"
    assert code(cases.take_back_refund, case.id, actor=who_of(case)) == "settled_already"
    assert code(ask, case) == "nothing_left"
    world.run(refund, Bank())
    assert code(cases.settle, case.id, AmountPart.MONEY, by_hand, actor=who_of(case)) == "more_than_expected"
    (entry,) = settling.settlements_of(made.now(case))
    assert code(cases.take_back_settlement, case.id, entry.id, "错", actor=who_of(case)) == "paid_by_refund"
    check(case)


def test_what_was_noted_by_hand_before_counts_and_only_the_rest_is_asked_for(case):
    cases.decide_refund(case.id, all_of(case), actor=who_of(case))
    cases.settle(case.id, AmountPart.MONEY, Paid(800, PaidTo.PLATFORM), actor=who_of(case))
    assert ask(case).amount_minor == PAID - 800
    assert money(case) == (PAID, PAID - 800, 800)


def test_a_fee_shipping_and_compensation_are_lines_and_settle_their_own_balances(app):
    case, who = decided(world.store(), shipping_minor=800, paid_minor=13_600, total_minor=13_600)
    cases.add_resolution(case.id, Resolution.COMPENSATION, actor=who)
    refund = ask(case, all_of(case), shipping_minor=300, compensation_minor=200, fees=(Fee(1_000, "拆封"),))
    assert refund.amount_minor == PAID - 1_000 + 300 + 200
    parts = [(line.part, line.amount_minor) for line in queries.lines_of(refund)]
    assert parts == [(Part.GOODS, PAID), (Part.SHIPPING, 300), (Part.COMPENSATION, 200), (Part.FEE, -1_000)]
    world.run(refund, Bank())
    assert money(case) == (PAID - 1_000, 0, PAID - 1_000)
    assert money(case, AmountPart.FREIGHT) == (300, 0, 300)
    assert money(case, AmountPart.COMPENSATION) == (200, 0, 200)
    assert made.is_even(case) == []


def test_two_payments_settle_it_in_two_parts_and_one_that_fails_leaves_its_part_open(app):
    order = two_payments(world.store())
    make.fact(order, Stage.SHIPPED)
    case, who = made.resolving(order)
    cases.add_resolution(case.id, Resolution.COMPENSATION, actor=who)
    cases.answer_invoice(case.id, is_sent=False, actor=who)
    refund = service.request_for_case(case.id, CaseWish(ORIGINAL, Asked(compensation_minor=4_000)), actor=who)
    first, second = world.payouts(refund)
    service.confirm(first.id, "TT-1001", actor=make.actor(Role.FINANCE, store_id=order.store_id))
    assert money(case, AmountPart.COMPENSATION) == (4_000, 4_000 - first.amount_minor, first.amount_minor)
    service.give_up(second.id, actor=make.actor(Role.FINANCE, store_id=order.store_id))
    assert money(case, AmountPart.COMPENSATION) == (4_000, 0, first.amount_minor)
    check(case)


@pytest.mark.parametrize("end", ["reject", "withdraw"])
def test_what_waits_for_approval_is_set_aside_and_let_go_again(app, end):
    case, who = decided(world.store(**{REFUND_LIMIT: 1_000}))
    refund = ask(case, all_of(case))
    assert (refund.state, money(case)) == (RefundState.AWAITING_APPROVAL, (PAID, PAID, 0))
    boss = make.actor(Role.SUPERVISOR, store_id=case.store_id)
    getattr(service, end)(refund.id, "先查一下", actor=boss if end == "reject" else who)
    assert money(case) == (PAID, 0, 0)
    again = ask(case)
    service.approve(again.id, actor=boss)
    world.run(again, Bank())
    assert money(case) == (PAID, 0, PAID)
    check(case)


@pytest.mark.mission("M098")
def test_the_everyday_case_is_one_command_and_pays_once(app):
    case, who = made.resolving(made.shipped(make.store()))
    made.came_back(case, all_of(case))
    closing_case.refund_and_close(case.id, Ended("已退款", Fault.CUSTOMER), actor=who)
    assert made.now(case).phase is CasePhase.CLOSED
    (refund,) = queries.refunds_of_order(case.order_id, case.store_id)
    (payout,) = world.payouts(refund)
    assert (refund.destination, payout.state, payout.code) == (PaidTo.PLATFORM, PayoutState.SUCCEEDED, "agreed")
    assert money(case) == (PAID, 0, PAID)
    check(case)


def test_the_everyday_case_above_a_limit_waits_for_approval_and_stays_open(app):
    store = make.store()
    world._set(store, {REFUND_LIMIT: 1_000})
    case, who = made.resolving(made.shipped(store))
    made.came_back(case, all_of(case))
    closing_case.refund_and_close(case.id, Ended("已退款", Fault.CUSTOMER), actor=who)
    (refund,) = queries.refunds_of_order(case.order_id, case.store_id)
    assert (made.now(case).phase, refund.state) == (CasePhase.RESOLVE, RefundState.AWAITING_APPROVAL)
    assert money(case) == (PAID, PAID, 0)
