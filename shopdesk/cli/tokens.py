"""`token …`: what a script signs in with."""

from __future__ import annotations

import click
from flask_babel import gettext as _
from sqlalchemy import select

from shopdesk.cli.group import commands, root
from shopdesk.cli.people import person_named
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.staff import service
from shopdesk.staff.models import ApiToken, Person


@commands.group("token")
def token() -> None:
    """API tokens: create, list, revoke."""


@token.command("create")
@click.option("--staff", "name", required=True, metavar="NAME")
@click.option("--scope", "scopes", multiple=True, help="a permission, e.g. order:read; default: all of the roles'")
@click.option("--days", default=90, show_default=True)
def create(name: str, scopes: tuple[str, ...], days: int) -> None:
    """Print a new token, and nothing else."""
    click.echo(service.create_token(person_named(name).id, scopes=scopes or None, days=days, actor=root()))


@token.command("list")
def list_tokens() -> None:
    """Every token: number, person, scopes, until when."""
    statement = select(ApiToken, Person.login).join(Person, Person.id == ApiToken.person_id).order_by(ApiToken.id)
    for row, login in db.session.execute(statement):
        scopes = ", ".join(row.scopes) if row.scopes else _("all that the roles give")
        click.echo(f"{row.id}\t{login}\t{_state(row)}\t{row.expires_at:%Y-%m-%d}\t{scopes}")


def _state(row: ApiToken) -> str:
    if row.revoked_at is not None:
        return _("revoked")
    return _("expired") if row.expires_at <= clock.now() else _("valid")


@token.command("revoke")
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """End a token by its number in the list."""
    service.revoke_token(number, actor=root())
    click.echo(_("Done: %(name)s.", name=number))
