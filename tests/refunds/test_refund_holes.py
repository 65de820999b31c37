"""Ways in which money could have gone back twice, unseen or never: each is closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from shopdesk.cases import service as cases
from shopdesk.cases.queries import settling
from shopdesk.cases.service import Paid
from shopdesk.cases.states import AmountPart, PaidTo, Resolution
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import Kind
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Actor, Role
from shopdesk.desk.service.refunding_case import settle_case
from shopdesk.orders.models import OrderLink
from shopdesk.orders.states import LinkKind
from shopdesk.outbound.paying import pay_out
from shopdesk.reconciling.service import Refunded, look_again, report_refund
from shopdesk.refunds import service
from shopdesk.refunds.service import Asked, CaseWish, Target
from shopdesk.refunds.states import Answer, Outcome, PayoutState, RefundState
from shopdesk.staff.models import REFUND_LIMIT, REFUND_PLACES
from tests import after_sale_made as made
from tests import invariants, make, worlds
from tests.racing import race
from tests.refunds import world
from tests.refunds.bank import Bank, Mode
from tests.refunds.scenes import hear, two_payments

PAID = 12_800


def code(call, *args, **more):
    try:
        call(*args, **more)
    except DomainError as error:
        return error.code
    return "ok"


def compensated(store, amount_minor=900):
    """A case that gives a compensation, decided and not paid; its owner."""
    case, who = made.resolving(made.shipped(store))
    cases.add_resolution(case.id, Resolution.COMPENSATION, actor=who)
    cases.answer_invoice(case.id, is_sent=False, actor=who)
    cases.expect(case.id, AmountPart.COMPENSATION, amount_minor, actor=who)
    return case, who


def test_compensations_noted_by_hand_count_into_the_limit_too(app):
    case, who = compensated(world.store(**{REFUND_LIMIT: 1_000}), 1_200)
    note = lambda: settle_case(case.id, AmountPart.COMPENSATION, Paid(600, PaidTo.PLATFORM), actor=who)  # noqa: E731
    assert (code(note), code(note)) == ("ok", "approval_needed")


@pytest.mark.both_engines
def test_two_notes_by_hand_at_once_below_the_limit_are_not_both_below_it(app):
    case, who = compensated(world.store(**{REFUND_LIMIT: 1_000}), 1_200)
    case_id = case.id
    note = lambda: settle_case(case_id, AmountPart.COMPENSATION, Paid(600, PaidTo.PLATFORM), actor=who)  # noqa: E731
    assert sorted(race(app, note, note)) == ["approval_needed", "ok"]


def test_a_later_request_does_not_hold_back_what_was_approved_before_it(app):
    order = make.order(world.store(**{REFUND_LIMIT: 1_000}))
    who = make.actor(Role.AFTER_SALE, store_id=order.store_id)
    first = world.refund(order, 600, by=who)
    second = world.refund(order, 500, by=who)
    assert second.state is RefundState.AWAITING_APPROVAL
    assert world.run(first, Bank()) == [PayoutState.SUCCEEDED]


@pytest.mark.both_engines
def test_two_who_say_at_once_that_the_platform_agreed_end_it_once(app):
    order = make.order(make.store())
    who = make.actor(Role.AFTER_SALE, store_id=order.store_id)
    refund = world.refund(order, 600, by=who, destination=PaidTo.PLATFORM)
    refund_id = refund.id
    agree = lambda: service.note_agreed(refund_id, actor=who)  # noqa: E731
    assert race(app, agree, agree) == ["ok", "ok"]
    world.check_books(order.id, order.store_id)


def test_what_people_noted_as_paid_in_is_not_agreed_to_on_the_platform(app):
    store = world.store(**{REFUND_PLACES: {"platform": "platform"}})
    order = two_payments(store)
    who = world.agent(store)
    refund = world.refund(order, 4_000, by=who, destination=PaidTo.PLATFORM)
    service.note_agreed(refund.id, actor=who)
    assert {payout.state for payout in world.payouts(refund)} == {PayoutState.RESERVED}
    assert world.balance(order).settled_minor == 0


def test_money_asked_for_on_goods_that_went_out_in_exchange_counts_into_the_limit_of_the_sale(app):
    store = world.store(**{REFUND_LIMIT: 1_000})
    sale, again = make.order(store), make.order(store, number="TB-EX-1", paid_minor=0)
    exchanged(sale, again)
    who = world.agent(store)
    first = world.refund(sale, 600, by=who)
    second = world.refund(again, 600, by=who)
    assert (second.order_id, second.state) == (sale.id, RefundState.AWAITING_APPROVAL)
    assert (first.state, world.balance(sale).reserved_minor) == (RefundState.APPROVED, 600)


@command
def exchanged(sale, again):
    db.session.add(
        OrderLink(
            store_id=sale.store_id, order_id=sale.id, other_id=again.id, kind=LinkKind.EXCHANGE, made_at=clock.now()
        )
    )
    audit.record("test.linked", "order", sale.id, make.ROOT, store_id=sale.store_id)


def verified(refund, paid_minor):
    """The place says nothing for a day; a supervisor says how much of it was paid."""
    world.run(refund, Bank(mode=Mode.DROP))
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        world.run(refund, Bank(mode=Mode.DROP))
        first = world.payouts(refund)[0]
        assert first.needs_person
        boss = make.actor(Role.SUPERVISOR, store_id=refund.store_id)
        service.verify(first.id, PayoutState.SUCCEEDED, "BANK-77", paid_minor=paid_minor, actor=boss)
    return world.payouts(refund)


def of_both(store):
    """Goods and freight of a case go back in one payout."""
    case, who = made.resolving(made.shipped(store, shipping_minor=800, paid_minor=13_600, total_minor=13_600))
    cases.add_resolution(case.id, Resolution.REFUND, actor=who)
    cases.answer_invoice(case.id, is_sent=False, actor=who)
    asked = Asked(dict.fromkeys(made.line_ids(case), 1), shipping_minor=800)
    return case, service.request_for_case(case.id, CaseWish(Target(PaidTo.ORIGINAL), asked), actor=who)


def stands(case):
    now = settling.amounts_of(made.now(case))
    parts = (now[AmountPart.MONEY], now[AmountPart.FREIGHT])
    return [(part.expected_minor, part.reserved_minor, part.settled_minor) for part in parts]


@pytest.mark.parametrize("paid_minor", [5_000, 13_000])
@pytest.mark.parametrize("end", ["paid", "given_up", "reversed"])
def test_the_rest_of_a_payout_settles_of_its_case_what_the_first_part_left(app, paid_minor, end):
    case, refund = of_both(world.store())
    _first, rest = verified(refund, paid_minor)
    goods, freight = min(PAID, paid_minor), max(0, paid_minor - PAID)
    assert stands(case) == [(PAID, PAID - goods, goods), (800, 800 - freight, freight)]
    pays = make.actor(Role.FINANCE, store_id=case.store_id)
    if end == "given_up":
        service.give_up(rest.id, actor=pays)
        assert stands(case) == [(PAID, 0, goods), (800, 0, freight)]
    else:
        service.confirm(rest.id, "TT-9", actor=pays)
        assert stands(case) == [(PAID, 0, PAID), (800, 0, 800)]
    if end == "reversed":
        hear(refund, Answer(Outcome.FAILED, "RETURNED"))
        assert stands(case) == [(PAID, 0, PAID - goods), (800, 0, 800 - freight)]
    world.check_books(refund.order_id, refund.store_id)
    assert invariants.broken(case.store_id) == []


@pytest.mark.parametrize("end", ["paid", "given_up", "reversed"])
def test_the_rest_of_a_payout_ticks_the_task_of_its_change_once_all_was_paid(app, end):
    order = make.order(world.store(), shipping_minor=800, paid_minor=13_600, total_minor=13_600)
    asked = make.change(order, Kind.CANCEL, {"text": None}, by=make.actor(Role.PRE_SALE))
    change = worlds.do(asked, "void", make.actor(Role.PRINTING), Evidence())
    who = make.actor(Role.AFTER_SALE, store_id=order.store_id)
    position = worlds.position(change, "refund")
    refund = service.request_for_change(change.id, position, Target(PaidTo.ORIGINAL), actor=who)
    _first, rest = verified(refund, 13_000)
    (line,) = worlds.orders.lines(order.id, order.store_id)
    assert (line.reserved_minor, line.refunded_minor) == (0, PAID)
    pays = make.actor(Role.FINANCE, store_id=order.store_id)
    if end == "given_up":
        service.give_up(rest.id, actor=pays)
        assert code(service.request_for_change, change.id, position, Target(PaidTo.ORIGINAL), actor=who) == "ok"
        assert world.balance(order).reserved_minor == 600
    else:
        service.confirm(rest.id, "TT-9", actor=pays)
        assert code(service.request_for_change, change.id, position, Target(PaidTo.ORIGINAL), actor=who) != "ok"
    if end == "reversed":
        hear(refund, Answer(Outcome.FAILED, "RETURNED"))
        again = service.request_for_change(change.id, position, Target(PaidTo.ORIGINAL), actor=who)
        assert again.amount_minor == 13_000
    world.check_books(refund.order_id, refund.store_id)
    assert invariants.broken(order.store_id) == []


def test_what_people_said_was_paid_and_came_back_is_taken_back_once_and_can_be_asked_for_anew(app):
    case, refund = of_both(world.store(**{REFUND_PLACES: {}}))
    (payout,) = world.payouts(refund)
    pays = make.actor(Role.FINANCE, store_id=case.store_id)
    assert code(service.take_back, payout.id, "退汇", actor=pays) == "wrong_state"
    service.confirm(payout.id, "TT-1", actor=pays)
    assert code(service.take_back, payout.id, " ", actor=pays) == "reason_required"
    service.take_back(payout.id, "退汇", actor=pays)
    assert code(service.take_back, payout.id, "退汇", actor=pays) == "wrong_state"
    assert stands(case) == [(PAID, 0, 0), (800, 0, 0)]
    world.check_books(refund.order_id, refund.store_id)
    again = service.request_for_case(case.id, CaseWish(Target(PaidTo.ORIGINAL)), actor=owner(case))
    assert again.amount_minor == 13_600


def test_what_a_place_paid_is_taken_back_by_the_place_alone(app):
    _case, refund = of_both(world.store())
    world.run(refund, Bank())
    (payout,) = world.payouts(refund)
    pays = make.actor(Role.FINANCE, store_id=refund.store_id)
    assert code(service.take_back, payout.id, "退汇", actor=pays) == "wrong_state"


def owner(case):
    return Actor(case.owner_id, "阿禾", "阿禾", {case.store_id: frozenset({Role.AFTER_SALE})})


@pytest.mark.parametrize("is_begun", [False, True])
def test_a_place_that_never_comes_back_leaves_its_payouts_to_people(app, is_begun):
    order = make.order(world.store())
    refund = world.refund(order, by=make.actor(Role.AFTER_SALE, store_id=order.store_id))
    (payout,) = world.payouts(refund)
    if is_begun:
        world.run(refund, Bank(mode=Mode.DROP))
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        pay_out(payout.store_id, payout.id, {})
        if is_begun:
            boss = make.actor(Role.SUPERVISOR, store_id=order.store_id)
            service.verify(payout.id, PayoutState.FAILED, "BANK-77", actor=boss)
        else:
            service.give_up(payout.id, actor=make.actor(Role.FINANCE, store_id=order.store_id))
    assert world.balance(order).reserved_minor == 0
    world.check_books(order.id, order.store_id)


@pytest.mark.both_engines
def test_finance_and_the_shops_own_system_at_once_wait_for_nobody_for_ever(app, monkeypatch):
    """Both end the payout of a case: they lock in one order, so that the database has to break no circle."""
    monkeypatch.setattr("shopdesk.core.db.TRIES", 1)
    store = world.store(**{REFUND_PLACES: {"original": "platform"}})
    case, refund = of_both(store)
    payout_id = world.payouts(refund)[0].id
    pays, shop = make.actor(Role.FINANCE, store_id=store.id), Actor.system([store.id])
    told = Refunded("P-1", 13_600, True)
    order_id, store_id = case.order_id, store.id
    number = worlds.orders.order_by_id(order_id, store_id).number
    as_of = clock.now() + timedelta(minutes=1)
    with time_machine.travel(as_of + timedelta(minutes=1), tick=False):
        found = race(
            app,
            lambda: service.confirm(payout_id, "TT-1", actor=pays),
            lambda: report_refund(store_id, number, told, as_of=as_of, actor=shop),
            lambda: look_again(order_id, store_id, actor=shop),
        )
    assert found[1:] == ["ok", "ok"]
    assert found[0] in {"ok", "wrong_state"}
    assert stands(case) == [(PAID, 0, PAID), (800, 0, 800)]
    world.check_books(refund.order_id, refund.store_id)
