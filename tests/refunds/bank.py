"""A place to pay inside the test: its own list of what money moved is the truth that the books are held against."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shopdesk.core import clock
from shopdesk.refunds.states import Answer, Outcome, Payout, PlaceRules


class Mode(StrEnum):
    """What goes wrong in one call."""

    OK = "ok"
    COMMIT_THEN_DROP = "commit_then_drop"
    DROP = "drop"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    PENDING = "pending"
    WRONG_AMOUNT = "wrong_amount"
    REFUSED = "refused"


class Crash(BaseException):
    """The worker dies here; not an Exception, so that nothing of it lives on."""


@dataclass
class Bank:
    """Pays each number once, as long as it remembers it."""

    rules: PlaceRules = field(default_factory=PlaceRules)
    mode: Mode = Mode.OK
    paid: list[tuple[str, int]] = field(default_factory=list)  # every movement of money
    known: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    since: dict[str, datetime] = field(default_factory=dict)
    asked: int = 0

    def _forget(self) -> None:
        """It remembers a number as long as it promised, and not a moment longer."""
        life = self.rules.key_life
        for number in [n for n, at in self.since.items() if life is not None and clock.now() - at >= life]:
            del self.since[number], self.known[number]

    def send(self, payout: Payout) -> Answer:
        if self.mode is Mode.DROP:
            raise ConnectionResetError
        if self.mode is Mode.ERROR_BEFORE:
            return Answer(Outcome.UNKNOWN, "500")
        if self.mode is Mode.REFUSED and payout.number not in self.known:
            self.refused[payout.number] = payout.amount_minor
            return Answer(Outcome.FAILED, "ACCOUNT_CLOSED", payout.amount_minor, payout.currency)
        self._pay(payout)
        if self.mode is Mode.COMMIT_THEN_DROP:
            raise TimeoutError
        if self.mode is Mode.ERROR_AFTER:
            return Answer(Outcome.UNKNOWN, "502")
        if self.mode is Mode.PENDING:
            return Answer(Outcome.PENDING, "PROCESSING")
        wrong = 1 if self.mode is Mode.WRONG_AMOUNT else 0
        return Answer(Outcome.SUCCEEDED, "SUCCESS", payout.amount_minor + wrong, payout.currency, f"B{payout.number}")

    def _pay(self, payout: Payout) -> None:
        self._forget()
        if payout.number not in self.known:
            self.known[payout.number], self.since[payout.number] = payout.amount_minor, clock.now()
            self.paid.append((payout.number, payout.amount_minor))

    def ask(self, number: str) -> Answer:
        self.asked += 1
        self._forget()
        if number in self.refused:
            return Answer(Outcome.FAILED, "ACCOUNT_CLOSED", self.refused[number], "CNY")
        if number not in self.known:
            return Answer(Outcome.NOT_THERE, "NOT_FOUND")
        return Answer(Outcome.SUCCEEDED, "SUCCESS", self.known[number], "CNY", f"B{number}")

    @property
    def executed_twice(self) -> list[str]:
        return [number for number, times in Counter(number for number, _ in self.paid).items() if times > 1]

    @property
    def paid_minor(self) -> int:
        return sum(amount for _, amount in self.paid)
