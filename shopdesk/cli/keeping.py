"""`backup`: a whole copy of the SQLite file while the desk runs; and the copy that a migration makes first."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import click
from flask_babel import gettext as _

from shopdesk.cli.group import commands, fail
from shopdesk.core.db import db


@commands.command("backup")
@click.argument("path", type=click.Path(path_type=Path))
def backup(path: Path) -> None:
    """Copy the SQLite database to PATH, also while the desk runs."""
    source = sqlite_file()
    if source is None:
        fail(_("This desk runs on PostgreSQL: use pg_dump --format=custom."))
    if path.exists():
        fail(_("%(file)s exists already.", file=path))
    if not path.parent.is_dir():
        fail(_("There is no folder %(file)s.", file=path.parent))
    copy_sqlite(source, path)
    click.echo(_("Copied to %(file)s. Keep the secret key with it.", file=path))


def sqlite_file() -> Path | None:
    """The database file; None on another engine."""
    url = db.engine.url
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def copy_sqlite(source: Path, target: Path) -> None:
    """A consistent copy through SQLite itself; it stands under its name only when it is whole."""
    half = target.with_name(target.name + ".part")
    half.unlink(missing_ok=True)
    os.close(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # personal data: for us alone
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(half)) as copy:
        origin.backup(copy)
    half.replace(target)
