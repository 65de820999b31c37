"""Which units a cancel wish may name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shopdesk.core.errors import RuleViolation


@dataclass(frozen=True, slots=True)
class LineLeft:
    """Of a line's units: those in the house that nobody cancels yet, those that have left, all others (cancelled)."""

    left: int
    shipped: int
    cancelled: int


def is_all_chosen(chosen: Mapping[int, int], lines: Mapping[int, LineLeft]) -> bool:
    """Whether a cancel wish about these units is one about all that is left.

    Raises RuleViolation: `not_in_a_parcel`, `units_shipped`, `line_cancelled`, `more_than_left`.
    """
    for line_id, units in chosen.items():
        line = lines.get(line_id)
        if line is None:
            raise RuleViolation("This line is in no parcel: it ends with the whole order.", code="not_in_a_parcel")
        if units > line.left:
            raise _too_many(line, units)
    return all(chosen.get(line_id, 0) == line.left for line_id, line in lines.items())


def _too_many(line: LineLeft, units: int) -> RuleViolation:
    if line.shipped and units <= line.left + line.shipped:
        return RuleViolation(
            "%(shipped)s units of this line have left: those are for after-sale.",
            code="units_shipped", shipped=line.shipped, left=line.left,
        )  # fmt: skip
    if not line.left and line.cancelled:
        return RuleViolation("This line is cancelled already.", code="line_cancelled", units=units)
    return RuleViolation("Only %(left)s units are left.", code="more_than_left", units=units, left=line.left)
