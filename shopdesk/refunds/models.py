"""Tables of money back: the decision, its lines, its payouts, what was sent and what was heard of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.cases.states import PaidTo
from shopdesk.core.columns import BigId, OneOf, UTCDateTime, one_of, partial_index, partial_unique
from shopdesk.core.db import Base
from shopdesk.core.personal import Personal, PersonalText
from shopdesk.core.scope import StoreOwned
from shopdesk.refunds.states import Act, FollowUp, Outcome, Part, PayoutState, RefundKind, RefundState


class Refund(StoreOwned, Base):
    """The decision to give money back; amount, destination and payee are frozen with it (domain.md §5)."""

    __tablename__ = "refund"
    __table_args__ = (
        one_of("kind", RefundKind),
        one_of("state", RefundState),
        one_of("destination", PaidTo),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index("ix_refund_order", "order_id", "id"),
        Index("ix_refund_case", "case_id"),
        Index("ix_refund_change", "change_id"),
        # the rolling window of a limit, and what waits for a supervisor
        partial_index("ix_refund_awaiting", "store_id", "id", where="state = 'awaiting_approval'"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))  # the sale whose payments it goes back from
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("cases.id"))
    change_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("change.id"))
    kind: Mapped[RefundKind] = mapped_column(OneOf(RefundKind))
    state: Mapped[RefundState] = mapped_column(OneOf(RefundState))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    destination: Mapped[PaidTo] = mapped_column(OneOf(PaidTo))
    place: Mapped[str] = mapped_column(String(24))  # who pays it out: a key of connectors.places
    account: Mapped[Personal | None] = mapped_column(PersonalText("account"))
    reason: Mapped[Personal | None] = mapped_column(PersonalText("text"))
    requested_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    requested_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    looked_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))  # finance, at the platform's list
    looked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    invoice_sent: Mapped[bool | None]  # with the order; None: not answered, or its case answers
    version: Mapped[int] = mapped_column(default=1)


class RefundLine(StoreOwned, Base):
    """One line of the calculation; the lines add up to the refund."""

    __tablename__ = "refund_line"
    __table_args__ = (one_of("part", Part), Index("ix_refund_line_refund", "refund_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    refund_id: Mapped[int] = mapped_column(BigId, ForeignKey("refund.id"))
    part: Mapped[Part] = mapped_column(OneOf(Part))
    line_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("order_line.id"))
    units: Mapped[int | None]
    amount_minor: Mapped[int] = mapped_column(BigInteger)  # a fee is negative
    reason: Mapped[Personal | None] = mapped_column(PersonalText("text"))  # why a fee is kept


class RefundPayment(StoreOwned, Base):
    """One payout: its number is born with it and is the idempotency key for ever (trust.md rule 2).

    All that is sent with the number is frozen with it: each sending has the same bytes.
    """

    __tablename__ = "refund_payment"
    __table_args__ = (
        one_of("state", PayoutState),
        one_of("follow_up", FollowUp),
        UniqueConstraint("number"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("paid_minor > 0", name="paid_positive"),
        # one transfer proves one payout
        partial_unique(
            "uq_refund_payment_reference", "store_id", "place", "place_reference", where="place_reference IS NOT NULL"
        ),
        Index("ix_refund_payment_refund", "refund_id"),
        Index("ix_refund_payment_payment", "payment_id"),
        partial_index("ix_refund_payment_due", "run_after", where="state IN ('reserved', 'sending', 'unknown')"),
        # what finance looks at: open ones, and those that ended badly
        partial_index("ix_refund_payment_looked_at", "store_id", "state", "id", where="state <> 'succeeded'"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    refund_id: Mapped[int] = mapped_column(BigId, ForeignKey("refund.id"))
    payment_id: Mapped[int] = mapped_column(BigId, ForeignKey("payment.id"))
    rest_of_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("refund_payment.id"))  # which was paid in part
    number: Mapped[str] = mapped_column(String(32))
    place: Mapped[str] = mapped_column(String(24))
    state: Mapped[PayoutState] = mapped_column(OneOf(PayoutState))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    payment_reference: Mapped[str | None] = mapped_column(String(64))  # frozen, as the payment said at the approval
    captured_minor: Mapped[int | None] = mapped_column(BigInteger)  # frozen likewise
    paid_minor: Mapped[int | None] = mapped_column(BigInteger)  # what truly went out; None until it succeeded
    evidence: Mapped[str | None] = mapped_column(String(64))  # by which a person decided that nobody could tell
    place_reference: Mapped[str | None] = mapped_column(String(64))
    code: Mapped[str | None] = mapped_column(String(64))  # the place's last word
    run_after: Mapped[datetime | None] = mapped_column(UTCDateTime)  # None: a person or a feed comes next
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    fence: Mapped[int] = mapped_column(default=0)  # rises with every claim; a late worker's number is too low
    attempts: Mapped[int] = mapped_column(default=0)
    first_sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    is_absent: Mapped[bool] = mapped_column(default=False)  # the place was asked after the last sending: not there
    needs_person: Mapped[bool] = mapped_column(default=False)  # asking tells nothing any more
    ended_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))  # by hand, or with evidence
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    follow_up: Mapped[FollowUp | None] = mapped_column(OneOf(FollowUp))  # what a person made of a bad end
    followed_up_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    followed_up_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def settled_minor(self) -> int:
        """What of the payment it used up: what was paid beyond its amount is money beside the books."""
        return min(self.amount_minor, self.paid_minor if self.paid_minor is not None else self.amount_minor)


class RefundAttempt(StoreOwned, Base):
    """One call of the place, noted before it is made."""

    __tablename__ = "refund_attempt"
    __table_args__ = (one_of("act", Act), one_of("outcome", Outcome), UniqueConstraint("payout_id", "fence"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    payout_id: Mapped[int] = mapped_column(BigId, ForeignKey("refund_payment.id"))
    fence: Mapped[int]
    act: Mapped[Act] = mapped_column(OneOf(Act))
    begun_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[Outcome | None] = mapped_column(OneOf(Outcome))
    code: Mapped[str | None] = mapped_column(String(64))


class PlaceEvent(Base):
    """The inbox: what a place told by itself, once per event of a source; acted on by asking (trust.md rule 3)."""

    __tablename__ = "place_event"
    __table_args__ = (UniqueConstraint("source", "event_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source: Mapped[str] = mapped_column(String(24))
    event_id: Mapped[str] = mapped_column(String(128))
    number: Mapped[str | None] = mapped_column(String(32))
    heard_at: Mapped[datetime] = mapped_column(UTCDateTime)


class CreditNote(StoreOwned, Base):
    """Issued when a payout is confirmed, and once more the other way round when it is taken back.

    Numbered by store without gaps; the notes less the counter notes are what the ledger calls refunded by payouts.
    """

    __tablename__ = "credit_note"
    __table_args__ = (
        UniqueConstraint("store_id", "number"),
        UniqueConstraint("counters_id"),
        partial_unique("uq_credit_note_payout", "payout_id", where="counters_id IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    payout_id: Mapped[int] = mapped_column(BigId, ForeignKey("refund_payment.id"))
    counters_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("credit_note.id"))  # the note that it takes back
    number: Mapped[int]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)


class CreditNoteCount(StoreOwned, Base):
    """The last number of a store's credit notes."""

    __tablename__ = "credit_note_count"

    store_id: Mapped[int] = mapped_column(BigId, ForeignKey("store.id"), primary_key=True)
    last: Mapped[int]
