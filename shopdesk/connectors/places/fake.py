"""The connector to the fake place (connectors/fake_place): HTTP and JSON, as a real one would be."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

from shopdesk.connectors.breaker import Breaker
from shopdesk.connectors.places.fake_table import DUPLICATE, answer_of, page_of
from shopdesk.connectors.places.protocol import Code, Forged, NotListed, checked, unknown
from shopdesk.connectors.places.signature import verify
from shopdesk.connectors.places.strict import read_object, word
from shopdesk.connectors.wire import NoReply, Reply, Wire
from shopdesk.core import clock
from shopdesk.refunds.states import Answer, Hint, Outcome, Payout, PlacePayout, PlaceRules

MOST_PAGES = 1000
MOST_HOOK_BYTES = 64 * 1024


class FakePlace:
    """It remembers a number for 24 hours and may take back a success.

    Its rules promise an hour less: what is sent at the last moment is on its way for a while.
    """

    def __init__(self, wire: Wire, secret: str, breaker: Breaker, rules: PlaceRules | None = None) -> None:
        self.rules = rules or PlaceRules(key_life=timedelta(hours=23))
        self._wire, self._secret, self._breaker = wire, secret, breaker

    def send(self, payout: Payout) -> Answer:
        return _surely(lambda: self._sent(payout))

    def ask(self, number: str) -> Answer:
        return _surely(lambda: self._asked(number))

    def read_hint(self, headers: Mapping[str, str], body: bytes) -> Hint:
        given = next((value for name, value in headers.items() if name.lower() == "x-place-signature"), "")
        if len(body) > MOST_HOOK_BYTES:
            raise Forged("too long")
        verify(self._secret, given, body, clock.now())
        try:
            said = read_object(body)
            number = said.get("number")
            return Hint("fake", word(said["event_id"]), None if number is None else word(number))
        except (ValueError, KeyError, RecursionError) as error:
            raise Forged("unreadable") from error

    def listed(self, since: datetime) -> list[PlacePayout]:
        """Those that changed since then, in the place's own order."""
        found: list[PlacePayout] = []
        after, seen = "", set[str]()
        while True:
            query = urlencode({"since": since.astimezone(UTC).isoformat(), "after": after})
            try:
                page, after = page_of(self._call("GET", f"/refunds?{query}"))
            except (NoReply, _Resting, ValueError, KeyError, TypeError, RecursionError) as error:
                raise NotListed("the place's list could not be read") from error
            found += page
            if not after:
                return found
            if after in seen or len(seen) >= MOST_PAGES:
                raise NotListed("the place's list does not end")
            seen.add(after)

    def _sent(self, payout: Payout) -> Answer:
        asked = {
            "number": payout.number,
            "amount_minor": payout.amount_minor,
            "currency": payout.currency,
            "payment_reference": payout.payment_reference,
            "account": payout.account,
            "captured_minor": payout.captured_minor,
        }
        reply = self._call("POST", "/refunds", json.dumps(asked).encode())
        answer = checked(answer_of(reply, payout.number), payout)
        if answer.outcome is Outcome.UNKNOWN and answer.code in DUPLICATE:
            try:
                return self._as_known(payout)
            except _Resting:  # it says that nothing was called, but the sending was
                return unknown(answer.code)
        if answer.outcome is Outcome.NOT_THERE:  # is no answer to being sent something
            return unknown(answer.code)
        return answer

    def _as_known(self, payout: Payout) -> Answer:
        answer = checked(self._asked(payout.number), payout)
        if answer.outcome in {Outcome.SUCCEEDED, Outcome.PENDING}:
            return answer
        if answer.outcome is Outcome.UNKNOWN and not answer.amount_minor:
            return answer  # it could not be asked now; later it can
        return unknown(Code.NOT_MATCHED)

    def _asked(self, number: str) -> Answer:
        return answer_of(self._call("GET", f"/refunds/{quote(number, safe='')}"), number)

    def _call(self, method: str, path: str, body: bytes = b"") -> Reply:
        if not self._breaker.may_call():
            raise _Resting
        headers = {"Authorization": f"Bearer {self._secret}", "Content-Type": "application/json"}
        try:
            reply = self._wire.call(method, path, body, headers)
        except BaseException:
            self._breaker.failed()
            raise
        if reply.status >= 500 or reply.status == 429:
            self._breaker.failed()
        else:
            self._breaker.answered()
        return reply


class _Resting(Exception):
    pass


def _surely(call: Callable[[], Answer]) -> Answer:
    try:
        return call()
    except _Resting:
        return unknown(Code.RESTING)
    except NoReply as error:
        return unknown(error.why)
    except Exception:  # whatever it is, nobody knows what became of the money
        return unknown(Code.BROKEN)
