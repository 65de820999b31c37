"""Tables of what a case costs: amounts expected and settled by hand, invoices, claims against couriers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.cases.states import AmountPart, ClaimState, CourierOutcome, InvoiceTaskKind, PaidTo
from shopdesk.core.columns import BigId, OneOf, UTCDateTime, one_of, partial_index
from shopdesk.core.db import Base
from shopdesk.core.personal import Personal, PersonalText
from shopdesk.core.scope import StoreOwned


class CaseAmount(StoreOwned, Base):
    """One balance of a case that is money: what was decided, and the sum of what was settled.

    Positive goes to the customer.  Minor units of the order's currency; every move is a conditional UPDATE.
    """

    __tablename__ = "case_amount"
    __table_args__ = (
        one_of("part", AmountPart),
        UniqueConstraint("case_id", "part"),
        CheckConstraint("expected_minor >= 0", name="expected_not_negative"),
        CheckConstraint(
            "settled_minor >= 0 AND reserved_minor >= 0 AND settled_minor + reserved_minor <= expected_minor",
            name="settled_once",
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"))
    part: Mapped[AmountPart] = mapped_column(OneOf(AmountPart))
    expected_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    settled_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    reserved_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # refunds under way


class CaseSettlement(StoreOwned, Base):
    """Money that a refund of the desk paid, or that somebody noted as paid; append-only but for the taking back."""

    __tablename__ = "case_settlement"
    __table_args__ = (
        one_of("part", AmountPart),
        one_of("destination", PaidTo),
        UniqueConstraint("payout_id", "part"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index("ix_case_settlement_case", "case_id", "id"),
        partial_index("ix_case_settlement_reference", "store_id", "reference", where="reference IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"))
    part: Mapped[AmountPart] = mapped_column(OneOf(AmountPart))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    booked_minor: Mapped[int | None] = mapped_column(BigInteger)  # on lines; freight: all; None: older
    destination: Mapped[PaidTo] = mapped_column(OneOf(PaidTo))
    account: Mapped[Personal | None] = mapped_column(PersonalText("account"))
    reference: Mapped[str | None] = mapped_column(String(64))
    payout_id: Mapped[int | None] = mapped_column(BigInteger)  # None: noted by a person; refunds stand above
    noted_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    noted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    taken_back_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    taken_back_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    taken_back_why: Mapped[Personal | None] = mapped_column(PersonalText("text"))


class InvoiceTask(StoreOwned, Base):
    """红冲 or 背书: finance's task while an invoice was sent with the order (M116, M117).

    Of a case, or of a refund that has none.
    """

    __tablename__ = "invoice_task"
    __table_args__ = (
        one_of("kind", InvoiceTaskKind),
        UniqueConstraint("case_id", "kind"),
        UniqueConstraint("refund_id", "kind"),
        CheckConstraint("(case_id IS NULL) <> (refund_id IS NULL)", name="one_owner"),
        partial_index("ix_invoice_task_open", "store_id", "id", where="done_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("cases.id"))
    refund_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("refund.id"))
    kind: Mapped[InvoiceTaskKind] = mapped_column(OneOf(InvoiceTaskKind))
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    confirmation: Mapped[str | None] = mapped_column(String(64))  # the number of the form that the buyer confirms
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    confirm_by: Mapped[datetime | None] = mapped_column(UTCDateTime)  # after that the form counts no more
    reference: Mapped[str | None] = mapped_column(String(64))  # the number of the document
    done_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class CourierClaim(StoreOwned, Base):
    """理赔: what a courier is asked to pay for what it lost or broke, with its own due date."""

    __tablename__ = "courier_claim"
    __table_args__ = (
        one_of("state", ClaimState),
        CheckConstraint("amount_minor > 0 AND paid_minor >= 0", name="amounts_known"),
        Index("ix_courier_claim_case", "case_id", "id"),
        partial_index("ix_courier_claim_due", "store_id", "due_at", where="state IN ('filed', 'accepted')"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"))
    parcel_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("parcel.id"))
    carrier: Mapped[str] = mapped_column(String(64))
    waybill: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[ClaimState] = mapped_column(OneOf(ClaimState), default=ClaimState.FILED)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    paid_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reference: Mapped[str | None] = mapped_column(String(64))
    result: Mapped[Personal | None] = mapped_column(PersonalText("text"))
    filed_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    filed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)


class CourierWord(StoreOwned, Base):
    """What the courier was asked or told of a parcel of a case; append-only.  The last one says who has it."""

    __tablename__ = "courier_word"
    __table_args__ = (one_of("outcome", CourierOutcome), Index("ix_courier_word_case", "case_id", "id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"))
    parcel_id: Mapped[int] = mapped_column(BigId, ForeignKey("parcel.id"), index=True)
    outcome: Mapped[CourierOutcome] = mapped_column(OneOf(CourierOutcome))
    said: Mapped[Personal | None] = mapped_column(PersonalText("text"))
    return_id: Mapped[int | None] = mapped_column(BigInteger)  # returns stand above this feature
    told_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    told_at: Mapped[datetime] = mapped_column(UTCDateTime)
