"""Rows into tables by the driver: COPY on PostgreSQL, executemany on SQLite; then counters and statistics."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine

from benchmarks.world.tables import NUMBERED, Rows
from benchmarks.world.trail import Trail

Batch = list[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]]


class Writer:
    """One connection for the whole load.  Foreign keys are not checked row by row: the rows are made to fit."""

    def __init__(self, engine: Engine) -> None:
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.pooled = engine.raw_connection()
        self.driver: Any = self.pooled.driver_connection

    def __enter__(self) -> Writer:
        if self.is_sqlite:
            for pragma in ("foreign_keys = OFF", "synchronous = OFF", "cache_size = -200000"):
                self.driver.execute(f"PRAGMA {pragma}")
            self.driver.execute("BEGIN IMMEDIATE")
        else:
            with self.driver.transaction():
                may = self.driver.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()[0]
            if may:
                self.driver.execute("SET session_replication_role = replica")
        return self

    def write(self, batch: Batch) -> None:
        for table, columns, rows in batch:
            if self.is_sqlite:
                self._insert(table, columns, rows)
            else:
                self._copy(table, columns, rows)

    def _insert(self, table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
        names, marks = _names(columns), ", ".join("?" * len(columns))
        timed = [i for i, value in enumerate(columns) if value.endswith(("_at", "_on", "as_of")) or value == "at"]
        plain = [_as_text(row, timed) for row in rows] if timed else rows
        self.driver.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', plain)

    def _copy(self, table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
        with self.driver.cursor() as cursor, cursor.copy(f'COPY "{table}" ({_names(columns)}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)

    def finish(self, rows: Rows, trail: Trail) -> None:
        """Commit, move the sequences on, let the planner look."""
        mark = "?" if self.is_sqlite else "%s"
        for chain, (seq, digest) in trail.heads.items():
            self.driver.execute(f"DELETE FROM event_head WHERE chain = {mark}", (chain,))
            self.driver.execute(
                f"INSERT INTO event_head (chain, seq, hash) VALUES ({mark}, {mark}, {mark})", (chain, seq, digest)
            )
        if not self.is_sqlite:
            for table in NUMBERED:
                if rows.last[table]:
                    self.driver.execute(
                        "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", (table, rows.last[table])
                    )
        self.driver.execute("COMMIT") if self.is_sqlite else self.driver.commit()
        if not self.is_sqlite:
            self.driver.autocommit = True
        self.driver.execute("ANALYZE" if self.is_sqlite else "VACUUM ANALYZE")
        if self.is_sqlite:
            self.driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def __exit__(self, *_: object) -> None:
        self.pooled.invalidate()  # its settings are not for anybody else


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _as_text(row: tuple[Any, ...], timed: list[int]) -> tuple[Any, ...]:
    """Times as SQLAlchemy keeps them in SQLite."""
    found = list(row)
    for i in timed:
        value = found[i]
        if isinstance(value, datetime):
            found[i] = value.replace(tzinfo=None).strftime("%Y-%m-%d %H:%M:%S.%f")
        elif isinstance(value, date):
            found[i] = value.isoformat()
    return tuple(found)
