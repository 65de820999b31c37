"""What the contract suite needs of a place: the connector, a stand-in that behaves on demand, and what money moved."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, Protocol

from shopdesk.connectors.breaker import Breaker
from shopdesk.connectors.fake_place import hooks
from shopdesk.connectors.places import Place
from shopdesk.connectors.places.fake import FakePlace
from shopdesk.connectors.wire import Address, Limits, Wire, is_loopback
from shopdesk.refunds.states import Payout
from tests.fake_place import SECRET, FakeProcess

HASTY_S = 0.2


class Harness(Protocol):
    place: Place
    hasty: Place  # the same, which gives up after HASTY_S

    def payout(self, **values: Any) -> Payout:
        """One under a number that was never used."""

    def behave(self, mode: str, payout: Payout, **plan: Any) -> None:
        """How the stand-in treats the next sending of that payout (connectors/fake_place/plans.py has the modes)."""

    def ask_behaves(self, mode: str, payout: Payout, **plan: Any) -> None:
        """How it treats the next question for it."""

    def moved(self, payout: Payout) -> int:
        """What the payee has under that number, by the stand-in's own book."""

    def settle(self, payout: Payout) -> None:
        """What was pending is paid."""

    def take_back(self, payout: Payout) -> None:
        """What was paid comes back."""

    def forget(self, payout: Payout) -> None:
        """From now on the place does not know the number."""

    def outside(self, payment_reference: str, amount_minor: int, currency: str) -> str:
        """A refund made in the place's own console; its reference."""

    def hook(
        self, number: str, *, secret: str | None = None, at_s: float | None = None
    ) -> tuple[Mapping[str, str], bytes]:
        """Headers and body of a webhook about that number, signed at that moment with that secret."""


class FakeHarness:
    def __init__(self, fake: FakeProcess, kind: type[FakePlace] = FakePlace, wire: type[Wire] = Wire) -> None:
        self.fake, self._kind, self._wire = fake, kind, wire
        self.place, self.hasty = self.connector(10.0), self.connector(HASTY_S)

    def connector(self, total_s: float, **limits: Any) -> FakePlace:
        address = Address.pinned(self.fake.url, is_loopback)
        wire = self._wire(address, Limits(total_s=total_s, **limits))
        return self._kind(wire, SECRET, Breaker(after=10**6))

    def payout(self, **values: Any) -> Payout:
        return Payout(**{"number": self.fake.number(), "amount_minor": 12345, "currency": "CNY", **values})

    def behave(self, mode: str, payout: Payout, **plan: Any) -> None:
        self.fake.behave(mode, when=payout.number, **plan)

    def ask_behaves(self, mode: str, payout: Payout, **plan: Any) -> None:
        self.fake.behave(mode, on="ask", when=payout.number, **plan)

    def moved(self, payout: Payout) -> int:
        return self.fake.moved(payout.number)

    def settle(self, payout: Payout) -> None:
        self.fake.console("settle", number=payout.number)

    def take_back(self, payout: Payout) -> None:
        self.fake.console("take-back", number=payout.number)

    def forget(self, payout: Payout) -> None:
        self.fake.control(forget=payout.number)

    def outside(self, payment_reference: str, amount_minor: int, currency: str) -> str:
        fields = {"payment_reference": payment_reference, "amount_minor": amount_minor, "currency": currency}
        return str(self.fake.console("refunds", **fields)["reference"])

    def hook(
        self, number: str, *, secret: str | None = None, at_s: float | None = None
    ) -> tuple[Mapping[str, str], bytes]:
        body = json.dumps({"event_id": f"EV-{number}", "number": number}).encode()
        at = int(time.time() if at_s is None else at_s)
        return {hooks.SIGNATURE: hooks.signed(secret or SECRET, at, body)}, body
