"""Each guard of the payouts alone: what it keeps back is seen, and without it the test goes red."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.cases.states import PaidTo
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import Conflict, IllegalMove, NotAllowed, RuleViolation
from shopdesk.core.permissions import Actor, Role
from shopdesk.orders.models import HandPayment
from shopdesk.orders.states import PayMethod
from shopdesk.payments import queries as payments
from shopdesk.reconciling.queries.payouts import on_desk
from shopdesk.reconciling.states import Desk
from shopdesk.refunds import queries, service
from shopdesk.refunds.rules import paying as rules
from shopdesk.refunds.states import Act, Answer, FollowUp, Outcome, PayoutState, PlaceRules, RefundState
from shopdesk.staff.models import REFUND_LIMIT, REFUND_PLACES
from tests import make
from tests.payments.test_payments import followed
from tests.refunds import world
from tests.refunds.bank import Bank, Mode
from tests.refunds.scenes import hear, later

P = PayoutState
SPLIT = {"destination": PaidTo.TRANSFER, "account": "6222 0202"}


def finance(store_id):
    return make.actor(Role.FINANCE, store_id=store_id)


def boss(store_id):
    return make.actor(Role.SUPERVISOR, store_id=store_id)


def trays(store_id):
    """What lies on finance's trays, but for what is done."""
    open_ones = [desk for desk in Desk if desk is not Desk.DONE]
    return {desk: [row.id for row in on_desk(desk, finance(store_id))] for desk in open_ones}


# -- one place for each payment


@command
def note_by_hand(order, amount_minor):
    db.session.add(
        HandPayment(
            store_id=order.store_id, order_id=order.id, amount_minor=amount_minor, method=PayMethod.CARD,
            reference="POS-78", noted_at=clock.now(),
        )
    )  # fmt: skip
    audit.record("test.noted", "order", order.id, make.ROOT, store_id=order.store_id)


def told_and_noted(store):
    """An order that the platform told as paid, and a supplement that somebody noted."""
    order = make.order(store)
    note_by_hand(order, 200)
    followed(order.id, order.store_id, paid_minor=world.PAID + 200)
    return order


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_each_part_goes_back_through_the_place_that_its_payment_came_through(app):
    store, bank = world.store(), Bank()
    order = told_and_noted(store)
    made = world.refund(order, 700, by=world.agent(store))
    assert [(p.amount_minor, p.place) for p in world.payouts(made)] == [(500, "bank"), (200, "manual")]
    assert world.run(made, bank) == [P.SUCCEEDED, P.RESERVED]
    assert bank.paid_minor == 500
    by_hand = world.payouts(made)[1]
    assert trays(store.id)[Desk.LOOK] + trays(store.id)[Desk.PAY] == [by_hand.id]
    service.confirm(by_hand.id, "TX-20", actor=finance(store.id))
    world.check_books(order.id, store.id)


@pytest.mark.parametrize(
    ("destination", "is_by_hand", "place"),
    [
        (PaidTo.ORIGINAL, False, "bank"),
        (PaidTo.ORIGINAL, True, "manual"),
        (PaidTo.PLATFORM, True, "manual"),
        (PaidTo.ALIPAY, True, "bank"),
    ],
)
def test_only_what_goes_back_where_it_came_from_follows_the_payment(destination, is_by_hand, place):
    assert rules.place_of_part(destination, "bank", is_by_hand=is_by_hand) == place


# -- one proof for one payout


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_one_reference_proves_one_payout_of_a_place(order, agent):
    first, second = (world.refund(order, 500, by=agent, **SPLIT) for _ in range(2))
    who = finance(order.store_id)
    service.confirm(world.payouts(first)[0].id, " TX-1", actor=who)
    with pytest.raises(Conflict) as refused:
        service.confirm(world.payouts(second)[0].id, "TX-1 ", actor=who)
    assert (refused.value.code, refused.value.facts["number"]) == ("reference_used", world.payouts(first)[0].number)
    assert world.payouts(second)[0].state is P.RESERVED
    service.confirm(world.payouts(second)[0].id, "TX-2", actor=who)
    world.check_books(order.id, order.store_id)


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_the_database_itself_keeps_one_reference_for_one_payout(order, agent, monkeypatch):
    first, second = (world.refund(order, 500, by=agent, **SPLIT) for _ in range(2))
    service.confirm(world.payouts(first)[0].id, "TX-1", actor=finance(order.store_id))
    monkeypatch.setattr(queries, "payout_proved_by", lambda *_: None)
    with pytest.raises(Conflict):
        service.confirm(world.payouts(second)[0].id, "TX-1", actor=finance(order.store_id))


