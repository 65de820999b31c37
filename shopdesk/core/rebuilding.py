"""SQLite migrations on filled files: Alembic changes a table by building it anew, and the rest must survive that.

Building anew drops the old table: with foreign keys on, its children forbid it, and its triggers go with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

Hook = Callable[..., None]


@contextmanager
def rebuilding(connection: Connection) -> Iterator[Hook | None]:
    """Foreign keys are off within the block; yields what is to run at the end of each migration's transaction.

    Nothing happens on another engine (yields None).
    """
    if connection.dialect.name != "sqlite":
        yield None
        return
    kept = _triggers(connection)
    _set_foreign_keys(connection, "OFF")
    try:
        yield lambda **_: _make_good(connection, kept)
    finally:
        _set_foreign_keys(connection, "ON")


def _set_foreign_keys(connection: Connection, value: str) -> None:
    connection.rollback()  # SQLite takes no notice of this PRAGMA inside a transaction
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA foreign_keys = {value}")


def _triggers(connection: Connection) -> dict[str, tuple[str, str]]:
    """Name → (its table, the statement that makes it)."""
    rows = connection.exec_driver_sql("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
    return {name: (table, sql) for name, table, sql in rows}


def _make_good(connection: Connection, kept: dict[str, tuple[str, str]]) -> None:
    """Make lost triggers again, and refuse rows whose parent is gone.  Raises RuntimeError: the migration rolls back.

    A trigger goes only together with its table; a migration that changes one leaves it under the same name.
    """
    tables = set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars())
    there = _triggers(connection)
    for name, (table, sql) in kept.items():
        if name not in there and table in tables:
            connection.exec_driver_sql(sql)
    kept.clear()
    kept.update(_triggers(connection))
    orphans = {(row[0], row[2]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
    if orphans:
        named = ", ".join(f"{table} of {parent}" for table, parent in sorted(orphans))
        raise RuntimeError(f"The migration leaves rows without their parent: {named}")
