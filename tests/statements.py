"""What the database is asked: SQLAlchemy's own statements and the plain ones that the driver runs by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from sqlalchemy import event

from shopdesk.core import plain_rows
from shopdesk.core.db import db

Seen = list[tuple[str, Any]]


@contextmanager
def seen_statements() -> Iterator[Seen]:
    """Every statement that reaches the driver within the block, with its values."""
    seen: Seen = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement != "BEGIN":
            seen.append((statement, values))

    def fetch(connection: Any, sql: str, values: Any) -> list[Any]:
        seen.append((sql, values))
        return plainly(connection, sql, values)

    plainly = plain_rows.fetched
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        with mock.patch.object(plain_rows, "fetched", fetch):
            yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
