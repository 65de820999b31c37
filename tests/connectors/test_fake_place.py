"""The fake place itself: its webhooks, what it forgets, what happens later, and what it tells of money."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shopdesk.connectors.breaker import Breaker
from shopdesk.connectors.fake_place import hooks
from shopdesk.connectors.fake_place.till import REMEMBERS_S
from shopdesk.connectors.places import NOT_CALLED, Forged, NotListed
from shopdesk.connectors.places.fake import FakePlace
from shopdesk.connectors.places.signature import sign
from shopdesk.connectors.wire import Address, Wire, is_loopback
from shopdesk.core import clock
from shopdesk.refunds.states import Outcome
from tests.connectors.conftest import Listener
from tests.connectors.harness import FakeHarness
from tests.fake_place import SECRET, FakeProcess, eventually

pytestmark = pytest.mark.enable_socket
BODY = b'{"event_id": "EV-FP000000001-succeeded", "number": "RF1"}'
#: HMAC-SHA256 of `1764000000.<body>` under `secret-example`, by another program (openssl dgst -hmac)
VECTOR = "t=1764000000,v1=0ae7103cfc44bcb7a0ae95ca420439ed95b55867c17be554a05f9c0eb99b46e6"


def test_both_sides_sign_as_an_independent_program_does() -> None:
    assert sign("secret-example", 1764000000, BODY) == VECTOR
    assert hooks.signed("secret-example", 1764000000, BODY) == VECTOR


def test_a_webhook_of_any_length_is_not_read(fake_place: FakeProcess) -> None:
    body = BODY + b" " * 70_000
    headers = {hooks.SIGNATURE: sign(SECRET, int(clock.now().timestamp()), body)}
    with pytest.raises(Forged, match="too long"):
        FakeHarness(fake_place).place.read_hint(headers, body)


@pytest.mark.parametrize(("how", "times"), [("once", 1), ("first", 1), ("twice", 2), ("late", 1)])
def test_a_webhook_comes_as_planned_and_the_same_event_has_the_same_id(
    how: str, times: int, fake_place: FakeProcess, listener: Listener
) -> None:
    desk = FakeHarness(fake_place)
    payout = desk.payout()
    desk.behave("ok", payout, hooks=how, hook_delay_s=0.2)
    desk.place.send(payout)
    if how == "first":
        assert len(listener.heard) == 1, "it comes before the answer"
    if how == "late":
        assert listener.heard == []
    eventually(lambda: len(listener.heard) == times)
    hints = {desk.place.read_hint(headers, body) for headers, body in listener.heard}
    assert [hint.number for hint in hints] == [payout.number]
    assert desk.place.send(payout).outcome is Outcome.SUCCEEDED
    assert len(listener.heard) == times, "a number that is known tells nothing new"


def test_a_forged_webhook_is_refused_and_one_kept_for_later_too(
    fake_place: FakeProcess, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = FakeHarness(fake_place)
    payout, other = desk.payout(), desk.payout()
    desk.behave("ok", payout, hooks="forged")
    desk.place.send(payout)
    (forged,) = eventually(lambda: listener.heard)
    with pytest.raises(Forged):
        desk.place.read_hint(*forged)
    desk.place.send(other)
    genuine = eventually(lambda: listener.heard[1:])[0]
    assert desk.place.read_hint(*genuine).number == other.number
    later = clock.now() + timedelta(minutes=6)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(Forged):
        desk.place.read_hint(*genuine)


def test_a_webhook_that_never_comes_leaves_the_asking(fake_place: FakeProcess, listener: Listener) -> None:
    desk = FakeHarness(fake_place)
    silent, last = desk.payout(), desk.payout()
    desk.behave("pending", silent, hooks="never", then_s=0.05)
    assert desk.place.send(silent).outcome is Outcome.PENDING
    desk.place.send(last)
    eventually(lambda: desk.place.ask(silent.number).outcome is Outcome.SUCCEEDED)
    eventually(lambda: listener.heard)


def test_the_pending_is_paid_and_the_paid_comes_back_by_itself_with_a_webhook_each(
    fake_place: FakeProcess, listener: Listener
) -> None:
    desk = FakeHarness(fake_place)
    waiting, failing = desk.payout(), desk.payout()
    desk.behave("pending", waiting, then_s=0.1)
    desk.behave("late_failure", failing, then_s=0.1)
    assert desk.place.send(waiting).outcome is Outcome.PENDING
    assert desk.place.send(failing).outcome is Outcome.SUCCEEDED
    eventually(lambda: desk.moved(waiting) == waiting.amount_minor and desk.moved(failing) == 0)
    eventually(lambda: len(listener.heard) == 4)
    hints = {desk.place.read_hint(headers, body).event_id for headers, body in listener.heard}
    assert len(hints) == 4
    assert desk.place.ask(failing.number).code == "RETURNED"


def test_outside_refunds_are_told_without_a_number(fake_place: FakeProcess, listener: Listener) -> None:
    desk = FakeHarness(fake_place)
    desk.outside("PAY-outside", 500, "CNY")
    (told,) = eventually(lambda: listener.heard)
    assert desk.place.read_hint(*told).number is None


def test_a_number_that_was_forgotten_is_paid_again_which_the_horizon_is_for(fake_place: FakeProcess) -> None:
    desk = FakeHarness(fake_place)
    payout, pruned = desk.payout(), desk.payout()
    life = desk.place.rules.key_life
    assert life is not None
    for each in (payout, pruned):
        desk.place.send(each)
    fake_place.control(ahead_s=life.total_seconds() + 60)
    assert desk.place.send(payout).outcome is Outcome.SUCCEEDED
    assert desk.moved(payout) == payout.amount_minor, "it is remembered for as long as the rules say"
    fake_place.control(ahead_s=REMEMBERS_S + 1)
    assert desk.place.ask(payout.number).outcome is Outcome.NOT_THERE
    desk.place.send(payout)
    assert desk.moved(payout) == 2 * payout.amount_minor
    fake_place.control(ahead_s=0, forget=pruned.number)
    assert desk.place.ask(pruned.number).outcome is Outcome.NOT_THERE
    listed = {line.number for line in desk.place.listed(datetime.now(UTC) - timedelta(minutes=1))}
    assert pruned.number in listed, "the list still has it"


def test_a_list_of_many_pages_comes_whole_or_not_at_all(fake_place: FakeProcess) -> None:
    desk = FakeHarness(fake_place)
    since = datetime.now(UTC) - timedelta(milliseconds=1)
    made = [desk.outside("PAY-many", 1 + n, "CNY") for n in range(101)]
    assert [line.reference for line in desk.place.listed(since)] == made
    for plan in (
        {"mode": "drop"}, {"mode": "error_before"}, {"mode": "error_before", "status": 404}, {"mode": "long"},
        {"mode": "redirect"}, {"mode": "raw", "raw": '{"refunds": ['},
        {"mode": "raw", "raw": '{"refunds": [1], "next": null}'},
        {"mode": "raw", "raw": '{"refunds": [{"at": 5}], "next": null}'}, {"mode": "echo", "echo": {"refunds": None}},
    ):  # fmt: skip
        fake_place.behave(on="list", **plan)
        with pytest.raises(NotListed):
            desk.place.listed(since)
    fake_place.behave("echo", on="list", when="default", echo={"next": made[0]})
    with pytest.raises(NotListed):
        desk.place.listed(since)


def test_who_has_not_the_key_gets_nothing_and_odd_orders_are_refused(fake_place: FakeProcess) -> None:
    desk = FakeHarness(fake_place)
    stranger = FakeHarness(fake_place).connector(5.0)
    stranger._secret = "another"
    payout = desk.payout()
    assert (stranger.send(payout).outcome, stranger.ask(payout.number).outcome) == (Outcome.UNKNOWN, Outcome.UNKNOWN)
    assert desk.moved(payout) == 0
    for orders in ({"plan": {"mode": "no such"}}, {"plan": {"speed": 1}}, {"die_at": "noon"}, {"fly": True}):
        with pytest.raises(AssertionError, match="BAD_REQUEST"):
            fake_place.control(**orders)


def test_that_a_number_is_not_known_answers_a_question_and_no_sending(fake_place: FakeProcess) -> None:
    desk = FakeHarness(fake_place)
    payout = desk.payout()
    desk.behave("error_before", payout, status=404, code="NUMBER_NOT_FOUND")
    assert desk.place.send(payout).outcome is Outcome.UNKNOWN
    assert desk.place.ask(payout.number).outcome is Outcome.NOT_THERE


class OneCall(Breaker):
    """Begins to rest after one call."""

    def may_call(self) -> bool:
        self.called, was = True, getattr(self, "called", False)
        return not was


def test_a_place_that_rests_between_sending_and_asking_is_not_said_to_rest(fake_place: FakeProcess) -> None:
    desk = FakeHarness(fake_place)
    payout = desk.payout()
    desk.behave("duplicate", payout)
    answer = FakePlace(Wire(Address.pinned(fake_place.url, is_loopback)), SECRET, OneCall()).send(payout)
    assert answer.outcome is Outcome.UNKNOWN
    assert answer.code not in NOT_CALLED, "it was called, and paid"
    assert desk.moved(payout) == payout.amount_minor
