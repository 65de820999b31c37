"""The databases that are measured: a SQLite file, and a PostgreSQL brought by a package (or TEST_DATABASE_URL)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import make_url

from shopdesk import create_app
from shopdesk.core.db import db
from tests.engines import create_database, postgres_server

SECRET = "a key for benchmarks only, long enough: 0123456789"
ENGINES = ("sqlite", "postgres")


@dataclass(frozen=True, slots=True)
class Desk:
    """An app on a migrated, empty database of its own."""

    app: Flask
    data: Path
    url: str

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a server on it."""
        return {
            "SHOPDESK_DATA": str(self.data),
            "SHOPDESK_DATABASE_URL": self.url,
            "SHOPDESK_SECRET_KEY": SECRET,
            "SHOPDESK_LOG_LEVEL": "WARNING",
            "SHOPDESK_API_PER_MINUTE": "100000000",
        }


@contextmanager
def desk(engine: str, size: int) -> Iterator[Desk]:
    with tempfile.TemporaryDirectory(prefix="shopdesk-bench-") as folder:
        home = Path(folder)
        home.chmod(0o777)  # PostgreSQL runs under a user of its own
        if engine == "sqlite":
            yield _migrated(home, f"sqlite:///{home / 'desk.db'}")
            return
        with postgres_server(home / "postgres") as server:
            name = f"shopdesk_bench_{size}"
            create_database(server, name)
            url = make_url(server).set(database=name)
            made = _migrated(home, url.render_as_string(hide_password=False))
            yield made
            with made.app.app_context():
                db.engine.dispose()


def _migrated(home: Path, url: str) -> Desk:
    overrides = {"DATA": home, "DATABASE_URL": url, "SECRET_KEY": SECRET, "LOG_LEVEL": "WARNING", "ENV": "test"}
    app = create_app(overrides)
    with app.app_context():
        upgrade()
    return Desk(app, home, url)
