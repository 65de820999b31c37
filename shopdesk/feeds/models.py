"""Table of feeds: where a kind of truth comes from and how old it is."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.core.columns import BigId, OneOf, UTCDateTime, one_of
from shopdesk.core.db import Base
from shopdesk.core.scope import StoreOwned


class FeedKind(StrEnum):
    ORDERS = "orders"
    STAGES = "stages"
    REFUNDS = "refunds"
    TRACKING = "tracking"


class Feed(StoreOwned, Base):
    __tablename__ = "feed"
    __table_args__ = (
        UniqueConstraint("store_id", "kind", "origin"),
        one_of("kind", FeedKind),
        CheckConstraint("rhythm_minutes > 0", name="rhythm_positive"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[FeedKind] = mapped_column(OneOf(FeedKind))
    origin: Mapped[str] = mapped_column(String(64))  # e.g. the ERP's or the file format's name
    as_of: Mapped[datetime] = mapped_column(UTCDateTime)  # the newest moment it spoke of
    known_at: Mapped[datetime] = mapped_column(UTCDateTime)  # when that reached the desk
    covers: Mapped[str] = mapped_column(String(16), default="some")  # "store" = every parcel of the store, or "some"
    rhythm_minutes: Mapped[int]
