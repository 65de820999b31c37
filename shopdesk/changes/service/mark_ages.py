"""When the platform's shipped mark has grown old: then the parcel counts as shipped (domain.md §8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from shopdesk.staff.service.cut_offs import next_cut_off

OLD_AFTER = timedelta(hours=24)


def due_at(marked_at: datetime, cut_offs: Sequence[str], zone: str) -> datetime:
    """When a mark of that moment counts as shipped."""
    return min(next_cut_off(marked_at, cut_offs, zone), marked_at + OLD_AFTER)
