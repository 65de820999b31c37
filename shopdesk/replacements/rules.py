"""Decisions about goods that go out again, on plain values; amounts in minor units."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from shopdesk.core.errors import IllegalMove, RuleViolation
from shopdesk.core.references import check_reference
from shopdesk.replacements.states import REPLACEMENT_MOVES, DifferenceSettled, ReplacementKind, ReplacementState
from shopdesk.returns.states import ReturnState

MOST_UNITS = 1000  # of one line
MOST_TEXT = 500  # characters of a title or attributes
LOOKED_AT = frozenset({ReturnState.INSPECTED, ReturnState.DISPOSED})


@dataclass(frozen=True, slots=True)
class Priced:
    """Units that go out: what was paid for those in whose place they go, and their own price (None: the same)."""

    share_minor: int
    price_minor: int | None = None

    @property
    def worth_minor(self) -> int:
        return self.share_minor if self.price_minor is None else self.price_minor


def difference_minor(lines: Sequence[Priced]) -> int:
    """What the customer owes for dearer goods; negative: gets back for cheaper ones.

    >>> difference_minor([Priced(10000, 12000), Priced(5000)])
    2000
    """
    return sum(line.worth_minor - line.share_minor for line in lines)


def check_lines(kind: ReplacementKind, quantities: Sequence[int], prices: Sequence[int | None]) -> None:
    """Raises RuleViolation."""
    if not quantities:
        raise RuleViolation("Say which units.", code="value_required", missing="units")
    if any(not 1 <= quantity <= MOST_UNITS for quantity in quantities):
        raise RuleViolation("Say how many units.", code="value_required", missing="quantity")
    if any(price is not None and price < 0 for price in prices):
        raise RuleViolation("Say the amount.", code="value_required", missing="price_minor")
    if kind is not ReplacementKind.EXCHANGE and any(price is not None for price in prices):
        raise RuleViolation("Only an exchange has a difference in price.", code="no_difference")


def check_move(current: ReplacementState, target: ReplacementState) -> None:
    if (current, target) not in REPLACEMENT_MOVES:
        raise IllegalMove(
            "This goes out no more, or is released already.", code="replacement_moved", state=str(current)
        )


def check_due(due_at: datetime | None, now: datetime) -> None:
    """Sent ahead: the goods are expected back by a time."""
    if due_at is None or due_at <= now:
        raise RuleViolation("Say by when the goods are expected back.", code="value_required", missing="due_at")


def goods_are_here(states: Collection[ReturnState]) -> bool:
    """Whether what comes back was looked at: something did, and nothing is still awaited."""
    going = [state for state in states if state is not ReturnState.CANCELLED]
    return bool(going) and all(state in LOOKED_AT for state in going)


def reason_of(text: str) -> str:
    """Raises RuleViolation."""
    said = text.strip()
    if not said:
        raise RuleViolation("Please say why.", code="value_required", missing="reason")
    return said[:MOST_TEXT]


def charged(worth_minor: int, given_minor: int | None) -> int:
    """What the customer owes for goods that did not come: at most what was paid for them.  Raises RuleViolation."""
    owed_minor = worth_minor if given_minor is None else given_minor
    if not 0 < owed_minor <= worth_minor:
        raise RuleViolation(
            "More than what was paid for these units, or nothing.", code="more_than_worth", most_minor=worth_minor
        )
    return owed_minor


def check_settling(how: DifferenceSettled, reference: str | None, reason: str | None) -> None:
    """Raises RuleViolation."""
    if how is DifferenceSettled.PAYMENT:
        if not reference:
            raise RuleViolation("A payment needs its reference.", code="value_required", missing="reference")
        check_reference(reference)
    if how is DifferenceSettled.WAIVED and not (reason or "").strip():
        raise RuleViolation("Please say why.", code="value_required", missing="reason")
