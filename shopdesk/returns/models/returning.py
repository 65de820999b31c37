"""Tables of what is expected back: the store's policy, the return, its lines, its waybills."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.core.columns import BigId, OneOf, UTCDateTime, one_of, partial_index
from shopdesk.core.db import Base
from shopdesk.core.personal import Personal, PersonalText
from shopdesk.core.scope import StoreOwned
from shopdesk.returns.states import RETURN_OPEN, FreightPayer, ReturnOrigin, ReturnState

_OPEN = "state IN ({})".format(", ".join(f"'{state}'" for state in sorted(RETURN_OPEN)))


class ReturnPolicy(StoreOwned, Base):
    """The store's policy from a time on; append-only.  An order keeps the one in force when it was placed."""

    __tablename__ = "return_policy"
    __table_args__ = (
        one_of("freight", FreightPayer),
        CheckConstraint("days >= 0", name="days_not_negative"),
        UniqueConstraint("store_id", "from_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    from_at: Mapped[datetime] = mapped_column(UTCDateTime)
    days: Mapped[int]  # after delivery, whole days in the store's zone
    condition: Mapped[str] = mapped_column(String(200))  # what the goods must be like
    freight: Mapped[FreightPayer] = mapped_column(OneOf(FreightPayer))
    receiver: Mapped[Personal | None] = mapped_column(PersonalText("text"))  # where customers send to, as on the slip
    made_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))


class Return(StoreOwned, Base):
    """退货: the sending-back of units of an order that the shop agreed to; the original order and parcel stay."""

    __tablename__ = "returns"
    __table_args__ = (
        one_of("origin", ReturnOrigin),
        one_of("state", ReturnState),
        one_of("freight", FreightPayer),
        Index("ix_return_case", "case_id"),
        Index("ix_return_order", "order_id"),
        partial_index("ix_return_open", "store_id", "state", "id", where=_OPEN),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"))
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    parcel_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("parcel.id"))  # of ours that comes back itself
    warehouse_id: Mapped[int] = mapped_column(BigId, ForeignKey("warehouse.id"))  # where it is expected
    origin: Mapped[ReturnOrigin] = mapped_column(OneOf(ReturnOrigin))
    state: Mapped[ReturnState] = mapped_column(OneOf(ReturnState), default=ReturnState.CONFIRMED)
    confirmed_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    confirmed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    until: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the customer is expected to have sent by then
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    arrived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # disposed or cancelled
    ended_why: Mapped[Personal | None] = mapped_column(PersonalText("text"))  # of a cancelled one
    freight: Mapped[FreightPayer] = mapped_column(OneOf(FreightPayer))  # customer or shop: decided for this one
    policy_days: Mapped[int]  # the policy, as it was for the order
    policy_condition: Mapped[str] = mapped_column(String(200))
    exception: Mapped[Personal | None] = mapped_column(PersonalText("text"))  # why outside the policy
    excepted_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(default=1)


class ReturnLine(StoreOwned, Base):
    """Units of an order line that are expected back, and what became of them.

    Counters: every expected unit is still out, arrived (a finding says right), or given up.
    """

    __tablename__ = "return_line"
    __table_args__ = (
        UniqueConstraint("return_id", "line_id"),
        CheckConstraint("expected > 0", name="expected_positive"),
        CheckConstraint("arrived >= 0 AND given_up >= 0", name="counters_not_negative"),
        CheckConstraint("arrived + given_up <= expected", name="arrived_once"),
        Index("ix_return_line_line", "line_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    return_id: Mapped[int] = mapped_column(BigId, ForeignKey("returns.id"))
    line_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_line.id"))
    expected: Mapped[int]
    arrived: Mapped[int] = mapped_column(default=0)
    given_up: Mapped[int] = mapped_column(default=0)  # decided that it does not come any more
    given_up_why: Mapped[Personal | None] = mapped_column(PersonalText("text"))
    sku: Mapped[str | None] = mapped_column(String(128))  # as it was called then
    title: Mapped[str | None] = mapped_column(Text)
    attributes: Mapped[str | None] = mapped_column(Text)


class ReturnWaybill(StoreOwned, Base):
    """A waybill under which goods of a return are on their way; several parcels for one return are allowed."""

    __tablename__ = "return_waybill"
    __table_args__ = (
        UniqueConstraint("return_id", "number"),
        Index("ix_return_waybill_number", "number"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    return_id: Mapped[int] = mapped_column(BigId, ForeignKey("returns.id"))
    number: Mapped[str] = mapped_column(String(64))
    carrier: Mapped[str | None] = mapped_column(String(64))
    told_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    told_at: Mapped[datetime] = mapped_column(UTCDateTime)
