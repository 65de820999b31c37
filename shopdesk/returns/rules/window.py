"""Until when goods may be sent back: whole days of the store's calendar, counted from the delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TRANSIT_DAYS = 10  # between shipping and delivery, where nobody told the delivery


@dataclass(frozen=True, slots=True)
class Window:
    """`begins_on` is the day of the delivery, or the estimated one; None: not even the shipping is known."""

    days: int
    begins_on: date | None
    ends_at: datetime | None  # the first moment that is too late
    is_estimated: bool

    @property
    def last_day(self) -> date | None:
        return self.begins_on + timedelta(days=self.days) if self.begins_on else None

    def is_over(self, now: datetime) -> bool:
        return self.ends_at is not None and now >= self.ends_at


def window(days: int, *, delivered_at: datetime | None, shipped_at: datetime | None, zone: str) -> Window:
    """The window of `days` days after delivery; without one, after shipping and TRANSIT_DAYS (edge case E32)."""
    known = delivered_at or shipped_at
    if known is None:
        return Window(days, None, None, is_estimated=True)
    begins_on = known.astimezone(ZoneInfo(zone)).date()
    if delivered_at is None:
        begins_on += timedelta(days=TRANSIT_DAYS)
    return Window(days, begins_on, end_of_day(begins_on + timedelta(days=days), zone), delivered_at is None)


def end_of_day(day: date, zone: str) -> datetime:
    """The first moment of the next day there: what happens before it is in time (edge case E52)."""
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone))


def last_day(until: datetime) -> date:
    """The last whole day before a moment that is given in the store's zone."""
    return (until - timedelta(seconds=1)).date()
