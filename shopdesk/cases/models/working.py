"""Tables of the work on a case: answers to the guiding questions, photos, notes, hand-overs, reminders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.core.columns import BigId, UTCDateTime, partial_index, partial_unique
from shopdesk.core.db import Base
from shopdesk.core.personal import Personal, PersonalText
from shopdesk.core.scope import StoreOwned


class CaseAnswer(StoreOwned, Base):
    """What the customer answered to a guiding question; asked once, shown again in later phases (M087)."""

    __tablename__ = "case_answer"
    __table_args__ = (UniqueConstraint("case_id", "question"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"))
    question: Mapped[str] = mapped_column(String(40))  # a code of cases.rules.questions
    answer: Mapped[Personal] = mapped_column(PersonalText("text"))


class CasePhoto(StoreOwned, Base):
    """A photo of the problem, re-encoded; its file is named by the hash of its bytes."""

    __tablename__ = "case_photo"
    __table_args__ = (
        UniqueConstraint("case_id", "sha256"),
        CheckConstraint("width > 0 AND height > 0 AND bytes > 0", name="has_a_size"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]  # pixels
    height: Mapped[int]
    bytes: Mapped[int]
    added_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)


class CaseNote(StoreOwned, Base):
    """An internal note; append-only, never shown to the customer."""

    __tablename__ = "case_note"
    __table_args__ = (Index("ix_case_note_case", "case_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"))
    text: Mapped[Personal] = mapped_column(PersonalText("text"))
    made_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)


class CaseMention(StoreOwned, Base):
    """A colleague named in a note; waits until they have seen it."""

    __tablename__ = "case_mention"
    __table_args__ = (
        UniqueConstraint("note_id", "person_id"),
        partial_index("ix_case_mention_open", "person_id", "id", where="seen_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    note_id: Mapped[int] = mapped_column(BigId, ForeignKey("case_note.id"))
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"), index=True)
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class CaseHandOver(StoreOwned, Base):
    """交接: the owner offers a case to a colleague, who accepts it or says why not; one open offer per case."""

    __tablename__ = "case_hand_over"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (is_accepted IS NULL)", name="answered_whole"),
        partial_unique("uq_case_hand_over_open", "case_id", where="answered_at IS NULL"),
        partial_index("ix_case_hand_over_to", "to_id", "id", where="answered_at IS NULL"),
        Index("ix_case_hand_over_case", "case_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"))
    from_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))  # None: nobody owned it
    to_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    words: Mapped[Personal | None] = mapped_column(PersonalText("text"))
    asked_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    is_accepted: Mapped[bool | None]


class CaseReminder(StoreOwned, Base):
    """催办: a supervisor reminds whoever has the case; logged and answered (M105)."""

    __tablename__ = "case_reminder"
    __table_args__ = (
        Index("ix_case_reminder_case", "case_id", "id"),
        partial_index("ix_case_reminder_to", "to_id", "id", where="answered_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"))
    to_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))  # None: whoever accepts it
    words: Mapped[Personal | None] = mapped_column(PersonalText("text"))
    sent_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answer: Mapped[Personal | None] = mapped_column(PersonalText("text"))
    answered_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