def test_a_success_that_names_the_reference_of_another_payout_is_for_a_person(order, agent):
    class Mixed(Bank):
        def send(self, payout):
            said = super().send(payout)
            return Answer(said.outcome, said.code, said.amount_minor, said.currency, "B-SAME")

    bank = Mixed()
    first, second = (world.refund(order, 500, by=agent) for _ in range(2))
    assert world.run(first, bank) == [P.SUCCEEDED]
    assert world.run(second, bank) == [P.UNKNOWN]
    (odd,) = world.payouts(second)
    assert (odd.code, odd.needs_person) == ("desk.reference_used", True)
    assert trays(order.store_id)[Desk.VERIFY] == [odd.id]
    world.check_books(order.id, order.store_id)


# -- limits of a place


def test_only_the_payout_beyond_the_places_limit_waits_for_a_person(order, agent):
    bank = Bank(rules=PlaceRules(most_parts=1))
    first, second = world.refund(order, 500, by=agent), world.refund(order, 300, by=agent)
    assert (world.run(second, bank), world.run(first, bank)) == ([P.RESERVED], [P.SUCCEEDED])
    assert (world.payouts(first)[0].needs_person, world.payouts(second)[0].needs_person) == (False, True)
    assert bank.paid_minor == 500
    service.confirm(world.payouts(second)[0].id, "TX-9", actor=finance(order.store_id))  # another way
    world.check_books(order.id, order.store_id)


def test_a_payout_that_failed_counts_not_into_the_places_limit(order, agent):
    bank = Bank(rules=PlaceRules(most_parts=1), mode=Mode.REFUSED)
    assert world.run(world.refund(order, 500, by=agent), bank) == [P.FAILED]
    bank.mode = Mode.OK
    assert world.run(world.refund(order, 500, by=agent), bank) == [P.SUCCEEDED]


def test_two_payouts_of_a_payment_keep_the_places_pause_between_them(order, agent):
    bank = Bank(rules=PlaceRules(pause=timedelta(minutes=1)))
    first, second = world.refund(order, 500, by=agent), world.refund(order, 300, by=agent)
    assert world.run(first, bank) == [P.SUCCEEDED]
    assert world.run(second, bank) == [P.RESERVED]
    with later(2):
        assert world.run(second, bank) == [P.SUCCEEDED]


def test_while_one_payout_of_a_payment_is_on_its_way_the_next_one_waits(order, agent):
    bank = Bank()
    first, second = world.refund(order, 500, by=agent), world.refund(order, 300, by=agent)
    (begun,) = world.payouts(first)
    service.begin(begun.id, begun.store_id, {"bank": bank.rules}, actor=Actor.system([order.store_id]))
    assert world.run(second, bank) == [P.RESERVED]
    assert bank.paid == []


def test_after_a_day_a_person_looks_too_and_the_place_is_asked_all_the_same():
    now = clock.now()
    waits = rules.Standing(P.UNKNOWN, first_sent_at=now - rules.PATIENCE + timedelta(seconds=1))
    over = rules.Standing(P.UNKNOWN, first_sent_at=now - rules.PATIENCE)
    says = Answer(Outcome.PENDING)
    assert [rules.needs_person(s, says, PlaceRules(), now) for s in (waits, over)] == [False, True]
    assert rules.next_act(over, PlaceRules(), now) is Act.ASK


# -- all that is sent is frozen


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_what_is_sent_under_a_number_is_the_same_at_every_sending(app):
    store, sent = world.store(), []

    class Deaf(Bank):
        def send(self, payout):
            sent.append(payout)
            raise ConnectionResetError

    order, bank = make.order(store), Deaf()
    number = order.number
    made = world.refund(order, by=world.agent(store))
    world.run(made, bank)
    followed(order.id, store.id, paid_minor=world.PAID + 900, number="RENAMED-1")
    (payment,) = payments.payments_of_order(order.id, store.id)
    make._write(payment, {"reference": "ANOTHER-1"})
    with later(2):
        world.run(made, bank)
        world.run(made, bank)
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert (sent[1].captured_minor, sent[1].payment_reference) == (world.PAID, number)


