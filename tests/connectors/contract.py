"""What holds for every place that is sent to: each check takes a harness and asserts (docs/places.md).

Money never counts as paid or released by an answer that does not say so for sure, and no way of answering makes the
same number pay twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shopdesk.connectors.places import LOOK, NOT_CALLED, Forged, checked
from shopdesk.connectors.places.protocol import OWN
from shopdesk.refunds.states import Answer, Outcome, Payout
from tests.connectors.harness import HASTY_S, Harness

Check = Callable[[Harness], None]
#: Answers in which *succeeded* stands, and which do not say that this refund was paid.
ODD: dict[str, dict[str, Any]] = {
    "more": {"amount_minor": 12346},
    "less": {"amount_minor": 1},
    "nothing": {"amount_minor": 0},
    "minus": {"amount_minor": -12345},
    "text": {"amount_minor": "12345"},
    "true": {"amount_minor": True},
    "null": {"amount_minor": None},
    "currency": {"currency": "USD"},
    "small letters": {"currency": "cny"},
    "number": {"number": "RF-another"},
    "no number": {"number": None},
    "a word": {"status": "SUCCEEDED"},
    "another word": {"status": "ok"},
    "no reference": {"reference": None},
    "a code": {"code": "ACCOUNT_CLOSED"},
    "our voice": {"status": "failed", "code": f"{OWN}resting"},
}
RAW = (
    "", " ", "null", "[]", "12", '"succeeded"', "<html>succeeded</html>", '{"status": "succeeded"', "[" * 5000,
    '{"number": "N", "status": "succeeded", "amount_minor": NaN, "currency": "CNY", "reference": "R"}',
    '{"number": "N", "status": "succeeded", "amount_minor": 12345.0, "currency": "CNY", "reference": "R"}',
    '{"number": "N", "status": "succeeded", "amount_minor": 1e3, "currency": "CNY", "reference": "R"}',
    '{"number": "N", "status": "succeeded", "amount_minor": 1, "amount_minor": 12345, "currency": "CNY",'
    ' "reference": "R"}',
    '{"status": "succeeded", "amount_minor": 12345, "currency": "CNY", "reference": "R"}',
)  # fmt: skip
UNLISTED = (
    "SYSTEM_ERROR",
    "CLOSED",
    "account_closed",
    "ACCOUNT_CLOSED.",
    "FAILED",
    "NOT_ENOUGH",
    "0",
    "RESULT_UNKNOWN",
)
STATUSES = (400, 401, 403, 404, 408, 409, 410, 422, 425, 429, 500, 502, 503, 504)
#: The money moves, and the answer is lost, says something else, or does not end.
LOST = ("commit_then_drop", "error_after", "long")


def same(answer: Answer, payout: Payout) -> bool:
    """Whether it is a success of just this refund."""
    return (answer.outcome, answer.amount_minor, answer.currency) == (
        Outcome.SUCCEEDED, payout.amount_minor, payout.currency,
    )  # fmt: skip


def paid_once(harness: Harness, payout: Payout) -> None:
    """Sent again and asked: paid, once."""
    assert same(harness.place.send(payout), payout)
    assert same(harness.place.ask(payout.number), payout)
    assert harness.moved(payout) == payout.amount_minor


def a_refund_is_paid_and_said_as_it_was_asked(harness: Harness) -> None:
    payout = harness.payout()
    answer = harness.place.send(payout)
    assert same(answer, payout)
    assert answer.reference
    assert harness.place.ask(payout.number) == answer
    assert harness.moved(payout) == payout.amount_minor


def the_same_number_pays_once_however_often_it_is_sent(harness: Harness) -> None:
    payout = harness.payout()
    with ThreadPoolExecutor(8) as clerks:
        answers = list(clerks.map(lambda _n: harness.place.send(payout), range(16)))
    assert [answer for answer in answers if not same(answer, payout)] == []
    assert len({answer.reference for answer in answers}) == 1
    assert harness.moved(payout) == payout.amount_minor


def the_same_number_for_another_amount_pays_nothing(harness: Harness) -> None:
    payout = harness.payout()
    harness.place.send(payout)
    for other in (replace(payout, amount_minor=1), replace(payout, currency="USD")):
        answer = harness.place.send(other)
        assert answer.outcome is Outcome.UNKNOWN
        assert answer.code in LOOK
    assert harness.moved(payout) == payout.amount_minor


def money_that_moved_without_a_whole_answer_is_unknown_and_found_by_asking(harness: Harness) -> None:
    for mode in LOST:
        payout = harness.payout()
        harness.behave(mode, payout)
        assert harness.place.send(payout).outcome is Outcome.UNKNOWN, mode
        assert same(harness.place.ask(payout.number), payout), mode
        paid_once(harness, payout)


def an_answer_that_does_not_repeat_what_was_asked_is_unknown(harness: Harness) -> None:
    for name, echo in ODD.items():
        payout = harness.payout()
        harness.behave("echo", payout, echo=echo)
        answer = harness.place.send(payout)
        assert (answer.outcome, answer.code in NOT_CALLED) == (Outcome.UNKNOWN, False), name
        harness.ask_behaves("echo", payout, echo=echo)
        assert checked(harness.place.ask(payout.number), payout).outcome is Outcome.UNKNOWN, name
        assert harness.moved(payout) == payout.amount_minor
    paid_once(harness, payout)
    cent = harness.payout(amount_minor=1)
    harness.behave("echo", cent, echo={"amount_minor": True})
    assert harness.place.send(cent).outcome is Outcome.UNKNOWN, "true is no amount, though it equals one"


def an_answer_that_cannot_be_read_is_unknown(harness: Harness) -> None:
    for raw in RAW:
        payout = harness.payout()
        harness.behave("raw", payout, raw=raw.replace('"N"', f'"{payout.number}"'))
        assert harness.place.send(payout).outcome is Outcome.UNKNOWN, raw
        harness.ask_behaves("raw", payout, raw=raw.replace('"N"', f'"{payout.number}"'))
        assert harness.place.ask(payout.number).outcome is Outcome.UNKNOWN, raw
    paid_once(harness, payout)


def where_nothing_happened_it_is_unknown_until_the_place_says_so(harness: Harness) -> None:
    for mode in ("drop", "error_before"):
        payout = harness.payout()
        harness.behave(mode, payout)
        assert harness.place.send(payout).outcome is Outcome.UNKNOWN, mode
        assert harness.place.ask(payout.number).outcome is Outcome.NOT_THERE
        assert harness.moved(payout) == 0
        paid_once(harness, payout)


def every_status_with_an_unlisted_code_is_unknown(harness: Harness) -> None:
    for status in STATUSES:
        for code in (UNLISTED[status % len(UNLISTED)], ""):
            payout = harness.payout()
            harness.behave("error_before", payout, status=status, code=code)
            assert harness.place.send(payout).outcome is Outcome.UNKNOWN, (status, code)
            harness.ask_behaves("error_before", payout, status=status, code=code)
            assert harness.place.ask(payout.number).outcome is Outcome.UNKNOWN, (status, code)
    paid_once(harness, payout)


def a_failure_under_an_unlisted_code_is_unknown(harness: Harness) -> None:
    for code in UNLISTED:
        payout = harness.payout()
        harness.behave("fail", payout, code=code)
        assert harness.place.send(payout).outcome is Outcome.UNKNOWN, code
        assert harness.place.ask(payout.number).outcome is Outcome.UNKNOWN, code


def a_final_code_without_the_refund_it_is_about_releases_nothing(harness: Harness) -> None:
    for status in (400, 422):
        payout = harness.payout()
        harness.behave("error_before", payout, status=status, code="ACCOUNT_CLOSED")
        assert harness.place.send(payout).outcome is Outcome.UNKNOWN
    paid_once(harness, payout)


def a_redirect_is_not_followed(harness: Harness) -> None:
    payout = harness.payout()
    harness.behave("redirect", payout)
    assert harness.place.send(payout).outcome is Outcome.UNKNOWN
    assert harness.moved(payout) == 0
    paid_once(harness, payout)


def a_call_ends_at_its_deadline_when_no_answer_comes(harness: Harness) -> None:
    ends_in_time(harness, "slow", delay_s=1.3)


def a_call_ends_at_its_deadline_when_the_answer_never_stops(harness: Harness) -> None:
    ends_in_time(harness, "drip", delay_s=0.007)


def ends_in_time(harness: Harness, mode: str, delay_s: float) -> None:
    payout = harness.payout()
    harness.behave(mode, payout, delay_s=delay_s)
    began = time.monotonic()
    answer = harness.hasty.send(payout)
    assert time.monotonic() - began < HASTY_S + 0.9
    assert answer.outcome is Outcome.UNKNOWN
    paid_once(harness, payout)


def money_that_moves_after_we_gave_up_moves_once(harness: Harness) -> None:
    payout = harness.payout()
    harness.behave("slow_commit", payout, delay_s=HASTY_S + 0.2)
    assert harness.hasty.send(payout).outcome is Outcome.UNKNOWN
    assert harness.place.ask(payout.number).outcome is Outcome.NOT_THERE  # true, and no proof of what comes
    paid_once(harness, payout)
    time.sleep(0.4)
    assert harness.moved(payout) == payout.amount_minor


def already_refunded_is_believed_only_for_the_same_refund(harness: Harness) -> None:
    payout = harness.payout()
    harness.behave("duplicate", payout)
    assert same(harness.place.send(payout), payout)
    for mode in ("duplicate_other", "duplicate_nothing"):
        payout = harness.payout()
        harness.behave(mode, payout)
        answer = harness.place.send(payout)
        assert answer.outcome is Outcome.UNKNOWN, mode
        assert answer.code in LOOK, mode
    payout = harness.payout()
    harness.behave("duplicate", payout)
    harness.ask_behaves("drop", payout)
    answer = harness.place.send(payout)
    assert answer.outcome is Outcome.UNKNOWN
    assert answer.code not in LOOK  # nobody was asked yet


def what_was_accepted_is_pending_until_it_is_paid(harness: Harness) -> None:
    payout = harness.payout()
    harness.behave("pending", payout)
    assert harness.place.send(payout).outcome is Outcome.PENDING
    assert harness.place.ask(payout.number).outcome is Outcome.PENDING
    assert harness.moved(payout) == 0
    harness.settle(payout)
    paid_once(harness, payout)


def a_documented_refusal_is_final(harness: Harness) -> None:
    payout = harness.payout()
    harness.behave("fail", payout, code="ACCOUNT_CLOSED")
    for answer in (harness.place.send(payout), harness.place.send(payout), harness.place.ask(payout.number)):
        assert (answer.outcome, answer.code) == (Outcome.FAILED, "ACCOUNT_CLOSED")
    assert harness.moved(payout) == 0


def what_was_paid_and_came_back_is_said_to_have_failed(harness: Harness) -> None:
    payout = harness.payout()
    assert same(harness.place.send(payout), payout)
    harness.take_back(payout)
    assert harness.place.ask(payout.number).outcome is Outcome.FAILED
    assert harness.moved(payout) == 0


def more_than_was_captured_is_never_paid(harness: Harness) -> None:
    payment = f"PAY-{harness.payout().number}"
    parts = [harness.payout(payment_reference=payment, captured_minor=30000) for _part in range(3)]
    assert [harness.place.send(part).outcome for part in parts] == [Outcome.SUCCEEDED] * 2 + [Outcome.FAILED]
    harness.outside(payment, 5000, "CNY")
    rest = harness.payout(payment_reference=payment, amount_minor=311, captured_minor=30000)
    assert harness.place.send(rest).outcome is Outcome.FAILED
    assert sum(map(harness.moved, [*parts, rest])) + 5000 <= 30000


def the_list_has_what_was_paid_here_and_elsewhere(harness: Harness) -> None:
    since = datetime.now(UTC) - timedelta(seconds=1)
    payment = f"PAY-{harness.payout().number}"
    ours, refused = harness.payout(payment_reference=payment), harness.payout()
    harness.place.send(ours)
    harness.behave("fail", refused, code="ACCOUNT_CLOSED")
    harness.place.send(refused)
    reference = harness.outside(payment, 700, "CNY")
    listed = {line.reference: line for line in harness.place.listed(since)}
    mine = next(line for line in listed.values() if line.number == ours.number)
    assert (mine.amount_minor, mine.currency, mine.outcome) == (ours.amount_minor, "CNY", Outcome.SUCCEEDED)
    assert mine.at >= since
    assert next(line for line in listed.values() if line.number == refused.number).outcome is Outcome.FAILED
    other = listed[reference]
    assert (other.number, other.payment_reference, other.amount_minor) == (None, payment, 700)
    assert harness.place.listed(datetime.now(UTC) + timedelta(hours=1)) == []


def a_webhook_is_a_hint_only_if_the_place_signed_it_now(harness: Harness) -> None:
    number = harness.payout().number
    headers, body = harness.hook(number)
    hint = harness.place.read_hint(headers, body)
    assert (hint.number, hint.event_id != "") == (number, True)
    assert harness.place.read_hint({name.upper(): value for name, value in headers.items()}, body) == hint
    now = time.time()
    long_ago, from_afar = harness.hook(number, at_s=now - 400), harness.hook(number, at_s=now + 400)
    forged, other = harness.hook(number, secret="guessed"), harness.hook(harness.payout().number)
    cut = {name: value[:-1] for name, value in headers.items()}
    for given, what in (
        (*long_ago,), (*from_afar,), (*forged,), (headers, other[1]), (headers, body + b" "), (headers, b""),
        (cut, body), ({}, body), (dict.fromkeys(headers, ""), body),
    ):  # fmt: skip
        with pytest.raises(Forged):
            harness.place.read_hint(given, what)


def odd_numbers_are_answered_and_nothing_raises(harness: Harness) -> None:
    for number in ("../control", "a b", "退款", "%2e%2e", "x" * 300, "", "a\r\nHost: x", "\ud800", "?since=1"):
        for answer in (harness.place.ask(number), harness.place.send(harness.payout(number=number))):
            assert isinstance(answer, Answer), number


SENDING: tuple[Check, ...] = (
    a_refund_is_paid_and_said_as_it_was_asked,
    the_same_number_pays_once_however_often_it_is_sent,
    the_same_number_for_another_amount_pays_nothing,
    money_that_moved_without_a_whole_answer_is_unknown_and_found_by_asking,
    an_answer_that_does_not_repeat_what_was_asked_is_unknown,
    an_answer_that_cannot_be_read_is_unknown,
    where_nothing_happened_it_is_unknown_until_the_place_says_so,
    every_status_with_an_unlisted_code_is_unknown,
    a_failure_under_an_unlisted_code_is_unknown,
    a_final_code_without_the_refund_it_is_about_releases_nothing,
    a_redirect_is_not_followed,
    a_call_ends_at_its_deadline_when_no_answer_comes,
    a_call_ends_at_its_deadline_when_the_answer_never_stops,
    money_that_moves_after_we_gave_up_moves_once,
    already_refunded_is_believed_only_for_the_same_refund,
    what_was_accepted_is_pending_until_it_is_paid,
    a_documented_refusal_is_final,
    what_was_paid_and_came_back_is_said_to_have_failed,
    more_than_was_captured_is_never_paid,
    the_list_has_what_was_paid_here_and_elsewhere,
    a_webhook_is_a_hint_only_if_the_place_signed_it_now,
    odd_numbers_are_answered_and_nothing_raises,
)
