"""Tables of the dock: parcels that arrived, what was found in them, where each unit went.

A parcel nobody expected belongs to no store yet: arrivals, findings and dispositions belong to a warehouse, and are
read through `returns.queries.docks`, by people who work for a store that the warehouse serves.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.core.columns import BigId, OneOf, UTCDateTime, one_of, partial_index
from shopdesk.core.db import Base
from shopdesk.core.personal import Personal, PersonalText
from shopdesk.core.scope import StoreOwned
from shopdesk.returns.states import ArrivalState, Disposal, Grade, Identity


class Arrival(Base):
    """退件: a physical parcel at the dock, matched to none, one or several returns."""

    __tablename__ = "arrival"
    __table_args__ = (
        one_of("state", ArrivalState),
        UniqueConstraint("warehouse_id", "waybill"),
        Index("ix_arrival_waybill", "waybill"),
        partial_index("ix_arrival_waiting", "warehouse_id", "id", where="state <> 'inspected'"),
        partial_index("ix_arrival_unknown", "warehouse_id", "id", where="is_matched = false"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    warehouse_id: Mapped[int] = mapped_column(BigId, ForeignKey("warehouse.id"))
    waybill: Mapped[str] = mapped_column(String(64))  # as scanned, folded
    state: Mapped[ArrivalState] = mapped_column(OneOf(ArrivalState), default=ArrivalState.SIGNED_IN)
    is_matched: Mapped[bool] = mapped_column(default=False)  # some ArrivalMatch points to it
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("cases.id"), index=True)  # opened for its goods
    place: Mapped[str | None] = mapped_column(String(64))  # where it lies, kept apart until decided
    sender: Mapped[Personal | None] = mapped_column(PersonalText("name"))  # as on the box, for finding its case
    sender_phone: Mapped[Personal | None] = mapped_column(PersonalText("phone"))
    inside: Mapped[str | None] = mapped_column(Text)  # what lay in it without being expected, in the clerk's words
    signed_in_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    signed_in_at: Mapped[datetime] = mapped_column(UTCDateTime)
    opened_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    inspected_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    inspected_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)  # of what was found in it


class ArrivalMatch(StoreOwned, Base):
    """A parcel that arrived holds goods of this return; a person, or its waybill, said so."""

    __tablename__ = "arrival_match"
    __table_args__ = (UniqueConstraint("arrival_id", "return_id"), Index("ix_arrival_match_return", "return_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    arrival_id: Mapped[int] = mapped_column(BigId, ForeignKey("arrival.id"))
    return_id: Mapped[int] = mapped_column(BigId, ForeignKey("returns.id"))
    matched_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))  # None: by its waybill
    matched_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ArrivalPhoto(Base):
    """A photo made while a parcel was opened; its file is named by the hash of its bytes."""

    __tablename__ = "arrival_photo"
    __table_args__ = (
        UniqueConstraint("arrival_id", "sha256"),
        CheckConstraint("width > 0 AND height > 0 AND bytes > 0", name="has_a_size"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    arrival_id: Mapped[int] = mapped_column(BigId, ForeignKey("arrival.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]  # pixels
    height: Mapped[int]
    bytes: Mapped[int]
    added_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Finding(Base):
    """What was found of one thing in a parcel: how many, what it is, what it is like.

    Amended before it is disposed of by a new finding that replaces it; afterwards not at all.
    """

    __tablename__ = "finding"
    __table_args__ = (
        one_of("identity", Identity),
        one_of("grade", Grade),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("disposed >= 0 AND disposed <= quantity", name="disposed_once"),
        CheckConstraint("identity = 'missing' OR grade IS NOT NULL", name="graded"),
        Index("ix_finding_arrival", "arrival_id", "id"),
        Index("ix_finding_return_line", "return_line_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    arrival_id: Mapped[int] = mapped_column(BigId, ForeignKey("arrival.id"))
    return_line_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("return_line.id"))
    identity: Mapped[Identity] = mapped_column(OneOf(Identity))
    quantity: Mapped[int]
    disposed: Mapped[int] = mapped_column(default=0)  # I4: the sum of its dispositions
    grade: Mapped[Grade | None] = mapped_column(OneOf(Grade))
    has_defect: Mapped[bool | None]  # a quality problem, confirmed on the piece
    sku: Mapped[str | None] = mapped_column(String(128))
    title: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(String(500))  # about the goods; no personal text
    found_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    found_at: Mapped[datetime] = mapped_column(UTCDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    replaced_by_id: Mapped[int | None] = mapped_column(BigInteger)  # finding


class Disposition(Base):
    """Where units of a finding went; append-only."""

    __tablename__ = "disposition"
    __table_args__ = (
        one_of("place", Disposal),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index("ix_disposition_finding", "finding_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    finding_id: Mapped[int] = mapped_column(BigId, ForeignKey("finding.id"))
    quantity: Mapped[int]
    place: Mapped[Disposal] = mapped_column(OneOf(Disposal))
    shelf: Mapped[str | None] = mapped_column(String(64))
    decided_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)