# -- what failed or came back is not forgotten


def test_what_failed_stands_in_the_queue_until_somebody_says_what_follows_and_it_does(order, agent):
    made = world.refund(order, by=agent)
    world.run(made, Bank(mode=Mode.REFUSED))
    (payout,) = world.payouts(made)
    assert trays(order.store_id)[Desk.FAILED] == [payout.id]
    with pytest.raises(NotAllowed):
        service.follow_up(payout.id, FollowUp.ASKED_ANEW, actor=agent)
    service.follow_up(payout.id, FollowUp.ASKED_ANEW, actor=finance(order.store_id))
    assert trays(order.store_id)[Desk.FAILED] == [payout.id]  # until the new one is there
    world.refund(order, by=agent)
    assert trays(order.store_id)[Desk.FAILED] == []


def test_what_was_answered_with_nothing_more_comes_back_when_it_was_paid_after_all(order, agent):
    made = world.refund(order, by=agent)
    world.run(made, Bank(mode=Mode.REFUSED))
    (payout,) = world.payouts(made)
    service.follow_up(payout.id, FollowUp.NOTHING_MORE, actor=finance(order.store_id))
    assert trays(order.store_id)[Desk.FAILED] == []
    hear(made, Answer(Outcome.SUCCEEDED, "", 500, "CNY"))
    assert trays(order.store_id)[Desk.FAILED] == [payout.id]


def test_only_what_ended_badly_is_followed_up(order, agent):
    made = world.refund(order, by=agent)
    world.run(made, Bank())
    with pytest.raises(IllegalMove):
        service.follow_up(world.payouts(made)[0].id, FollowUp.NOTHING_MORE, actor=finance(order.store_id))


def test_another_stores_payouts_are_not_in_the_queue(order, agent):
    world.run(world.refund(order, by=agent), Bank(mode=Mode.REFUSED))
    other = world.store("other-shop")
    assert trays(other.id)[Desk.FAILED] == []


# -- another amount was paid


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.parametrize(("paid", "books"), [(700, (0, 500, 200)), (300, (200, 300, 0))])
def test_what_was_truly_paid_is_what_the_books_say(order, agent, paid, books):
    made = world.refund(order, by=agent)
    world.run(made, Bank(mode=Mode.WRONG_AMOUNT))
    (odd,) = world.payouts(made)
    done = service.verify(odd.id, P.SUCCEEDED, "statement 12", paid_minor=paid, actor=boss(order.store_id))
    assert (done.paid_minor, done.place_reference) == (paid, "statement 12")
    balance = world.balance(order)
    assert (balance.reserved_minor, balance.settled_minor, balance.outside_minor) == books
    rest = world.payouts(made)[1:]
    assert [(p.amount_minor, p.place, p.state) for p in rest] == ([(200, "manual", P.RESERVED)] if books[0] else [])
    world.check_books(order.id, order.store_id)
    for owed in rest:
        service.confirm(owed.id, "TX-5", actor=finance(order.store_id))
        assert world.balance(order).settled_minor == 500
    world.check_books(order.id, order.store_id)


def test_taken_back_is_what_had_been_paid_and_no_more(order, agent):
    made = world.refund(order, by=agent)
    world.run(made, Bank(mode=Mode.WRONG_AMOUNT))
    service.verify(world.payouts(made)[0].id, P.SUCCEEDED, "statement 12", paid_minor=300, actor=boss(order.store_id))
    world.refund(order, 400, by=agent)
    world.run(world.refund(order, 100, by=agent), Bank())
    hear(made, Answer(Outcome.FAILED, "RETURNED"))
    assert (world.balance(order).settled_minor, world.balance(order).reserved_minor) == (100, 600)
    world.check_books(order.id, order.store_id)


def test_nothing_is_no_amount_that_was_paid(order, agent):
    made = world.refund(order, by=agent)
    world.run(made, Bank(mode=Mode.WRONG_AMOUNT))
    with pytest.raises(RuleViolation):
        service.verify(world.payouts(made)[0].id, P.SUCCEEDED, "statement 12", paid_minor=0, actor=boss(order.store_id))


