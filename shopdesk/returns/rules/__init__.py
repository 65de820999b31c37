"""Decisions about goods that come back, on plain values."""

from shopdesk.returns.rules.confirming import (
    MAX_REASON,
    Asked,
    LineNow,
    check_may_keep,
    check_units,
    check_until,
    default_until,
    freight_of,
    reason_text,
)
from shopdesk.returns.rules.window import TRANSIT_DAYS, Window, end_of_day, window

__all__ = [
    "MAX_REASON",
    "TRANSIT_DAYS",
    "Asked",
    "LineNow",
    "Window",
    "check_may_keep",
    "check_units",
    "check_until",
    "default_until",
    "end_of_day",
    "freight_of",
    "reason_text",
    "window",
]
