"""Command keys: the second submit with the same key gets the first answer; with another body it is refused (I7)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, String, UniqueConstraint, bindparam, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.core import clock
from shopdesk.core.columns import BigId, JSONText, UTCDateTime
from shopdesk.core.db import Base, db, housekeeping, rows_changed
from shopdesk.core.errors import KeyReused, Malformed
from shopdesk.core.plain_rows import PlainRows

KEEP_DAYS = 30
MAX_LENGTH = 128


class CommandKey(Base):
    __tablename__ = "command_key"
    __table_args__ = (UniqueConstraint("actor_id", "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    actor_id: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(String(MAX_LENGTH))
    fingerprint: Mapped[str] = mapped_column(String(64))
    answer: Mapped[Any] = mapped_column(JSONText)  # the members of Answer
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


#: Asked twice in every command with a key, before it and in its transaction.
_KEPT = PlainRows(
    select(CommandKey.fingerprint, CommandKey.answer).where(
        CommandKey.actor_id == bindparam("actor_id"), CommandKey.key == bindparam("key")
    )
)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any = None
    location: str | None = None
    needs: Mapping[str, Sequence[str]] = field(default_factory=dict)  # store id → permissions to be read again with


def fingerprint(*parts: Any) -> str:
    """What makes two submits the same: method, path and body."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def recall(actor_id: int, key: str, print_: str) -> Answer | None:
    """The first answer given to this key, or None when it is new.  Raises KeyReused for another body."""
    if not key or len(key) > MAX_LENGTH:
        raise Malformed("A command key has 1 to 128 characters.", code="bad_command_key")
    kept = _KEPT.rows(actor_id=actor_id, key=key)
    if not kept:
        return None
    if kept[0].fingerprint != print_:
        raise KeyReused("This command key was used for something else.")
    return Answer(**kept[0].answer)


def remember(actor_id: int, key: str, print_: str, answer: Answer) -> None:
    """Keep the answer in the command's own transaction; a race on the same key ends in a unique violation."""
    kept = {"status": answer.status, "body": answer.body, "location": answer.location, "needs": dict(answer.needs)}
    db.session.add(CommandKey(actor_id=actor_id, key=key, fingerprint=print_, answer=kept, at=clock.now()))


@housekeeping
def forget_old() -> int:
    """Drop keys older than KEEP_DAYS; the worker calls it daily."""
    before = clock.now() - timedelta(days=KEEP_DAYS)
    return rows_changed(delete(CommandKey).where(CommandKey.at < before))