# -- credit notes


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_success_that_is_taken_back_has_a_counter_note_under_the_next_number_once(order, agent):
    first, second = (world.refund(order, 500, by=agent) for _ in range(2))
    world.run(first, Bank())
    for _ in range(3):
        hear(first, Answer(Outcome.FAILED, "RETURNED"))
    world.run(second, Bank())
    (back,), (kept,) = world.payouts(first), world.payouts(second)
    note, counter = queries.credit_note_of(back), queries.counter_note_of(back)
    assert [note.number, counter.number, queries.credit_note_of(kept).number] == [1, 2, 3]
    assert (counter.counters_id, counter.amount_minor) == (note.id, 500)
    world.check_books(order.id, order.store_id)


# -- who may say so


def test_one_does_not_reject_but_withdraw_what_one_asked_for(app):
    store = world.store(**{REFUND_LIMIT: 100})
    both = make.actor(Role.AFTER_SALE, Role.SUPERVISOR, store_id=store.id)
    made = world.refund(make.order(store), by=both)
    with pytest.raises(NotAllowed):
        service.reject(made.id, "doch nicht", actor=both)
    assert service.withdraw(made.id, "doch nicht", actor=both).state is RefundState.WITHDRAWN


@pytest.mark.parametrize("limit", [100, None])
def test_above_a_limit_who_asked_does_not_say_that_it_was_paid(app, limit):
    store = world.store(**({REFUND_LIMIT: limit} if limit else {}))
    both = make.actor(Role.AFTER_SALE, Role.SUPERVISOR, store_id=store.id)
    made = world.refund(make.order(store), by=both)
    if limit:
        service.approve(made.id, actor=boss(store.id))
    world.run(made, Bank(mode=Mode.WRONG_AMOUNT))
    (odd,) = world.payouts(made)
    if limit:
        with pytest.raises(NotAllowed, match="Somebody else"):
            service.verify(odd.id, P.FAILED, "statement 12", actor=both)
        both = boss(store.id)
    assert service.verify(odd.id, P.FAILED, "statement 12", actor=both).state is P.FAILED


@pytest.mark.parametrize("limit", [100, None])
def test_above_a_limit_who_approved_does_not_confirm_the_payout(app, limit):
    store = world.store(**({REFUND_LIMIT: limit} if limit else {}))
    made = world.refund(make.order(store), by=world.agent(store), **SPLIT)
    three = make.actor(Role.SUPERVISOR, Role.FINANCE, store_id=store.id)
    if limit:
        service.approve(made.id, actor=three)
        with pytest.raises(NotAllowed, match="Somebody else"):
            service.confirm(world.payouts(made)[0].id, "TX-3", actor=three)
        three = finance(store.id)
    assert service.confirm(world.payouts(made)[0].id, "TX-3", actor=three).state is P.SUCCEEDED


def test_what_a_machine_may_send_at_any_moment_is_not_confirmed_by_hand(order, agent):
    made = world.refund(order, by=agent)
    for say in (lambda id_: service.confirm(id_, "TX-4", actor=finance(order.store_id)),
                lambda id_: service.give_up(id_, actor=finance(order.store_id))):  # fmt: skip
        with pytest.raises(IllegalMove):
            say(world.payouts(made)[0].id)


def test_a_transfer_beside_the_platform_is_not_confirmed_before_somebody_looked_there(app):
    store = make.store()
    world._set(store, {REFUND_PLACES: {"original": "manual"}})
    made = world.refund(make.order(store), by=world.agent(store))
    with pytest.raises(RuleViolation) as refused:
        service.confirm(world.payouts(made)[0].id, "TX-6", actor=finance(store.id))
    assert refused.value.code == "platform_unknown"
    service.note_look(made.id, actor=finance(store.id))
    assert service.confirm(world.payouts(made)[0].id, "TX-6", actor=finance(store.id)).state is P.SUCCEEDED


# -- asked out of turn


@pytest.mark.parametrize("outcome", [Outcome.PENDING, Outcome.UNKNOWN, Outcome.NOT_THERE])
def test_a_word_that_is_not_the_last_one_out_of_turn_takes_no_lease_away(order, agent, outcome):
    made, bank, desk = world.refund(order, by=agent), Bank(), Actor.system([order.store_id])
    (payout,) = world.payouts(made)
    service.begin(payout.id, payout.store_id, {"bank": bank.rules}, actor=desk)
    before = world.payouts(made)[0].lease_until
    assert service.learn(payout.id, payout.store_id, Answer(outcome), bank.rules, actor=desk) is P.SENDING
    (after,) = world.payouts(made)
    assert (after.lease_until, after.is_absent, after.state) == (before, False, P.SENDING)
