"""Tables of printing: who printed what when, which version of the papers, and why once more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.core.columns import BigId, OneOf, UTCDateTime, one_of
from shopdesk.core.db import Base
from shopdesk.core.scope import StoreOwned
from shopdesk.printing.states import Paper, Parts, Why


class PrintRun(StoreOwned, Base):
    """Papers that were printed together: a batch, or one parcel once more."""

    __tablename__ = "print_run"
    __table_args__ = (
        one_of("paper", Paper),
        one_of("parts", Parts),
        one_of("why", Why),
        Index("ix_print_run_newest", "store_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("batch.id"))  # None: parcels never in a batch
    paper: Mapped[Paper] = mapped_column(OneOf(Paper))
    parts: Mapped[Parts] = mapped_column(OneOf(Parts))
    why: Mapped[Why | None] = mapped_column(OneOf(Why))  # None: printed for the first time
    change_id: Mapped[int | None] = mapped_column(BigInteger)  # whose step it was: its papers show what it wants
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    made_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))


class PrintedParcel(StoreOwned, Base):
    """A parcel of a run; its papers count while `version` is the parcel's own."""

    __tablename__ = "printed_parcel"
    __table_args__ = (UniqueConstraint("run_id", "parcel_id"), Index("ix_printed_parcel_parcel", "parcel_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("print_run.id"))
    parcel_id: Mapped[int] = mapped_column(BigId, ForeignKey("parcel.id"))
    version: Mapped[int]
