"""Table of cases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.cases.states import ROLE_OF, CaseKind, CasePhase, CaseSource, Goal
from shopdesk.core.columns import BigId, OneOf, UTCDateTime, one_of, partial_unique
from shopdesk.core.db import Base
from shopdesk.core.permissions import Role
from shopdesk.core.personal import Personal, PersonalText
from shopdesk.core.scope import StoreOwned


class Case(StoreOwned, Base):
    """售后单: an after-sale application on an order; remedies will point to it."""

    __tablename__ = "cases"  # CASE is a word of SQL
    __table_args__ = (
        one_of("kind", CaseKind),
        one_of("goal", Goal),
        one_of("source", CaseSource),
        one_of("phase", CasePhase),
        one_of("role", [Role.AFTER_SALE, *ROLE_OF.values()]),
        CheckConstraint("(kind = 'intercept') = (goal IS NOT NULL)", name="goal_of_intercept"),
        CheckConstraint("(phase = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
        CheckConstraint("(owner_id IS NULL) = (accepted_at IS NULL)", name="owner_has_accepted"),
        partial_unique("uq_cases_change", "change_id", where="change_id IS NOT NULL"),
        Index("ix_cases_inbox", "store_id", "phase", "owner_id", "id"),
        Index("ix_cases_order", "order_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str | None] = mapped_column(String(24), unique=True)  # made of the day and the id, so set after it
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    parcel_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("parcel.id"), index=True)
    change_id: Mapped[int | None] = mapped_column(BigInteger)  # changes stand above this feature
    kind: Mapped[CaseKind] = mapped_column(OneOf(CaseKind))
    goal: Mapped[Goal | None] = mapped_column(OneOf(Goal))
    source: Mapped[CaseSource] = mapped_column(OneOf(CaseSource))
    phase: Mapped[CasePhase] = mapped_column(OneOf(CasePhase), default=CasePhase.COMMUNICATE)
    role: Mapped[Role] = mapped_column(OneOf(Role))  # whose inbox it stands in
    wish: Mapped[Personal] = mapped_column(PersonalText("text"))
    opened_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    owner_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))  # None until somebody accepts it
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[Personal | None] = mapped_column(PersonalText("text"))
    version: Mapped[int] = mapped_column(default=1)
