"""Decisions about what is fetched back: how long it can be pulled back, whether what comes back is all of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from shopdesk.core.errors import RuleViolation
from shopdesk.parcels.states import HANDED_OVER, Source, Stage
from shopdesk.staff.models import PULL_BACK_MINUTES

DEFAULT_MINUTES = 15
MOST_COUNTED = 1_000_000  # units of one line


def pull_back_until(
    stage: Stage, source: Source, stage_at: datetime | None, *, settings: Mapping[str, Any], now: datetime
) -> datetime | None:
    """Until when a parcel may be pulled back that our own hands handed over; None where it may not (domain.md §3).

    Whether the courier has collected it is for the caller to know.
    """
    minutes = settings.get(PULL_BACK_MINUTES, DEFAULT_MINUTES)
    if stage is not Stage.SHIPPED or source not in HANDED_OVER or stage_at is None or minutes <= 0:
        return None
    until: datetime = stage_at + timedelta(minutes=minutes)
    return until if until > now else None


def differences(expected: Mapping[int, int], counted: Mapping[int, int]) -> dict[int, tuple[int, int]]:
    """Line → (on paper, counted) where they differ; a line that nobody counted is 0.

    Raises RuleViolation for a count that is none or a line that is not in the parcel.
    """
    for line_id, units in counted.items():
        if line_id not in expected:
            raise RuleViolation("The parcel has no such line.", code="unknown_line", line=str(line_id))
        if type(units) is not int or not 0 <= units <= MOST_COUNTED:
            raise RuleViolation("Say the quantity as a number.", code="bad_count", line=str(line_id))
    found = {line_id: (units, counted.get(line_id, 0)) for line_id, units in expected.items()}
    return {line_id: pair for line_id, pair in found.items() if pair[0] != pair[1]}
