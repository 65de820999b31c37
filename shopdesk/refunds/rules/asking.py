"""What may be asked for, on plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shopdesk.core.errors import Conflict, RuleViolation
from shopdesk.refunds.rules.calculating import Quote
from shopdesk.refunds.states import Cap


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why it is not possible: a stable code and an English msgid."""

    code: str
    message: str


#: Cap → why it is refused; the limit itself is in the facts.
WHY = {
    Cap.UNITS: Refusal("units_claimed", "More units than are left of this line."),
    Cap.SHARE: Refusal("more_than_paid", "More than was paid for these units."),
    Cap.SHARE_UNKNOWN: Refusal(
        "share_unknown",
        "Nobody knows yet what was paid for these units: import the order's details and its freight.",
    ),
    Cap.SHIPPING: Refusal("more_than_paid", "More than was paid for shipping."),
    Cap.SHIPPING_UNKNOWN: Refusal(
        "freight_unknown",
        "Nobody has told yet what the freight of this order was: import a list with its amounts.",
    ),
    Cap.COMPENSATION: Refusal("more_than_paid", "More than the store gives as compensation in one case."),
    Cap.FEES: Refusal("fee_too_high", "More would be kept than goes back."),
    Cap.PAYMENTS: Refusal("more_than_left", "More than the order still holds: %(left_minor)s are left."),
    Cap.PAID_UNKNOWN: Refusal(
        "paid_unknown", "Nobody has told yet what was paid for this order: import a list with its amounts."
    ),
}


def check_caps(quote: Quote) -> None:
    """Raise RuleViolation with the first cap that the quote goes beyond."""
    for limit in quote.over:
        why = WHY[limit.cap]
        raise RuleViolation(
            why.message, code=why.code, cap=str(limit.cap), left_minor=limit.most_minor, amount_minor=quote.total_minor,
            currency=quote.currency,
        )  # fmt: skip


def check_seen(total_minor: int, seen_minor: int | None) -> None:
    """Raise Conflict where it comes to something else than what was looked at."""
    if seen_minor is not None and seen_minor != total_minor:
        raise Conflict(
            "It comes to another amount by now. Please look again.", code="quote_changed", amount_minor=total_minor
        )


def open_of_lines(open_minor: Sequence[int], reserved_minor: int, free_minor: int) -> list[int]:
    """What of each line nobody has asked for: the first ones are those under way.

    >>> open_of_lines([100, 50], 120, 40)
    [0, 30]
    """
    found = []
    for minor in open_minor:
        under_way = min(max(0, minor), reserved_minor)
        reserved_minor -= under_way
        part = min(max(0, minor) - under_way, free_minor)
        free_minor -= part
        found.append(part)
    return found


def check_left(amount_minor: int, left_minor: int, currency: str) -> None:
    """Raise RuleViolation where the payments hold less."""
    if amount_minor > left_minor:
        why = WHY[Cap.PAYMENTS]
        raise RuleViolation(
            why.message, code=why.code, left_minor=left_minor, amount_minor=amount_minor, currency=currency
        )
