"""What must happen after commit: rows written in the command's transaction, leased by the worker, fenced by number.

The row is the truth; the job queue only says "look".  Handlers are idempotent and take ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, String, Text, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.core import clock
from shopdesk.core.columns import BigId, JSONText, UTCDateTime
from shopdesk.core.db import Base, db, housekeeping, rows_changed

LEASE_SECONDS = 60
BACKOFF_SECONDS = (5, 30, 120, 600, 3600)


class OutboxItem(Base):
    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_waiting", "done_at", "run_after"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    topic: Mapped[str] = mapped_column(String(64))
    key: Mapped[str | None] = mapped_column(String(128), unique=True)  # the same effect is asked for once
    payload: Mapped[dict[str, Any]] = mapped_column(JSONText)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    run_after: Mapped[datetime] = mapped_column(UTCDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    fence: Mapped[int] = mapped_column(default=0)  # rises with every claim; a late worker's number is too low
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Claim:
    id: int
    topic: str
    payload: dict[str, Any]
    fence: int
    attempts: int


def put(topic: str, *, key: str | None = None, **payload: Any) -> None:
    """Ask for an effect after commit; call it inside the command.  A key that is there already asks for nothing new."""
    if key and db.session.scalar(select(OutboxItem.id).where(OutboxItem.key == key)):
        return
    at = clock.now()
    db.session.add(OutboxItem(topic=topic, key=key, payload=payload, created_at=at, run_after=at))


@housekeeping
def claim_one() -> Claim | None:
    """Lease the oldest item that is due; None when nothing is."""
    at = clock.now()
    free = or_(OutboxItem.lease_until.is_(None), OutboxItem.lease_until < at)
    due = select(OutboxItem).where(OutboxItem.done_at.is_(None), OutboxItem.run_after <= at, free)
    item = db.session.scalars(due.order_by(OutboxItem.id).limit(1).with_for_update(skip_locked=True)).one_or_none()
    if item is None:
        return None
    item.lease_until = at + timedelta(seconds=LEASE_SECONDS)
    item.fence += 1
    item.attempts += 1
    db.session.flush()
    return Claim(item.id, item.topic, dict(item.payload), item.fence, item.attempts)


def is_due() -> bool:
    """Whether an item could be claimed now; a look that takes no lock."""
    at = clock.now()
    free = or_(OutboxItem.lease_until.is_(None), OutboxItem.lease_until < at)
    due = select(OutboxItem.id).where(OutboxItem.done_at.is_(None), OutboxItem.run_after <= at, free)
    return db.session.scalar(due.limit(1)) is not None


@housekeeping
def renew(claim: Claim) -> bool:
    """Keep the lease of an item that takes long; False when it went to another worker meanwhile."""
    kept = rows_changed(
        update(OutboxItem)
        .where(OutboxItem.id == claim.id, OutboxItem.fence == claim.fence, OutboxItem.done_at.is_(None))
        .values(lease_until=clock.now() + timedelta(seconds=LEASE_SECONDS))
    )
    return kept == 1


@housekeeping
def finish(claim: Claim) -> bool:
    """Mark the item done; False when the lease went to another worker meanwhile."""
    done = rows_changed(
        update(OutboxItem)
        .where(OutboxItem.id == claim.id, OutboxItem.fence == claim.fence, OutboxItem.done_at.is_(None))
        .values(done_at=clock.now(), lease_until=None, last_error=None)
    )
    return done == 1


@housekeeping
def put_back(claim: Claim, error: str) -> None:
    """Give the item back after a failure, later each time; `error` is a type name, never a text with personal data."""
    wait = BACKOFF_SECONDS[min(claim.attempts, len(BACKOFF_SECONDS)) - 1]
    rows_changed(
        update(OutboxItem)
        .where(OutboxItem.id == claim.id, OutboxItem.fence == claim.fence)
        .values(lease_until=None, run_after=clock.now() + timedelta(seconds=wait), last_error=error[:200])
    )


def waiting_count() -> int:
    """How many items wait or are under way, for /readyz."""
    counted = select(func.count(OutboxItem.id)).where(OutboxItem.done_at.is_(None))
    return int(db.session.scalar(counted) or 0)
