"""What may be asked for, on plain values."""

from __future__ import annotations

from collections.abc import Sequence

from shopdesk.core.errors import Conflict, RuleViolation
from shopdesk.refunds.rules.calculating import Quote
from shopdesk.refunds.states import Cap

#: Cap → why it is refused; the limit itself is in the facts.
WHY = {
    Cap.UNITS: ("More units than are left of this line.", "units_claimed"),
    Cap.SHARE: ("More than was paid for these units.", "more_than_paid"),
    Cap.SHARE_UNKNOWN: (
        "Nobody knows yet what was paid for these units: import the order's details and its freight.",
        "share_unknown",
    ),
    Cap.SHIPPING: ("More than was paid for shipping.", "more_than_paid"),
    Cap.SHIPPING_UNKNOWN: (
        "Nobody has told yet what the freight of this order was: import a list with its amounts.",
        "freight_unknown",
    ),
    Cap.COMPENSATION: ("More than the store gives as compensation in one case.", "more_than_paid"),
    Cap.FEES: ("More would be kept than goes back.", "fee_too_high"),
    Cap.PAYMENTS: ("More than the order still holds: %(left_minor)d are left.", "more_than_left"),
    Cap.PAID_UNKNOWN: (
        "Nobody has told yet what was paid for this order: import a list with its amounts.",
        "paid_unknown",
    ),
}


def check_caps(quote: Quote) -> None:
    """Raise RuleViolation with the first cap that the quote goes beyond."""
    for limit in quote.over:
        words, code = WHY[limit.cap]
        raise RuleViolation(
            words, code=code, cap=str(limit.cap), left_minor=limit.most_minor, amount_minor=quote.total_minor,
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
