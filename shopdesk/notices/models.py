"""Table of notices."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.core.columns import BigId, JSONText, OneOf, UTCDateTime, one_of
from shopdesk.core.db import Base
from shopdesk.core.permissions import Role
from shopdesk.core.scope import StoreOwned


class NoticeState(StrEnum):
    WAITING = "waiting"
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    WITHDRAWN = "withdrawn"


class NoticeKind(StrEnum):
    CHANGE = "change"  # a confirmed change: old → new
    STAGE = "stage"  # step 0: is it printed already?
    RECALL = "recall"  # fetch papers or a parcel
    VOID = "void"  # a cancel wish: void it
    MEMO = "memo"  # a memo without a change
    ALARM = "alarm"  # a fact overtook a change or broke a hold
    TOO_LATE = "too_late"  # carries the wish to after-sale
    CONTRADICTION = "contradiction"  # a feed brought a third value, or two sources disagree
    NUDGE = "nudge"  # 催办: somebody reminds of a step, or a refund waits for somebody's yes


class Answer(StrEnum):
    NOT_PRINTED = "not_printed"
    PRINTED = "printed"
    GONE = "gone"
    NOTED = "noted"  # alarms and hand-overs, which ask nothing about the stage


class Notice(StoreOwned, Base):
    """A message to a role's inbox: waiting → open → acknowledged / withdrawn; references, no personal text."""

    __tablename__ = "notice"
    __table_args__ = (
        one_of("state", NoticeState),
        one_of("kind", NoticeKind),
        one_of("answer", Answer),
        Index("ix_notice_inbox", "store_id", "role", "state", "id"),
        Index("ix_notice_change", "change_id"),
        Index("ix_notice_parcel", "parcel_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    role: Mapped[Role] = mapped_column(OneOf(Role))  # whose inbox
    person_id: Mapped[int | None] = mapped_column(BigInteger)  # of that role only this person's
    kind: Mapped[NoticeKind] = mapped_column(OneOf(NoticeKind))
    state: Mapped[NoticeState] = mapped_column(OneOf(NoticeState))
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    parcel_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("parcel.id"))
    change_id: Mapped[int | None] = mapped_column(BigInteger)  # changes stand above this feature
    memo_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("memo.id"))
    body: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)  # codes and references that word it
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    made_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    answer: Mapped[Answer | None] = mapped_column(OneOf(Answer))
