"""The contract of places to pay, for each of them; and places that break it, for which it must go red."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
import urllib3

from shopdesk.connectors.places import NOT_CALLED, Forged, Place, places
from shopdesk.connectors.places.fake import FakePlace
from shopdesk.connectors.wire import Limits, Reply, Wire
from shopdesk.refunds.states import Answer, Hint, Outcome, Payout
from tests.connectors import contract
from tests.connectors.contract import SENDING, Check
from tests.connectors.harness import FakeHarness
from tests.fake_place import FakeProcess
from tests.shorter import some

pytestmark = pytest.mark.enable_socket
HARNESSES = {"fake": FakeHarness}  # a place that is sent to brings its own
BY_HAND = ("platform", "manual")


@pytest.mark.parametrize("check", SENDING, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", HARNESSES)
def test_every_place_that_is_sent_to_keeps_the_contract(name: str, check: Check, fake_place: FakeProcess) -> None:
    check(HARNESSES[name](fake_place))


def test_every_place_is_examined(fake_place: FakeProcess) -> None:
    known = places({**fake_place.config, "PLACE_DEADLINE_MS": 1000, "PLACE_REST_SECONDS": 1})
    assert {name for name, place in known.items() if place.rules.sends} == set(HARNESSES)
    assert {name for name, place in known.items() if not place.rules.sends} == set(BY_HAND)
    assert set(places({})) == set(BY_HAND)


@pytest.mark.parametrize("name", BY_HAND)
def test_a_place_where_people_pay_sends_nothing_and_proves_nothing(name: str) -> None:
    place: Place = places({})[name]
    for answer in (place.send(Payout("RF1", 100, "CNY")), place.ask("RF1")):
        assert answer.outcome is Outcome.UNKNOWN
        assert answer.code in NOT_CALLED
    assert not place.rules.can_ask
    assert place.listed(datetime.now(UTC)) == []
    with pytest.raises(Forged):
        place.read_hint({}, b"{}")


class Believer(FakePlace):
    """Takes 200 for a success without reading what it is about."""

    def send(self, payout: Payout) -> Answer:
        try:
            reply = self._call("POST", "/refunds", json.dumps({"number": payout.number, "amount_minor":
                payout.amount_minor, "currency": payout.currency}).encode())  # fmt: skip
        except Exception:
            return Answer(Outcome.UNKNOWN)
        outcome = Outcome.SUCCEEDED if reply.status == 200 else Outcome.UNKNOWN
        return Answer(outcome, "", payout.amount_minor, payout.currency, "R")


class GivesUp(FakePlace):
    """Takes every error for a failure, as clerks do."""

    def send(self, payout: Payout) -> Answer:
        answer = super().send(payout)
        return Answer(Outcome.FAILED) if answer.outcome is Outcome.UNKNOWN else answer


class TrustsNotFound(FakePlace):
    """Takes every 404 for *the place does not know it*."""

    def ask(self, number: str) -> Answer:
        try:
            if self._call("GET", f"/refunds/{number}").status == 404:
                return Answer(Outcome.NOT_THERE)
        except Exception:
            return Answer(Outcome.UNKNOWN)
        return super().ask(number)


class TrustsDuplicate(FakePlace):
    """Takes *already refunded* for a success of this refund."""

    def _as_known(self, payout: Payout) -> Answer:
        return Answer(Outcome.SUCCEEDED, "", payout.amount_minor, payout.currency, "R")


class NewNumber(FakePlace):
    """Sends under a number of its own each time."""

    def send(self, payout: Payout) -> Answer:
        return super().send(payout) if self.ask(payout.number).outcome is Outcome.NOT_THERE else self._again(payout)

    def _again(self, payout: Payout) -> Answer:
        other = Payout(f"{payout.number}-{time.monotonic_ns()}", payout.amount_minor, payout.currency)
        return super().send(other)


class BelievesHooks(FakePlace):
    """Reads a webhook without looking who signed it."""

    def read_hint(self, headers: Mapping[str, str], body: bytes) -> Hint:
        try:
            return Hint("fake", "EV", json.loads(body)["number"])
        except ValueError as error:
            raise Forged from error


class Follower(Wire):
    """Goes where it is sent."""

    def call(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        with urllib3.PoolManager() as pool:
            answer = pool.request(method, f"http://{self.address.named}{path}", body=body or None, headers=headers)
            return Reply(answer.status, answer.data)


class Patient(Wire):
    """Waits until the other side has finished."""

    def call(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        return Wire(self.address, Limits(total_s=60)).call(method, path, body, headers)


class EachReadAlone(Wire):
    """Has a deadline for every read, and none for all of them."""

    def call(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        with urllib3.PoolManager(timeout=self.limits.total_s, retries=False) as pool:
            answer = pool.request(method, f"http://{self.address.named}{path}", body=body or None, headers=headers)
            return Reply(answer.status, answer.data)


class TakesAll(Wire):
    """Reads as much as it is given."""

    def call(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        return Wire(self.address, Limits(most_bytes=10**9)).call(method, path, body, headers)


BROKEN: tuple[tuple[type[FakePlace], type[Wire], Check], ...] = (
    (Believer, Wire, contract.an_answer_that_does_not_repeat_what_was_asked_is_unknown),
    (Believer, Wire, contract.an_answer_that_cannot_be_read_is_unknown),
    (GivesUp, Wire, contract.money_that_moved_without_a_whole_answer_is_unknown_and_found_by_asking),
    (GivesUp, Wire, contract.every_status_with_an_unlisted_code_is_unknown),
    (TrustsNotFound, Wire, contract.every_status_with_an_unlisted_code_is_unknown),
    (TrustsDuplicate, Wire, contract.already_refunded_is_believed_only_for_the_same_refund),
    (NewNumber, Wire, contract.the_same_number_pays_once_however_often_it_is_sent),
    (BelievesHooks, Wire, contract.a_webhook_is_a_hint_only_if_the_place_signed_it_now),
    (FakePlace, Follower, contract.a_redirect_is_not_followed),
    (FakePlace, Patient, contract.a_call_ends_at_its_deadline_when_no_answer_comes),
    (FakePlace, EachReadAlone, contract.a_call_ends_at_its_deadline_when_the_answer_never_stops),
    (FakePlace, TakesAll, contract.money_that_moved_without_a_whole_answer_is_unknown_and_found_by_asking),
)


@pytest.mark.parametrize(("kind", "wire", "check"), some(BROKEN, of=3), ids=lambda part: part.__name__)
def test_the_contract_goes_red_for_a_place_that_breaks_it(
    kind: type[FakePlace], wire: type[Wire], check: Check, fake_place: FakeProcess
) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        check(FakeHarness(fake_place, kind, wire))
