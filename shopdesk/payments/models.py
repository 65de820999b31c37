"""Tables of captured money: payments with their counters, and the ledger that says how they became what they are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.core.columns import BigId, OneOf, UTCDateTime, one_of, partial_unique
from shopdesk.core.db import Base
from shopdesk.core.scope import StoreOwned
from shopdesk.payments.states import Account, Posting


class Payment(StoreOwned, Base):
    """What a customer paid for an order at one time, and what of it went back (domain.md §5).

    Opened when money is first given back: what was paid until then stands in the order.  Minor units of the order's
    currency.  Every counter moves by one conditional UPDATE whose row count decides (payments.service), with the CHECKs
    behind it; `outside` may exceed, since what others paid is true.
    """

    __tablename__ = "payment"
    __table_args__ = (
        partial_unique("uq_payment_told", "order_id", where="hand_payment_id IS NULL"),
        partial_unique("uq_payment_by_hand", "hand_payment_id", where="hand_payment_id IS NOT NULL"),
        CheckConstraint("captured_minor >= 0 AND outside_minor >= 0", name="taken_in"),
        CheckConstraint("reserved_minor >= 0 AND settled_minor >= 0", name="given_back"),
        CheckConstraint("settled_minor + reserved_minor <= captured_minor", name="never_more_than_captured"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"), index=True)
    hand_payment_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("hand_payment.id"))  # None: told by a feed
    currency: Mapped[str] = mapped_column(String(3))
    reference: Mapped[str | None] = mapped_column(String(64))  # what the place that took it in calls it
    paid_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    captured_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    reserved_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    settled_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    outside_minor: Mapped[int] = mapped_column(BigInteger, default=0)


class LedgerEntry(StoreOwned, Base):
    """One transaction of the ledger: an amount goes from one account of a payment to another; append-only.

    One row holds both sides, so a transaction that does not sum to zero cannot be written (ADR 0014).  A mistake is
    mended by an entry the other way round.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        one_of("posting", Posting),
        one_of("source", Account),
        one_of("target", Account),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("source <> target", name="two_accounts"),
        Index("ix_ledger_entry_payment", "payment_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    payment_id: Mapped[int] = mapped_column(BigId, ForeignKey("payment.id"))
    posting: Mapped[Posting] = mapped_column(OneOf(Posting))
    source: Mapped[Account] = mapped_column(OneOf(Account))
    target: Mapped[Account] = mapped_column(OneOf(Account))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    payout_id: Mapped[int | None] = mapped_column(BigInteger)  # the refund's; refunds stand above this feature
    by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))


class HandPart(StoreOwned, Base):
    """What a note by hand of money paid back counted on one payment; taken back, exactly this comes back."""

    __tablename__ = "hand_part"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        UniqueConstraint("note", "payment_id"),
        Index("ix_hand_part_payment", "payment_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    note: Mapped[str] = mapped_column(String(48))  # whose it is: "case_settlement:12"; cases stand above this feature
    payment_id: Mapped[int] = mapped_column(BigId, ForeignKey("payment.id"))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    taken_back_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
