"""Tables of parcels: stage, holds, facts, waybills, batches."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.core.columns import BigId, OneOf, UTCDateTime, one_of, partial_index, partial_unique
from shopdesk.core.db import Base
from shopdesk.core.personal import Personal, PersonalText
from shopdesk.core.scope import StoreOwned
from shopdesk.parcels.states import (
    RECALLS_OPEN,
    FactEffect,
    HoldCause,
    OnExpiry,
    RecallKind,
    RecallState,
    Source,
    Stage,
    StopReply,
    StopScope,
    WaybillState,
)


class Batch(StoreOwned, Base):
    """波次: parcels printed together."""

    __tablename__ = "batch"
    __table_args__ = (UniqueConstraint("store_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(32))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Parcel(StoreOwned, Base):
    """What is printed, packed and shipped together: units of one or more orders of one buyer and address."""

    __tablename__ = "parcel"
    __table_args__ = (
        one_of("stage", Stage),
        one_of("stage_source", Source),
        CheckConstraint("holds >= 0", name="holds_not_negative"),
        Index("ix_parcel_queue", "store_id", "stage", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    warehouse_id: Mapped[int] = mapped_column(BigId, ForeignKey("warehouse.id"))
    stage: Mapped[Stage] = mapped_column(OneOf(Stage), default=Stage.UNPRINTED)
    stage_at: Mapped[datetime | None] = mapped_column(
        UTCDateTime
    )  # happened_at of the fact that moved it; may be unknown
    stage_source: Mapped[Source] = mapped_column(OneOf(Source))
    stage_origin: Mapped[str | None] = mapped_column(String(64))  # the feed's own name, e.g. of an ERP
    stage_as_of: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the newest moment for which the stage is known
    holds: Mapped[int] = mapped_column(default=0)  # open rows of Hold: no command prints, packs or ships above 0
    batch_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("batch.id"), index=True)
    position: Mapped[int | None]  # within the batch
    papers_version: Mapped[int] = mapped_column(default=1, server_default="1")  # rises with each re-print
    ship_name: Mapped[Personal | None] = mapped_column(PersonalText("name"))
    ship_phone: Mapped[Personal | None] = mapped_column(PersonalText("phone"))
    ship_region: Mapped[str | None] = mapped_column(String(200))  # province city district
    ship_address: Mapped[Personal | None] = mapped_column(PersonalText("address"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    merged_into_id: Mapped[int | None] = mapped_column(BigInteger)  # parcel: its units went there, it is voided
    version: Mapped[int] = mapped_column(default=1)


class ParcelLine(StoreOwned, Base):
    """Units of an order line in a parcel; n : m from the start."""

    __tablename__ = "parcel_line"
    __table_args__ = (
        UniqueConstraint("parcel_id", "line_id"),
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        Index("ix_parcel_line_order", "order_id", "parcel_id"),
        Index("ix_parcel_line_line", "line_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    parcel_id: Mapped[int] = mapped_column(BigId, ForeignKey("parcel.id"))
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    line_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_line.id"))
    quantity: Mapped[int]


class StageFact(StoreOwned, Base):
    """What happened to a parcel, and who told; append-only.  Never refused (domain.md §3)."""

    __tablename__ = "stage_fact"
    __table_args__ = (
        one_of("stage", Stage),
        one_of("source", Source),
        one_of("effect", FactEffect),
        Index("ix_stage_fact_parcel", "parcel_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    parcel_id: Mapped[int] = mapped_column(BigId, ForeignKey("parcel.id"))
    stage: Mapped[Stage] = mapped_column(OneOf(Stage))
    happened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # None: unknown, but not after as_of
    as_of: Mapped[datetime] = mapped_column(UTCDateTime)  # when the source said so
    known_at: Mapped[datetime] = mapped_column(UTCDateTime)  # when it reached the desk
    source: Mapped[Source] = mapped_column(OneOf(Source))
    origin: Mapped[str | None] = mapped_column(String(64))  # name of the feed, file or system
    batch: Mapped[str | None] = mapped_column(String(32))
    person_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    effect: Mapped[FactEffect] = mapped_column(OneOf(FactEffect))


class Hold(StoreOwned, Base):
    """Why a parcel may not be printed, packed or shipped."""

    __tablename__ = "hold"
    __table_args__ = (
        one_of("cause", HoldCause),
        one_of("on_expiry", OnExpiry),
        partial_unique("uq_hold_open", "parcel_id", "cause", "cause_id", where="ended_at IS NULL"),
        Index("ix_hold_parcel", "parcel_id"),
        Index("ix_hold_cause", "cause", "cause_id"),
        Index("ix_hold_due", "store_id", "expired_at", "expires_at"),
        partial_index("ix_hold_open", "store_id", "expires_at", where="ended_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    parcel_id: Mapped[int] = mapped_column(BigId, ForeignKey("parcel.id"))
    cause: Mapped[HoldCause] = mapped_column(OneOf(HoldCause))
    cause_id: Mapped[int] = mapped_column(BigInteger)  # id of the change or stop; both stand above this feature
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    on_expiry: Mapped[OnExpiry] = mapped_column(OneOf(OnExpiry), default=OnExpiry.KEEP)
    expired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when expiry was dealt with, as on_expiry says
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Recall(StoreOwned, Base):
    """拦单: papers or a parcel are fetched back for a change.  Every move is a conditional UPDATE."""

    __tablename__ = "recall"
    __table_args__ = (
        one_of("kind", RecallKind),
        one_of("state", RecallState),
        partial_unique(
            "uq_recall_open", "parcel_id", "change_id", "kind",
            where="state IN ({})".format(", ".join(f"'{state}'" for state in RECALLS_OPEN)),
        ),
        Index("ix_recall_parcel", "parcel_id"),
        Index("ix_recall_open", "store_id", "state", "id"),
        Index("ix_recall_change", "change_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    parcel_id: Mapped[int] = mapped_column(BigId, ForeignKey("parcel.id"))
    change_id: Mapped[int] = mapped_column(BigInteger)  # changes stand above this feature
    kind: Mapped[RecallKind] = mapped_column(OneOf(RecallKind))
    state: Mapped[RecallState] = mapped_column(OneOf(RecallState), default=RecallState.REQUESTED)
    requested_at: Mapped[datetime] = mapped_column(UTCDateTime)
    until: Mapped[datetime | None] = mapped_column(UTCDateTime)  # of a pull-back: found by then, or it is too late
    found_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when the warehouse had it in its hands
    found_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    handed_out_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    handed_out_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    handed_to_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))  # who holds it
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))


class Stop(StoreOwned, Base):
    """停发: holds every parcel in the house that it matches, and each that comes to match it later."""

    __tablename__ = "stop"
    __table_args__ = (
        one_of("scope", StopScope),
        one_of("on_expiry", OnExpiry),
        Index("ix_stop_active", "store_id", "ended_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    scope: Mapped[StopScope] = mapped_column(OneOf(StopScope))
    sku: Mapped[str | None] = mapped_column(String(128))
    carrier: Mapped[str | None] = mapped_column(String(64))
    region: Mapped[str | None] = mapped_column(String(200))  # the beginning of "province city district"
    batch_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("batch.id"))
    reason: Mapped[str] = mapped_column(String(500))
    phrase: Mapped[str] = mapped_column(Text)  # what is sent to the customers, with {order} and the like
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    made_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    on_expiry: Mapped[OnExpiry] = mapped_column(OneOf(OnExpiry), default=OnExpiry.KEEP)
    expired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when expiry was dealt with; kept = overdue
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))  # None: by expiry


class StopAnswer(StoreOwned, Base):
    """What the customer of a stopped order answered; the trail keeps what was ticked before."""

    __tablename__ = "stop_answer"
    __table_args__ = (one_of("reply", StopReply), UniqueConstraint("stop_id", "order_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    stop_id: Mapped[int] = mapped_column(BigId, ForeignKey("stop.id"))
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    reply: Mapped[StopReply] = mapped_column(OneOf(StopReply))
    answered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))


class Waybill(StoreOwned, Base):
    __tablename__ = "waybill"
    __table_args__ = (
        one_of("state", WaybillState),
        UniqueConstraint("parcel_id", "number"),
        Index("ix_waybill_number", "store_id", "number"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    parcel_id: Mapped[int] = mapped_column(BigId, ForeignKey("parcel.id"))
    number: Mapped[str] = mapped_column(String(64))
    carrier: Mapped[str | None] = mapped_column(String(64))
    is_electronic: Mapped[bool] = mapped_column(default=True)
    state: Mapped[WaybillState] = mapped_column(OneOf(WaybillState), default=WaybillState.ISSUED)
    known_at: Mapped[datetime] = mapped_column(UTCDateTime)
