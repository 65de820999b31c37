"""Reserve, send, settle: what happens to one refund, step by step, whatever the place says (trust.md A1)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.cases.states import PaidTo
from shopdesk.core import audit, clock
from shopdesk.core.db import command
from shopdesk.core.errors import IllegalMove, NotAllowed, NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Role
from shopdesk.feeds import service as feeds
from shopdesk.feeds.models import FeedKind
from shopdesk.refunds import queries, service
from shopdesk.refunds.rules import paying as rules
from shopdesk.refunds.service import RefundSettings
from shopdesk.refunds.states import Answer, Hint, Outcome, PayoutState, PlaceRules, RefundState
from shopdesk.staff.models import REFUND_LIMIT
from tests import make
from tests.refunds import world
from tests.refunds.bank import Bank, Mode
from tests.refunds.scenes import hear, later, two_payments

P = PayoutState


@pytest.mark.both_engines
def test_a_refund_is_reserved_sent_and_settled_with_a_credit_note(order, agent):
    bank = Bank()
    made = world.refund(order, by=agent)
    assert made.state is RefundState.APPROVED
    assert world.balance(order).reserved_minor == 500
    assert world.run(made, bank) == [P.SUCCEEDED]
    assert bank.paid_minor == 500
    assert (world.balance(order).reserved_minor, world.balance(order).settled_minor) == (0, 500)
    (payout,) = world.payouts(made)
    assert queries.credit_note_of(payout).number == 1
    assert world.run(made, bank) == [P.SUCCEEDED]
    assert len(bank.paid) == 1
    world.check_books(order.id, order.store_id)


@pytest.mark.parametrize("mode", [Mode.COMMIT_THEN_DROP, Mode.ERROR_AFTER, Mode.PENDING, Mode.DROP, Mode.ERROR_BEFORE])
def test_r4_r5_what_nobody_knows_keeps_the_money_aside_until_the_place_was_asked(order, agent, mode):
    bank = Bank(mode=mode)
    made = world.refund(order, by=agent)
    assert world.run(made, bank) == [P.UNKNOWN]
    assert world.balance(order).reserved_minor == 500
    bank.mode = Mode.OK
    assert world.run(made, bank) == [P.UNKNOWN]  # not due yet
    with later(2):
        world.run(made, bank)
        assert bank.asked == 1
        assert world.run(made, bank) == [P.SUCCEEDED]
    assert bank.paid_minor == 500
    assert bank.executed_twice == []
    world.check_books(order.id, order.store_id)


def test_r3_who_dies_after_the_sending_asks_before_sending_the_same_number_again(order, agent, monkeypatch):
    bank, made = Bank(), world.refund(order, by=agent)
    with monkeypatch.context() as broken:
        broken.setattr(service, "settle", lambda *_args, **_kw: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            world.run(made, bank)
    (payout,) = world.payouts(made)
    assert payout.state is P.SENDING
    assert world.run(made, bank) == [P.SENDING]  # the lease still holds
    with later(2):
        assert world.run(made, bank) == [P.SUCCEEDED]
    assert (bank.asked, len(bank.paid)) == (1, 1)


def test_r5_a_final_refusal_releases_the_money_and_the_decision_stays(order, agent):
    bank, made = Bank(mode=Mode.REFUSED), world.refund(order, by=agent)
    assert world.run(made, bank) == [P.FAILED]
    assert queries.refund_by_id(made.id, agent).state is RefundState.APPROVED
    assert world.balance(order).left_minor == world.PAID
    assert world.payouts(made)[0].code == "ACCOUNT_CLOSED"
    world.check_books(order.id, order.store_id)


def test_r6_another_amount_is_never_taken_for_success(order, agent):
    bank, made = Bank(mode=Mode.WRONG_AMOUNT), world.refund(order, by=agent)
    assert world.run(made, bank) == [P.UNKNOWN]
    assert world.payouts(made)[0].needs_person is True
    assert world.balance(order).reserved_minor == 500


def test_r8_the_same_webhook_twice_is_one_event(app):
    hint = Hint("bank", "evt-1", "R1")
    assert [service.take_in(hint), service.take_in(hint)] == [True, False]


def test_r15_a_worker_that_wakes_up_late_settles_nothing(order, agent):
    bank, made = Bank(), world.refund(order, by=agent)
    (payout,) = world.payouts(made)
    desk = Actor.system([order.store_id])
    slept = service.begin(payout.id, payout.store_id, {"bank": bank.rules}, actor=desk)
    with later(2):
        assert world.run(made, bank) == [P.UNKNOWN]  # asked: not there
        assert world.run(made, bank) == [P.SUCCEEDED]  # sent by another one
    late = bank.send(slept.payout)
    assert service.settle(slept, late, bank.rules, actor=desk) is None
    assert len(bank.paid) == 1
    world.check_books(order.id, order.store_id)


def test_r16_after_the_place_forgets_numbers_it_is_only_asked_then_a_person_looks(order, agent):
    bank = Bank(rules=PlaceRules(key_life=timedelta(hours=24)), mode=Mode.COMMIT_THEN_DROP)
    made = world.refund(order, by=agent)
    world.run(made, bank)
    bank.mode = Mode.OK
    with later(60 * 25):
        assert world.run(made, bank) == [P.UNKNOWN]
        assert world.run(made, bank) == [P.UNKNOWN]
        assert world.payouts(made)[0].needs_person is True
        assert (bank.known, len(bank.paid)) == ({}, 1)  # it pruned its keys, the money is gone all the same
        boss = make.actor(Role.SUPERVISOR, store_id=order.store_id)
        done = service.verify(world.payouts(made)[0].id, P.SUCCEEDED, "bank statement 12", actor=boss)
        assert done.state is P.SUCCEEDED
    world.check_books(order.id, order.store_id)


def test_nobody_decides_what_the_machine_is_still_asking(order, agent):
    made = world.refund(order, by=agent)
    world.run(made, Bank(mode=Mode.DROP))
    boss = make.actor(Role.SUPERVISOR, store_id=order.store_id)
    with pytest.raises(IllegalMove, match="still asking"):
        service.verify(world.payouts(made)[0].id, P.FAILED, "evidence 1", actor=boss)


@pytest.mark.parametrize("times", [1, 3])
def test_r17_a_success_that_is_taken_back_frees_the_money_once(order, agent, times):
    bank, made = Bank(), world.refund(order, by=agent)
    world.run(made, bank)
    for _ in range(times):
        hear(made, Answer(Outcome.FAILED, "RETURNED"))
    assert [payout.state for payout in world.payouts(made)] == [P.REVERSED]
    assert world.balance(order).left_minor == world.PAID
    world.check_books(order.id, order.store_id)


def test_r8_an_old_word_after_the_last_one_changes_nothing(order, agent):
    bank, made = Bank(), world.refund(order, by=agent)
    world.run(made, bank)
    for outcome in (Outcome.PENDING, Outcome.UNKNOWN, Outcome.NOT_THERE):
        hear(made, Answer(outcome))
    hear(made, Answer(Outcome.SUCCEEDED, "", 500, "CNY"))
    assert [payout.state for payout in world.payouts(made)] == [P.SUCCEEDED]
    world.check_books(order.id, order.store_id)


def test_e12_two_payments_are_paid_back_the_last_one_first(app):
    store = world.store()
    order = two_payments(store)
    made = world.refund(order, 2500, by=world.agent(store), **world.TO_ALIPAY)
    assert [payout.amount_minor for payout in world.payouts(made)] == [500, 2000]
    world.run(made, Bank())
    world.check_books(order.id, order.store_id)


def test_more_than_was_paid_is_refused_with_what_is_left(order, agent):
    world.refund(order, 12_000, by=agent)
    with pytest.raises(RuleViolation) as refused:
        world.refund(order, 801, by=agent)
    assert refused.value.facts["left_minor"] == 800
    world.refund(order, 800, by=agent)
    world.check_books(order.id, order.store_id)


@pytest.mark.parametrize("amount_minor", [0, -1])
def test_r13_nothing_and_less_is_no_refund(order, agent, amount_minor):
    with pytest.raises(RuleViolation, match="more than zero"):
        world.refund(order, amount_minor, by=agent)


def test_r23_above_a_limit_somebody_else_approves(app):
    store = world.store(**{REFUND_LIMIT: 1000})
    order, who = make.order(store), make.actor(Role.AFTER_SALE, Role.SUPERVISOR, store_id=store.id)
    boss = make.actor(Role.SUPERVISOR, store_id=store.id)
    assert world.refund(order, 600, by=who).state is RefundState.APPROVED
    second = world.refund(order, 600, by=who)  # 1,200 within the window
    assert second.state is RefundState.AWAITING_APPROVAL
    assert world.payouts(second) == []
    with pytest.raises(NotAllowed, match="Somebody else"):
        service.approve(second.id, actor=who)
    assert service.approve(second.id, actor=boss).state is RefundState.APPROVED
    with pytest.raises(IllegalMove):
        service.approve(second.id, actor=boss)
    assert world.run(second, Bank()) == [P.SUCCEEDED]
    world.check_books(order.id, order.store_id)


def test_e49_a_limit_that_was_lowered_meanwhile_holds_the_payout_back(app):
    store, bank = world.store(), Bank()
    order, who = make.order(store), world.agent(store)
    made = world.refund(order, 600, by=who)
    world._set(store, {REFUND_LIMIT: 100})
    assert world.run(made, bank) == [P.RESERVED]
    assert bank.paid == []
    assert queries.refund_by_id(made.id, who).state is RefundState.AWAITING_APPROVAL
    service.approve(made.id, actor=make.actor(Role.SUPERVISOR, store_id=store.id))
    assert world.run(made, bank) == [P.SUCCEEDED]
    world.check_books(order.id, order.store_id)


@pytest.mark.both_engines
def test_a_lowered_limit_holds_back_what_finance_has_not_paid_yet_until_somebody_else_approves(app):
    store = world.store()
    who, boss = world.agent(store), make.actor(Role.SUPERVISOR, store_id=store.id)
    finance = make.actor(Role.FINANCE, store_id=store.id)
    made = [world.refund(make.order(store), n, by=who, destination=PaidTo.BANK, account="62220212") for n in (600, 90)]
    service.set_refund_settings(store.id, RefundSettings(limit_minor=100), known=frozenset(), actor=boss)
    small, big = world.payouts(made[1])[0], world.payouts(made[0])[0]
    with pytest.raises(IllegalMove):
        service.confirm(big.id, "B-1", actor=finance)
    assert service.confirm(small.id, "B-2", actor=finance).state is P.SUCCEEDED
    service.approve(made[0].id, actor=boss)
    assert service.confirm(big.id, "B-1", actor=finance).state is P.SUCCEEDED
    world.check_books(made[0].order_id, store.id)


def test_what_a_lowered_limit_held_back_can_be_rejected_and_frees_the_money(app):
    store = world.store()
    order, who = make.order(store), world.agent(store)
    made = world.refund(order, 600, by=who)
    world._set(store, {REFUND_LIMIT: 100})
    world.run(made, Bank())
    service.reject(made.id, "not this much", actor=make.actor(Role.SUPERVISOR, store_id=store.id))
    assert world.balance(order).left_minor == world.PAID
    assert world.run(made, Bank()) == [P.FAILED]
    world.check_books(order.id, order.store_id)


def test_a_payout_beside_the_platform_waits_for_a_newer_refund_list_or_a_look(app):
    store, bank = make.store(), Bank()
    world._set(store, {"refund_places": {"original": "bank"}})
    order, who = make.order(store), world.agent(store)
    first = world.refund(order, 500, by=who)
    assert world.run(first, bank) == [P.RESERVED]
    service.note_look(first.id, actor=make.actor(Role.FINANCE, store_id=store.id))
    assert world.run(first, bank) == [P.SUCCEEDED]
    second = world.refund(order, 500, by=who)
    with later(6):
        assert world.run(second, bank) == [P.RESERVED]
        told(store)
    with later(12):
        assert world.run(second, bank) == [P.SUCCEEDED]
    world.check_books(order.id, order.store_id)


@command
def told(store):
    feeds.note(store, FeedKind.REFUNDS, "taobao refunds", as_of=clock.now())
    audit.record("test.told", "store", store.id, make.ROOT, store_id=store.id)


def test_finance_confirms_a_transfer_once_and_others_do_not(order, agent):
    made = world.refund(order, 500, by=agent, destination=PaidTo.TRANSFER, account="6222 0202")
    assert world.run(made, Bank()) == [P.RESERVED]
    (payout,) = world.payouts(made)
    with pytest.raises(NotAllowed):
        service.confirm(payout.id, "TX-1", actor=agent)
    elsewhere = make.actor(Role.FINANCE, store_id=world.store("other-shop").id)
    with pytest.raises(NotFound):
        service.confirm(payout.id, "TX-1", actor=elsewhere)
    finance = make.actor(Role.FINANCE, store_id=order.store_id)
    assert service.confirm(payout.id, "TX-1", actor=finance).state is P.SUCCEEDED
    with pytest.raises(IllegalMove):
        service.confirm(payout.id, "TX-1", actor=finance)
    world.check_books(order.id, order.store_id)


@pytest.mark.parametrize("state", list(P))
@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_answer_in_every_state_leads_where_the_table_says(state, outcome):
    answer = Answer(outcome, "", 500, "CNY")
    got = rules.result(state, answer, amount_minor=500, currency="CNY")
    final = {Outcome.SUCCEEDED: P.SUCCEEDED, Outcome.FAILED: P.FAILED}
    if state in {P.RESERVED, P.SENDING, P.UNKNOWN}:
        wanted = final.get(outcome, state if state is P.RESERVED else P.UNKNOWN)
    elif state is P.SUCCEEDED and outcome is Outcome.FAILED:
        wanted = P.REVERSED
    else:
        wanted = state
    assert got is wanted


def test_a_place_that_cannot_be_asked_is_never_sent_the_same_twice(order, agent):
    bank = Bank(rules=PlaceRules(can_ask=False), mode=Mode.COMMIT_THEN_DROP)
    made = world.refund(order, by=agent)
    world.run(made, bank)
    with later(60):
        world.run(made, bank)
    assert world.payouts(made)[0].needs_person is True
    assert len(bank.paid) == 1
