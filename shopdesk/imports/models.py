"""Tables of imports: a run, its files, and the rows that need a word."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.core.columns import BigId, JSONText, OneOf, UTCDateTime, one_of
from shopdesk.core.db import Base
from shopdesk.core.scope import StoreOwned

#: Profiles of files whose rows are applications, not orders.
REFUND_LISTS = frozenset({"taobao_refunds", "pdd_aftersales"})


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # a file could not be read (nothing was applied), or broken off between two chunks


class Severity(StrEnum):
    REFUSED = "refused"
    WARNING = "warning"


class ImportRun(StoreOwned, Base):
    __tablename__ = "import_run"
    __table_args__ = (one_of("state", RunState),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    state: Mapped[RunState] = mapped_column(OneOf(RunState), default=RunState.QUEUED)
    as_of: Mapped[datetime | None] = mapped_column(UTCDateTime)  # as given; None = as each file tells
    started_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    orders_total: Mapped[int] = mapped_column(default=0)  # orders, and applications of refund lists, in the files
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)  # orders that could not be applied
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSONText)  # {"code", "file", "facts"}

    @property
    def handled(self) -> int:
        """Orders that are through, in the order of the files: where a broken-off run goes on."""
        return self.created + self.updated + self.unchanged + self.refused


class ImportFile(StoreOwned, Base):
    """One file of a run: rows == accepted + refused + duplicates."""

    __tablename__ = "import_file"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("import_run.id"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    stored_as: Mapped[str | None] = mapped_column(String(64))  # under DATA/imports while it waits for the worker
    modified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the file's own time, where it is known
    sha256: Mapped[str | None] = mapped_column(String(64))
    profile: Mapped[str | None] = mapped_column(String(32))
    encoding: Mapped[str | None] = mapped_column(String(32))
    as_of: Mapped[datetime | None] = mapped_column(UTCDateTime)
    rows: Mapped[int] = mapped_column(default=0)
    accepted: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    duplicates: Mapped[int] = mapped_column(default=0)


class ImportNote(StoreOwned, Base):
    """A row that was refused, or taken with a warning; it quotes no personal data."""

    __tablename__ = "import_note"
    __table_args__ = (one_of("severity", Severity), Index("ix_import_note_run", "run_id", "id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("import_run.id"))
    file: Mapped[str] = mapped_column(String(255))
    row_no: Mapped[int | None]
    severity: Mapped[Severity] = mapped_column(OneOf(Severity))
    code: Mapped[str] = mapped_column(String(48))
    field: Mapped[str | None] = mapped_column(String(64))
    excerpt: Mapped[str | None] = mapped_column(String(64))
    order_number: Mapped[str | None] = mapped_column(String(64))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
