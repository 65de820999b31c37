"""What every place to pay does, and the words in which the desk itself says why it knows nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from shopdesk.refunds.states import Answer, Hint, Outcome, Payout, PlacePayout, PlaceRules

OWN = "desk."  # how the desk's own codes begin; a place that says so is not believed


class Code(StrEnum):
    """Codes that are the desk's, beside those of `wire.Why`"""

    BY_HAND = "desk.by_hand"  # nothing was sent: people or the platform pay here
    RESTING = "desk.resting"  # nothing was sent: the place did not answer several times in a row
    BROKEN = "desk.broken"  # the connector itself failed, before or after it called
    REDIRECTED = "desk.redirected"
    UNREADABLE = "desk.unreadable"
    OTHER_NUMBER = "desk.other_number"
    OTHER_AMOUNT = "desk.other_amount"
    OTHER_CURRENCY = "desk.other_currency"
    NOT_MATCHED = "desk.duplicate_not_matched"  # *already refunded*, and asking does not show our refund


#: The place was not called: the attempt cost nothing and proves nothing.
NOT_CALLED = frozenset({Code.BY_HAND, Code.RESTING})
#: Where asking gives one of these, asking again will hardly help: a person must look.
LOOK = frozenset({Code.OTHER_NUMBER, Code.OTHER_AMOUNT, Code.OTHER_CURRENCY, Code.NOT_MATCHED})


class Forged(Exception):
    """A webhook that the place did not send now: no or a wrong signature, too old, or nothing that can be read."""


class NotListed(Exception):
    """The place's list could not be had whole.  A part of it would make refunds look missing."""


class Place(Protocol):
    """A place to pay.  `send` and `ask` never raise: whatever is not sure is UNKNOWN (trust.md rule 9)."""

    rules: PlaceRules

    def send(self, payout: Payout) -> Answer:
        """Pay once.  SUCCEEDED and FAILED are given only where number, amount and currency came back as sent."""

    def ask(self, number: str) -> Answer:
        """What became of our number; the amount that the place paid stands in the answer: see `checked`."""

    def read_hint(self, headers: Mapping[str, str], body: bytes) -> Hint:
        """What a webhook is about.  Raises Forged."""

    def listed(self, since: datetime) -> list[PlacePayout]:
        """Every refund that changed since then, also those made elsewhere.  Raises NotListed."""


def unknown(code: str) -> Answer:
    return Answer(Outcome.UNKNOWN, str(code), look=code in LOOK)


def checked(answer: Answer, payout: Payout) -> Answer:
    """The answer, or UNKNOWN where it speaks of another amount or currency than was asked for."""
    if answer.outcome in {Outcome.UNKNOWN, Outcome.NOT_THERE}:
        return answer
    if answer.currency != payout.currency:
        return replace(answer, outcome=Outcome.UNKNOWN, code=str(Code.OTHER_CURRENCY), look=True)
    if answer.amount_minor != payout.amount_minor:
        return replace(answer, outcome=Outcome.UNKNOWN, code=str(Code.OTHER_AMOUNT), look=True)
    return answer
