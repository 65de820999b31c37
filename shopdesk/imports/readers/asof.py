"""When an export was made, as its file name tells it."""

import re
from datetime import UTC, datetime
from pathlib import PurePath
from zoneinfo import ZoneInfo

# 20261101143000, 202611011430, 2026-11-01_14-30-00 and with milliseconds behind; never part of a longer number
STAMP = re.compile(
    r"(?<!\d)(20\d\d)[-_.]?(\d\d)[-_.]?(\d\d)[-_ .T]?(\d\d)[-_.:]?(\d\d)(?:[-_.:]?(\d\d)(?:\d{3})?)?(?!\d)", re.ASCII
)


def as_of_from_name(name: str, *, zone: str) -> datetime | None:
    """The moment in an export's file name, read as local time of `zone`; None when the digits are no date."""
    for found in STAMP.finditer(PurePath(name).name):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        try:
            local = datetime(year, month, day, hour, minute, second, tzinfo=ZoneInfo(zone))
        except ValueError:
            continue
        return local.astimezone(UTC)
    return None


def settle_as_of(as_of: datetime, *, now: datetime) -> tuple[datetime, bool]:
    """A moment in the future counts as now; the second value says that this happened and wants a warning."""
    if as_of > now:
        return now, True
    return as_of, False
