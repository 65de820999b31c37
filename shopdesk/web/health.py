"""What a load balancer and a watchman ask: whether this process can work.  States and ages, nothing of the data."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import literal, select
from sqlalchemy.exc import SQLAlchemyError

from shopdesk.core import outbox, pausing
from shopdesk.core.db import db

BEAT = "worker.beat"  # in the data directory; the worker touches it, its age is the worker's sign of life
LATE_SECONDS = 60  # of the worker, which gives a sign of life every few seconds


def readiness() -> tuple[dict[str, Any], bool]:
    """(each part's state, whether the process can work).

    A worker that is late is said but keeps nobody from the pages: what it does waits in the database.
    """
    parts = {"database": _database(), "data": _data(current_app.config["DATA"])}
    is_ready = all(state == "ok" for state in parts.values())
    worker = _worker(current_app.config["DATA"])
    if parts["database"] == "ok":
        worker["waiting"] = outbox.waiting_count()
    payouts = _payouts(current_app.config["DATA"])
    return {"status": "ok" if is_ready else "not_ready", **parts, "worker": worker, "payouts": payouts}, is_ready


def _payouts(folder: Path) -> dict[str, Any]:
    """sent, or paused since when and why: nothing goes out until a person resumes, and nobody else waits for it."""
    pause = pausing.paused(folder)
    if pause is None:
        return {"status": "sent"}
    return {"status": "paused", "since": pause.at.isoformat(), "why": str(pause.why)}


def _database() -> str:
    """ok, unreachable, or not_migrated: the tables are not the ones that this program was written for."""
    try:
        db.session.execute(select(literal(1)))
        there = set(MigrationContext.configure(db.session.connection()).get_current_heads())
    except SQLAlchemyError:
        return "unreachable"
    return "ok" if there == _newest() else "not_migrated"


def _newest() -> set[str]:
    known: dict[str, Any] = current_app.extensions
    if "newest_migrations" not in known:  # read once: the files do not change under a running program
        scripts = ScriptDirectory.from_config(known["migrate"].migrate.get_config())
        known["newest_migrations"] = set(scripts.get_heads())
    newest: set[str] = known["newest_migrations"]
    return newest


def _data(folder: Path) -> str:
    """ok, or not_writable: uploads and the SQLite file live there."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b".")
    except OSError:
        return "not_writable"
    return "ok"


def _worker(folder: Path) -> dict[str, Any]:
    """ok, late or never_seen, and how many seconds ago it gave a sign of life."""
    try:
        age = max(0, int(time.time() - (folder / BEAT).stat().st_mtime))
    except OSError:
        return {"status": "never_seen", "age_seconds": None}
    return {"status": "ok" if age <= LATE_SECONDS else "late", "age_seconds": age}
