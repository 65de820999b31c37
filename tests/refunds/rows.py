"""R1–R24 of trust.md, table A1: one check for each row, through the desk, for a place that is sent to (docs/places.md).

Each check takes a Scene (row_scene.py).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from shopdesk.core import clock, outbox, pausing
from shopdesk.core.db import db
from shopdesk.core.errors import NotAllowed, RuleViolation
from shopdesk.core.permissions import Actor, Role
from shopdesk.outbound import paying
from shopdesk.outbound import service as senders
from shopdesk.refunds import queries, service
from shopdesk.refunds.rules import paying as rules
from shopdesk.refunds.states import Answer, Hint, Outcome, Payout, PayoutState, RefundState
from shopdesk.staff.models import REFUND_LIMIT, REFUND_PLACES
from tests import make
from tests.payments.test_payments import followed, move
from tests.racing import race
from tests.refunds import world
from tests.refunds.bank import Crash
from tests.refunds.clerk import ask_once
from tests.refunds.row_scene import Scene

P = PayoutState


Row = Callable[[Scene], None]


def r1_a_crash_before_the_approval_is_kept_leaves_nothing(s: Scene) -> None:
    with s.patch.context() as dying:
        dying.setattr(outbox, "put", lambda *_a, **_k: (_ for _ in ()).throw(Crash))
        with pytest.raises(Crash):
            s.ask()
    db.session.rollback()
    assert queries.refunds_of_order(s.order_id, s.store_id) == []
    assert s.balance().reserved_minor == 0
    s.work()
    s.holds(s.ask(), P.RESERVED, 0)


def r2_what_was_approved_before_a_crash_is_executed(s: Scene) -> None:
    made = s.ask()  # and whoever would have carried it out has died
    s.work()
    s.holds(made, P.SUCCEEDED, 500)


def r3_who_died_after_the_sending_asks_first_and_the_money_moves_once(s: Scene) -> None:
    made = s.ask()
    with s.patch.context() as dying:
        dying.setattr(service, "settle", lambda *_a, **_k: (_ for _ in ()).throw(Crash))
        with suppress(Crash):
            s.work()
    db.session.rollback()
    s.holds(made, P.SENDING, 500)
    s.by_and_by(2)
    s.holds(made, P.SUCCEEDED, 500)


def r4_what_nobody_knows_stays_set_aside_until_it_is_known(s: Scene) -> None:
    for mode, moved in (("commit_then_drop", 500), ("drop", 0)):
        made = s.ask()
        before = s.balance().reserved_minor
        s.behave(made, mode)
        s.work()
        s.holds(made, P.UNKNOWN, moved)
        assert s.balance().reserved_minor == before
        s.by_and_by(2, 4)
        s.holds(made, P.SUCCEEDED, 500)


def r5_only_a_documented_last_word_releases_the_money(s: Scene) -> None:
    for plan in ({"status": 503}, {"status": 429, "code": "SLOW_DOWN"}, {"status": 422, "code": "UNLISTED"}):
        made = s.ask(100)
        s.behave(made, "error_before", **plan)
        s.work()
        s.holds(made, P.UNKNOWN, 0)
        s.by_and_by(2, 4)
        s.holds(made, P.SUCCEEDED, 100)
    refused = s.ask(100)
    s.behave(refused, "fail", code="ACCOUNT_CLOSED")
    s.work()
    s.holds(refused, P.FAILED, 0)


def r6_already_refunded_is_believed_only_where_the_same_was_paid(s: Scene) -> None:
    same, other = s.ask(500), s.ask(300)
    s.behave(same, "duplicate")
    s.behave(other, "duplicate_other")
    s.work()
    s.work()
    s.holds(same, P.SUCCEEDED, 500)
    s.holds(other, P.UNKNOWN, 301)
    assert s.payout(other).needs_person is True


def r7_a_webhook_before_the_answer_settles_once(s: Scene) -> None:
    made = s.ask()
    send = s.place.send

    def with_a_webhook(payout: Payout) -> Answer:
        answer: Answer = send(payout)
        paying.look_at(payout.number)
        return answer

    s.patch.setattr(s.place, "send", with_a_webhook)
    s.work()
    s.holds(made, P.SUCCEEDED, 500)
    paying.look_at(s.payout(made).number)
    s.holds(made, P.SUCCEEDED, 500)


def r8_webhooks_twice_late_and_in_any_order_lead_to_the_same(s: Scene) -> None:
    made = s.ask()
    s.work()
    number = s.payout(made).number
    for event_id in ("e1", "e2", "e1"):
        service.take_in(service_hint(number, event_id))
        paying.look_at(number)
    s.holds(made, P.SUCCEEDED, 500)
    words = [
        Answer(o, "", 500, "CNY") for o in (Outcome.PENDING, Outcome.SUCCEEDED, Outcome.SUCCEEDED, Outcome.UNKNOWN)
    ]
    for order in itertools.permutations(words):
        state = P.SENDING
        for word in order:
            state = rules.result(state, word, amount_minor=500, currency="CNY")
        assert state is P.SUCCEEDED, [word.outcome for word in order]


def service_hint(number: str, event_id: str) -> Hint:
    return Hint("tried", event_id, number)


def r9_without_any_webhook_asking_brings_the_end(s: Scene) -> None:
    made = s.ask()
    s.behave(made, "pending", hooks="never")
    s.work()
    s.holds(made, P.UNKNOWN, 0)
    s.harness.settle(s.sent(made))
    s.by_and_by(2)
    s.holds(made, P.SUCCEEDED, 500)


def r10_two_at_once_with_one_key_are_one_refund(s: Scene) -> None:
    job = {"key": "K-10", "order": s.order_id, "amount_minor": 500}
    said = race(s.app, *[lambda: ask_once(job, s.store_id)] * 2)
    assert sorted(said) in (["already_there", "ok"], ["ok", "ok"])
    s.work()
    (made,) = queries.refunds_of_order(s.order_id, s.store_id)
    s.holds(made.id, P.SUCCEEDED, 500)


def r11_one_click_that_arrives_twice_is_one_refund(s: Scene) -> None:
    for _ in range(2):
        ask_once({"key": "K-11", "order": s.order_id, "amount_minor": 500}, s.store_id)
    s.work()
    (made,) = queries.refunds_of_order(s.order_id, s.store_id)
    s.holds(made.id, P.SUCCEEDED, 500)


def r12_parts_never_add_up_to_more_than_was_paid(s: Scene) -> None:
    first = s.ask(world.PAID - 100)
    with pytest.raises(RuleViolation):
        s.ask(101)
    last = s.ask(100)
    s.work()
    s.work()
    s.holds(first, P.SUCCEEDED, world.PAID - 100)
    s.holds(last, P.SUCCEEDED, 100)


def r13_nothing_and_less_never_reaches_the_place(s: Scene) -> None:
    for amount in (0, -1, -world.PAID):
        with pytest.raises(RuleViolation):
            s.ask(amount)
    assert s.balance().reserved_minor == 0


def r14_what_is_under_way_is_not_computed_again(s: Scene) -> None:
    made, sent = s.ask(), []
    send = s.place.send

    def noted(payout: Payout) -> Answer:
        sent.append(payout)
        answer: Answer = send(payout)
        return answer

    s.patch.setattr(s.place, "send", noted)
    s.behave(made, "drop")
    s.work()
    followed(s.order_id, s.store_id, paid_minor=world.PAID + 700, number="RENAMED-14")
    world._set(db.session.merge(s.store), {REFUND_PLACES: {"original": "elsewhere"}})
    s.by_and_by(2, 4)
    assert len(sent) == 2
    assert sent[0] == sent[1]
    s.holds(made, P.SUCCEEDED, 500)


def r15_a_worker_that_wakes_up_late_pays_nothing_and_settles_nothing(s: Scene) -> None:
    made, desk = s.ask(), Actor.system([s.store_id])
    slept = service.begin(s.payout(made).id, s.store_id, {"tried": s.place.rules}, actor=desk)
    assert slept
    s.by_and_by(2, 3)
    s.holds(made, P.SUCCEEDED, 500)
    late = s.place.send(slept.payout)
    assert service.settle(slept, late, s.place.rules, actor=desk) is None
    s.holds(made, P.SUCCEEDED, 500)


def r16_once_the_place_may_have_forgotten_the_number_nothing_is_sent(s: Scene) -> None:
    made = s.ask()
    life = s.place.rules.key_life
    s.behave(made, "commit_then_drop")
    s.work()
    if life is not None:
        s.harness.forget(s.sent(made))
        s.by_and_by(int(life / timedelta(minutes=1)) + 1, int(life / timedelta(minutes=1)) + 40)
        assert s.payout(made).needs_person is True
        s.holds(made, P.UNKNOWN, 500)


def r17_a_success_that_is_taken_back_is_reversed_once(s: Scene) -> None:
    made = s.ask()
    s.work()
    s.harness.take_back(s.sent(made))
    for _ in range(3):
        paying.look_at(s.payout(made).number)
    s.holds(made, P.REVERSED, 0)
    assert s.balance().left_minor == world.PAID


def r18_what_others_took_beyond_what_was_paid_is_never_refused(s: Scene) -> None:
    (payment,) = followed(s.order_id, s.store_id)
    move("note_outside", payment, world.PAID + 900)
    assert (s.balance().overpaid_minor, s.balance().left_minor) == (900, 0)
    with pytest.raises(RuleViolation):
        s.ask(1)


def r19_what_was_refunded_at_the_place_itself_is_listed_and_lowers_what_is_left(s: Scene) -> None:
    since = clock.now() - timedelta(minutes=1)
    (payment,) = followed(s.order_id, s.store_id)
    reference = s.harness.outside(payment.reference or "", 900, "CNY")
    (foreign,) = [line for line in s.place.listed(since) if line.reference == reference]
    assert (foreign.number, foreign.amount_minor, foreign.payment_reference) == (None, 900, payment.reference)
    move("note_outside", payment, foreign.amount_minor)
    with pytest.raises(RuleViolation):
        s.ask(world.PAID - 899)
    assert s.balance().left_minor == world.PAID - 900


def r20_partial_refunds_end_at_the_last_cent(s: Scene) -> None:
    parts = [world.PAID // 3, world.PAID // 3, world.PAID - 2 * (world.PAID // 3)]
    made = [s.ask(part) for part in parts]
    for _ in parts:
        s.work()
    for one, part in zip(made, parts, strict=True):
        s.holds(one, P.SUCCEEDED, part)
    assert (s.balance().settled_minor, s.balance().left_minor) == (world.PAID, 0)


def r21_a_restored_database_sends_nothing_until_a_person_resumes(s: Scene) -> None:
    made = s.ask()
    pausing.note(s.app.config["DATA"], 10**6)  # more was sent than the database knows
    s.work()
    s.by_and_by(2, 8)
    assert s.moved(made) == 0
    assert s.payout(made).attempts > 0  # asked
    senders.resume(s.app.config["DATA"], actor=Actor.system([]))
    s.by_and_by(9)
    s.holds(made, P.SUCCEEDED, 500)


def r22_an_answer_that_the_disk_had_no_room_for_is_asked_for_again(s: Scene) -> None:
    made = s.ask()
    with s.patch.context() as full:
        full.setattr(service, "settle", lambda *_a, **_k: (_ for _ in ()).throw(_full()))
        s.work()
    db.session.rollback()
    s.holds(made, P.SENDING, 500)
    s.by_and_by(2)
    s.holds(made, P.SUCCEEDED, 500)


def _full() -> OperationalError:
    return OperationalError("UPDATE", {}, Exception("database or disk is full"))


def r23_nobody_approves_what_they_asked_for(s: Scene) -> None:
    world._set(db.session.merge(s.store), {REFUND_LIMIT: 100})
    s.agent = make.actor(Role.AFTER_SALE, Role.SUPERVISOR, store_id=s.store_id)
    made = s.ask()
    with pytest.raises(NotAllowed):
        service.approve(made, actor=s.agent)
    s.work()
    assert queries.payouts_of([made], s.store_id) == []
    boss = make.actor(Role.SUPERVISOR, store_id=s.store_id)
    assert service.approve(made, actor=boss).state is RefundState.APPROVED
    s.work()
    s.holds(made, P.SUCCEEDED, 500)


def r24_who_does_not_hear_that_it_was_kept_asks_again_and_is_shown_the_first(s: Scene) -> None:
    job, session = {"key": "K-24", "order": s.order_id, "amount_minor": 500}, db.session()
    commit = session.commit

    def cut() -> None:
        commit()
        if session.info.get("committing"):
            raise OperationalError("COMMIT", {}, Exception("the connection was lost"))

    with s.patch.context() as broken:
        broken.setattr(session, "commit", cut)
        with pytest.raises(OperationalError):
            ask_once(job, s.store_id)
    db.session.rollback()
    ask_once(job, s.store_id)
    s.work()
    (made,) = queries.refunds_of_order(s.order_id, s.store_id)
    s.holds(made.id, P.SUCCEEDED, 500)


ROWS: tuple[Row, ...] = tuple(
    found for name, found in sorted(globals().items(), key=lambda item: len(item[0].partition("_")[0]))
    if name.partition("_")[0][1:].isdigit() and name[0] == "r"
)  # fmt: skip
