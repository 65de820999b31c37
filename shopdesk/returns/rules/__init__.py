"""Decisions about goods that come back, on plain values."""

from shopdesk.returns.rules.confirming import (
    MAX_REASON,
    Asked,
    LineNow,
    check_extension,
    check_later,
    check_may_keep,
    check_units,
    check_until,
    default_until,
    freight_of,
    reason_text,
)
from shopdesk.returns.rules.policies import MAX_CONDITION, MAX_RECEIVER, MOST_DAYS, check_policy
from shopdesk.returns.rules.waybills import waybill_numbers
from shopdesk.returns.rules.window import TRANSIT_DAYS, Window, end_of_day, window

__all__ = [
    "MAX_CONDITION",
    "MAX_REASON",
    "MAX_RECEIVER",
    "MOST_DAYS",
    "TRANSIT_DAYS",
    "Asked",
    "LineNow",
    "Window",
    "check_extension",
    "check_later",
    "check_may_keep",
    "check_policy",
    "check_units",
    "check_until",
    "default_until",
    "end_of_day",
    "freight_of",
    "reason_text",
    "waybill_numbers",
    "window",
]
