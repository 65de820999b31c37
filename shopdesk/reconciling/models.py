"""Tables of money beside the books: receipts, the platforms' refunds, what has to be recovered."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.cases.states import PaidTo
from shopdesk.core.columns import BigId, OneOf, UTCDateTime, one_of, partial_index, partial_unique
from shopdesk.core.db import Base
from shopdesk.core.personal import Personal, PersonalText
from shopdesk.core.scope import StoreOwned
from shopdesk.reconciling.states import CountsAs, RecoveryState


class PayoutReceipt(StoreOwned, Base):
    """A picture that proves a payout by hand: drawn anew, its file named by its hash."""

    __tablename__ = "payout_receipt"
    __table_args__ = (UniqueConstraint("payout_id", "sha256"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    payout_id: Mapped[int] = mapped_column(BigId, ForeignKey("refund_payment.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    added_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)


class PlatformRefund(StoreOwned, Base):
    """One refund of a platform's own list, by its number there; and what it counts as here, once.

    Minor units of the order's currency.  `booked_minor`: what of it stands as outside on the order's payments.
    """

    __tablename__ = "platform_refund"
    __table_args__ = (
        one_of("counts_as", CountsAs),
        UniqueConstraint("store_id", "number"),
        CheckConstraint("amount_minor >= 0 AND booked_minor >= 0", name="amounts_known"),
        Index("ix_platform_refund_order", "order_id"),
        Index("ix_platform_refund_payout", "payout_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    number: Mapped[str] = mapped_column(String(64))
    amount_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    is_paid: Mapped[bool] = mapped_column(default=False)
    as_of: Mapped[datetime] = mapped_column(UTCDateTime)  # of the list that said it last
    paid_as_of: Mapped[datetime | None] = mapped_column(UTCDateTime)  # of the first list that called it paid
    counts_as: Mapped[CountsAs] = mapped_column(OneOf(CountsAs), default=CountsAs.NOTHING)
    payout_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("refund_payment.id"))
    booked_minor: Mapped[int] = mapped_column(BigInteger, default=0)


class Recovery(StoreOwned, Base):
    """追回多退款: what customers got beyond what they paid, until it is back or written off."""

    __tablename__ = "recovery"
    __table_args__ = (
        one_of("state", RecoveryState),
        partial_unique("uq_recovery_open", "order_id", where="state = 'open'"),
        partial_index("ix_recovery_waiting", "store_id", "id", where="state = 'open'"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index("ix_recovery_order", "order_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    state: Mapped[RecoveryState] = mapped_column(OneOf(RecoveryState), default=RecoveryState.OPEN)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reference: Mapped[str | None] = mapped_column(String(64))  # of the money that came back
    reason: Mapped[Personal | None] = mapped_column(PersonalText("text"))
    ended_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Statement(StoreOwned, Base):
    """A file of lines of one account, as it was taken in."""

    __tablename__ = "statement"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    destination: Mapped[PaidTo] = mapped_column(OneOf(PaidTo))
    name: Mapped[str] = mapped_column(String(255))
    kept: Mapped[int]
    known: Mapped[int]  # that an earlier file had brought
    refused: Mapped[int]
    taken_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    taken_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (one_of("destination", PaidTo),)


class StatementLine(StoreOwned, Base):
    """What an account says went out, or came back (negative), once by its own reference.  Minor units."""

    __tablename__ = "statement_line"
    __table_args__ = (
        one_of("destination", PaidTo),
        UniqueConstraint("store_id", "destination", "reference"),
        Index("ix_statement_line_day", "store_id", "destination", "day"),
        CheckConstraint("amount_minor <> 0", name="amount_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    statement_id: Mapped[int] = mapped_column(BigId, ForeignKey("statement.id"))
    destination: Mapped[PaidTo] = mapped_column(OneOf(PaidTo))
    day: Mapped[date] = mapped_column(Date)  # in the store's zone
    reference: Mapped[str] = mapped_column(String(64))
    number: Mapped[str | None] = mapped_column(String(64))  # ours
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))


class DifferenceAnswer(StoreOwned, Base):
    """What finance says of a difference between books and statement."""

    __tablename__ = "difference_answer"
    __table_args__ = (UniqueConstraint("store_id", "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(96))
    note: Mapped[Personal] = mapped_column(PersonalText("text"))
    by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
