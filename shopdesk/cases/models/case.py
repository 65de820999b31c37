"""Tables of the case file: the case, the units it is about, how it is resolved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.cases.states import (
    ROLE_OF,
    Appraisal,
    CaseKind,
    CasePhase,
    CaseSource,
    Detail,
    DueSource,
    Ending,
    Fault,
    Goal,
    Inquiry,
    Reason,
    Resolution,
    WaitingFor,
)
from shopdesk.core.columns import BigId, JSONText, OneOf, UTCDateTime, one_of, partial_index, partial_unique
from shopdesk.core.db import Base
from shopdesk.core.permissions import Role
from shopdesk.core.personal import Personal, PersonalText
from shopdesk.core.scope import StoreOwned

_OPEN = "phase <> 'closed'"
_DATED = f"{_OPEN} AND due_at IS NOT NULL"
_UNDATED = f"{_OPEN} AND due_at IS NULL"
_WAITS = f"{_OPEN} AND waiting_for IS NOT NULL"
_FILTERS = ("phase", "reason", "waiting_for", "owner_id", "role")
_DUE_KIND = ("due_at", "id", "kind")
_BUT_WAITING = tuple(name for name in _FILTERS if name != "waiting_for")
_BUT_OWNER = tuple(name for name in _FILTERS if name != "owner_id")


class Case(StoreOwned, Base):
    """售后单: an after-sale application on an order; remedies point to it."""

    __tablename__ = "cases"  # CASE is a word of SQL
    __table_args__ = (
        one_of("kind", CaseKind),
        one_of("goal", Goal),
        one_of("source", CaseSource),
        one_of("phase", CasePhase),
        one_of("role", [Role.AFTER_SALE, *ROLE_OF.values()]),
        one_of("reason", Reason),
        one_of("detail", Detail),
        one_of("inquiry", Inquiry),
        one_of("appraisal", Appraisal),
        one_of("waiting_for", WaitingFor),
        one_of("due_source", DueSource),
        one_of("ending", Ending),
        one_of("fault", Fault),
        CheckConstraint("(kind = 'intercept') = (goal IS NOT NULL)", name="goal_of_intercept"),
        CheckConstraint("(phase = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
        CheckConstraint("(owner_id IS NULL) = (accepted_at IS NULL)", name="owner_has_accepted"),
        CheckConstraint("(due_at IS NULL) = (due_source IS NULL)", name="due_has_source"),
        CheckConstraint("parent_id <> id AND merged_into_id <> id", name="not_its_own"),
        partial_unique("uq_cases_change", "change_id", where="change_id IS NOT NULL"),
        partial_unique("uq_cases_platform", "store_id", "platform_number", where="platform_number IS NOT NULL"),
        # Of the queue: each begins with an order that it shows, and carries what it filters by (desk.queries.cases).
        partial_index("ix_cases_queue", "store_id", "kind", "due_at", "id", *_FILTERS, where=_OPEN),
        partial_index("ix_cases_due", "store_id", "due_at", "id", "kind", *_FILTERS, where=_DATED),
        partial_index("ix_cases_undated", "store_id", "id", "kind", *_FILTERS, where=_UNDATED),
        partial_index("ix_cases_age", "store_id", "id", "kind", "due_at", *_FILTERS, where=_OPEN),
        partial_index(
            "ix_cases_waiting", "store_id", "waiting_for", "due_at", "id", "kind", *_BUT_WAITING, where=_WAITS
        ),
        partial_index("ix_cases_owner", "owner_id", "store_id", *_DUE_KIND, *_BUT_OWNER, where=_OPEN),
        partial_index("ix_cases_ended", "store_id", "id", "kind", *_FILTERS, where="phase = 'closed'"),
        Index("ix_cases_register", "store_id", "kind", "opened_at", "id"),
        Index("ix_cases_inbox", "store_id", "phase", "owner_id", "id"),
        Index("ix_cases_order", "order_id", "store_id", "id"),  # else SQLite walks through the store
        Index("ix_cases_parent", "parent_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str | None] = mapped_column(String(24), unique=True)  # made of the day and the id, so set after it
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    parcel_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("parcel.id"), index=True)
    change_id: Mapped[int | None] = mapped_column(BigInteger)  # changes stand above this feature
    kind: Mapped[CaseKind] = mapped_column(OneOf(CaseKind))  # which register
    goal: Mapped[Goal | None] = mapped_column(OneOf(Goal))
    source: Mapped[CaseSource] = mapped_column(OneOf(CaseSource))
    phase: Mapped[CasePhase] = mapped_column(OneOf(CasePhase), default=CasePhase.COMMUNICATE)
    phase_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # since when; None: since it was opened
    role: Mapped[Role] = mapped_column(OneOf(Role))  # whose inbox it stands in
    wish: Mapped[Personal] = mapped_column(PersonalText("text"))  # the problem and what the customer wants, in words
    wanted: Mapped[list[str] | None] = mapped_column(JSONText)  # Resolutions the customer named
    reason: Mapped[Reason | None] = mapped_column(OneOf(Reason))
    detail: Mapped[Detail | None] = mapped_column(OneOf(Detail))
    inquiry: Mapped[Inquiry | None] = mapped_column(OneOf(Inquiry))
    appraisal: Mapped[Appraisal | None] = mapped_column(OneOf(Appraisal))
    appraised_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    appraised_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    waiting_for: Mapped[WaitingFor | None] = mapped_column(OneOf(WaitingFor))
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    due_source: Mapped[DueSource | None] = mapped_column(OneOf(DueSource))
    platform_number: Mapped[str | None] = mapped_column(String(64))  # of the platform's own refund or dispute
    platform_status: Mapped[str | None] = mapped_column(String(64))  # as given
    platform_kind: Mapped[str | None] = mapped_column(String(24))  # the CaseKind of its word, as told last
    platform_amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    platform_due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    platform_as_of: Mapped[datetime | None] = mapped_column(UTCDateTime)
    opened_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    owner_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))  # None until somebody accepts it
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    parent_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("cases.id"))
    merged_into_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("cases.id"))
    invoice_sent: Mapped[bool | None]  # None: nobody has said (M118)
    ending: Mapped[Ending | None] = mapped_column(OneOf(Ending))
    fault: Mapped[Fault | None] = mapped_column(OneOf(Fault))
    fault_person_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    fault_said: Mapped[Personal | None] = mapped_column(PersonalText("text"))  # that person's answer
    closed_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[Personal | None] = mapped_column(PersonalText("text"))
    version: Mapped[int] = mapped_column(default=1)


class CaseLine(StoreOwned, Base):
    """Units of an order line that the case is about, as they were called then."""

    __tablename__ = "case_line"
    __table_args__ = (
        UniqueConstraint("case_id", "line_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint(
            "refunding >= 0 AND replacing >= 0 AND refunding + replacing <= quantity", name="resolved_once"
        ),
        CheckConstraint("refunded_minor >= 0 AND refunded_minor <= refund_minor", name="refunded_once"),
        CheckConstraint("credit_minor >= 0 AND credit_minor <= refund_minor", name="credit_decided"),
        Index("ix_case_line_line", "line_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"))
    line_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_line.id"))
    quantity: Mapped[int]
    sku: Mapped[str | None] = mapped_column(String(128))
    title: Mapped[str | None] = mapped_column(Text)
    attributes: Mapped[str | None] = mapped_column(Text)
    refunding: Mapped[int] = mapped_column(default=0, server_default="0")  # units whose money goes back
    replacing: Mapped[int] = mapped_column(default=0, server_default="0")  # units in whose place something goes out
    refund_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # decided; settled or reserved
    refunded_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # settled of it
    credit_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # of refund_minor: exchanges


class CaseResolution(StoreOwned, Base):
    """One way in which a case is resolved; several stand beside each other."""

    __tablename__ = "case_resolution"
    __table_args__ = (one_of("kind", Resolution), UniqueConstraint("case_id", "kind"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"))
    kind: Mapped[Resolution] = mapped_column(OneOf(Resolution))
    decided_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)
    exception: Mapped[Personal | None] = mapped_column(PersonalText("text"))  # why, without a quality problem
