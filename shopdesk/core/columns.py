"""Column types and constraint helpers that behave alike on SQLite and PostgreSQL."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, Integer, String, Text, text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

#: Primary and foreign keys: 64 bits; SQLite numbers rows by itself only for plain INTEGER.
BigId = BigInteger().with_variant(Integer(), "sqlite")


class UTCDateTime(TypeDecorator[datetime]):
    """Aware datetimes, kept in UTC; a naive one is a mistake and raises."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a naive datetime has no place in the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """In one step: of a list of two hundred rows the usual two were the larger part of reading it."""
        return _from_text if dialect.name == "sqlite" else _in_utc


def _from_text(value: str | None) -> datetime | None:
    if value is None:
        return None
    found = datetime.fromisoformat(value)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


class JSONText(TypeDecorator[Any]):
    """JSON read and written whole, never queried or patched inside; assign a new value to change it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class OneOf(TypeDecorator[Any]):
    """A StrEnum kept as its value; pair it with `one_of` for the CHECK."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[StrEnum], length: int = 24) -> None:
        super().__init__(length)
        self.kind = kind
        # Several times quicker than asking the enum.
        self._known: dict[str | None, Any] = {None: None, **{str(member): member for member in kind}}

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else str(self.kind(value))

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return self._known.__getitem__


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """CHECK that the column holds one of the values (or NULL where it may)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def partial_index(name: str, *columns: str, where: str) -> Index:
    """An index over the rows that meet `where`, the same on both engines."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


def partial_unique(name: str, *columns: str, where: str) -> Index:
    """A unique index over the rows that meet `where`, the same on both engines."""
    return Index(name, *columns, unique=True, sqlite_where=text(where), postgresql_where=text(where))
