"""Tables of buyers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.core.columns import BigId, UTCDateTime
from shopdesk.core.db import Base
from shopdesk.core.personal import Personal, PersonalText
from shopdesk.core.scope import StoreOwned


class Customer(StoreOwned, Base):
    """A buyer of one store, told apart by the platform's buyer ID; masked values never make one."""

    __tablename__ = "customer"
    __table_args__ = (UniqueConstraint("store_id", "buyer_key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    buyer_key: Mapped[str] = mapped_column(String(128))  # the buyer ID, folded
    buyer_nick: Mapped[Personal | None] = mapped_column(PersonalText("name"))  # as the platform writes it
    first_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
