"""`prepare`: everything between an installed program and a desk that serves; it never asks."""

from __future__ import annotations

from pathlib import Path

import click
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_babel import gettext as _
from flask_migrate import upgrade
from sqlalchemy import exists, select

from shopdesk.cli.group import commands, fail, root
from shopdesk.cli.keeping import copy_sqlite, sqlite_file
from shopdesk.cli.people import make_link
from shopdesk.core import clock
from shopdesk.core.db import db, transaction
from shopdesk.core.permissions import Role
from shopdesk.demo import service as demo_shop
from shopdesk.demo.service import Account
from shopdesk.staff import queries, service
from shopdesk.staff.models import Person
from shopdesk.web import selfcheck
from shopdesk.web.locale import label

FIRST = "admin"  # sign-in name of the first supervisor of an empty desk
COPIES = 3  # kept copies from before a migration
COPY_FOLDER = "before-migration"


@commands.command("prepare")
@click.option(
    "--demo/--no-demo", default=True, show_default=True, help="load the demo shop into a desk without a store"
)
@click.option("--network", is_flag=True, help="other machines will reach the desk; so also with SHOPDESK_LOOPBACK=0")
def prepare(*, demo: bool, network: bool) -> None:
    """Migrate, check, make the secret key; load or refresh the demo shop, or print the first one-time link."""
    network = network or not current_app.config["LOOPBACK"]
    if network and demo:
        fail(_("The demo shop's passwords are public and other machines reach this desk: add --no-demo."))
    current_app.config["DATA"].mkdir(mode=0o700, parents=True, exist_ok=True)
    migrate()
    selfcheck.check_database()
    if network and demo_shop.is_open():
        fail(_("These data are the demo shop's, whose passwords are public: take another --data directory."))
    if not demo:
        _welcome_first()
        return
    accounts = demo_shop.ensure()
    if accounts:
        _show(accounts)


def migrate() -> None:
    """Bring the tables up to date; on SQLite a copy of the file is made first."""
    now, newest, known = _revisions()
    if now == newest:
        return
    if not now <= known:
        fail(_("The database was made by a newer ShopDesk than this one: install that one."))
    file = sqlite_file()
    if file and now:
        _keep_copy(file, "-".join(sorted(now)))
    elif file:
        file.touch(mode=0o600)  # personal data: SQLite gives its other files the same mode
    db.session.remove()
    upgrade()


def _revisions() -> tuple[set[str], set[str], set[str]]:
    """Of migrations: (what the database has, the newest, all that this program knows)."""
    scripts = ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())
    known = {script.revision for script in scripts.walk_revisions()}
    file = sqlite_file()
    if file and not file.exists():
        return set(), set(scripts.get_heads()), known  # looking would make the file, open for all
    with db.engine.connect() as connection:
        there = MigrationContext.configure(connection).get_current_heads()
    return set(there), set(scripts.get_heads()), known


def _keep_copy(file: Path, revision: str) -> None:
    folder = current_app.config["DATA"] / COPY_FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy_sqlite(file, folder / f"{clock.now():%Y%m%dT%H%M%S.%f}-{revision}.db")
    for old in sorted(folder.glob("*.db"))[:-COPIES]:
        old.unlink()


def _welcome_first() -> None:
    """A one-time link for the first supervisor, until somebody has a password."""
    if db.session.scalar(select(exists().where(Person.password_hash.is_not(None)))):
        return
    first = queries.person_by_login(FIRST)
    if first is None and db.session.scalar(select(exists().where(Person.id.is_not(None)))):
        return
    with transaction():
        if first is None:
            person = service.add_person(FIRST, actor=root())
            service.grant(person.id, Role.SUPERVISOR, store_id=None, actor=root())
        else:
            person = first
        link = make_link(person.id)
    click.echo(_("The first supervisor is “%(name)s”. Set the password once, within 7 days:", name=FIRST))
    click.echo(link)


def _show(accounts: list[Account]) -> None:
    click.echo(_("Demo accounts:"))
    for account in accounts:
        secret = account.password or _("(its own password)")
        click.echo(f"  {account.login:<12}{secret:<24}{account.signature}  {label(Role(account.role))}")
