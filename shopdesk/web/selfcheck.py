"""What must be true before the desk serves; else it refuses to start (docs/trust.md#what-the-start-refuses)."""

import importlib.util
from pathlib import Path

from flask import Flask
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from shopdesk.core.db import db

#: SQLite: PRAGMA → what it must say.
PRAGMAS = {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2}


def check_config(app: Flask) -> None:
    """Raise RuntimeError for a setting that would be unsafe."""
    secret = app.config["SECRET_KEY"] or ""
    if len(secret) < 32 or len(set(secret)) < 8:
        raise RuntimeError("SECRET_KEY needs at least 32 random characters")
    if not app.config["TRUSTED_HOSTS"]:
        raise RuntimeError("TRUSTED_HOSTS must name the hosts that the desk answers to")
    if app.debug and not app.config["LOOPBACK"]:
        raise RuntimeError("the debugger runs on loopback only")
    if app.config["WTF_CSRF_ENABLED"] is False:
        raise RuntimeError("forms are never without their token")
    check_queue(app.config["HUEY_URL"])


def check_queue(url: str) -> None:
    """Raise RuntimeError for a queue that this installation cannot reach out to; empty is the built-in one."""
    if not url:
        return
    if not url.startswith(("redis://", "rediss://")):
        raise RuntimeError("SHOPDESK_HUEY_URL is redis://… or rediss://…, or empty for the built-in queue")
    if importlib.util.find_spec("redis") is None:
        raise RuntimeError("SHOPDESK_HUEY_URL needs the Python package redis, which is not installed")


def check_at_start(app: Flask) -> None:
    """Check the database before a server or worker begins; nothing stays connected, as a server forks afterwards.

    Raises RuntimeError, also where the database does not answer: whoever starts us tries again.
    """
    with app.app_context():
        file = db.engine.url.database if db.engine.dialect.name == "sqlite" else None
        if file and not Path(file).exists():
            raise RuntimeError("the database is not prepared yet: run `prepare` first")  # looking would make the file
        try:
            check_database()
        except OperationalError as error:
            raise RuntimeError("the database does not answer") from error
        finally:
            db.engine.dispose()


def check_database() -> None:
    """Raise RuntimeError when the engine would lose what it acknowledged."""
    with db.engine.connect() as connection:
        check_connection(connection)


def check_connection(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        _check_sqlite(connection)
    elif connection.exec_driver_sql("SHOW synchronous_commit").scalar() in {"off", "local"}:
        raise RuntimeError("PostgreSQL must run with synchronous_commit = on")


def _check_sqlite(connection: Connection) -> None:
    for pragma, wanted in PRAGMAS.items():
        found = connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
        if found != wanted:
            raise RuntimeError(f"SQLite says {pragma} = {found}, not {wanted}")
