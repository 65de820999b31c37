"""How money is spread over payments, on plain values."""

from __future__ import annotations

from collections.abc import Sequence

from shopdesk.core.errors import RuleViolation


def spread(amount_minor: int, left_minor: Sequence[int]) -> list[int]:
    """How much of each payment goes back, the last one first; the parts add up to the amount.

    `left_minor`: what each payment still holds, oldest first.  Raises RuleViolation where they hold less.
    """
    parts = [0] * len(left_minor)
    rest = amount_minor
    for place in reversed(range(len(left_minor))):
        parts[place] = min(rest, left_minor[place])
        rest -= parts[place]
    if rest:
        raise RuleViolation(
            "More than the order still holds: %(left_minor)d are left.", code="more_than_left",
            left_minor=sum(left_minor), amount_minor=amount_minor,
        )  # fmt: skip
    return parts
