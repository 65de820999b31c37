"""`staff …`: people, their roles and one-time links."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from shopdesk.cli.group import commands, role_option, root
from shopdesk.core import clock
from shopdesk.core.db import db, transaction
from shopdesk.core.errors import NotFound, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.core.text import fold
from shopdesk.staff import queries, service
from shopdesk.staff.models import Membership, Person, Store

ALL = "all"
HERE = "http://127.0.0.1:8000"
ADDRESS_FILE = "address"  # in the data directory, written by setup_steps/serve.py
store_option = click.option("--store", required=True, metavar="SLUG", help="a store's short name, or: all")


@commands.group("staff")
def staff() -> None:
    """People: add, grant, stand in, sign out, disable, enable, reset, list."""


@staff.command("add")
@click.argument("name")
@role_option()
@store_option
@click.option("--signature", help="the name at the end of memos (花名)")
def add(name: str, roles: tuple[str, ...], store: str, signature: str | None) -> None:
    """Add a person; prints a one-time link for the first password."""
    store_id = store_id_of(store)
    with transaction():
        person = service.add_person(name, display=name, signature=signature, actor=root())
        for role in roles:
            service.grant(person.id, Role(role), store_id=store_id, actor=root())
        link = make_link(person.id)
    click.echo(link)


@staff.command("grant")
@click.argument("name")
@role_option()
@store_option
@click.option("--remove", is_flag=True, help="take the role away instead")
def grant(name: str, roles: tuple[str, ...], store: str, *, remove: bool) -> None:
    """Give roles in a store (or all), or take them away."""
    store_id, person = store_id_of(store), person_named(name)
    is_disabled = person.disabled_at is not None
    with transaction():
        for role in roles:
            move = service.take_away if remove else service.grant
            move(person.id, Role(role), store_id=store_id, actor=root())
    click.echo(_("Done: %(name)s.", name=name))
    if is_disabled and not remove:
        click.echo(_("But %(name)s is disabled and cannot sign in: use `staff enable`.", name=name), err=True)


@staff.command("stand-in")
@click.argument("name")
@role_option(multiple=False)
@click.option("--store", required=True, metavar="SLUG", help="a store's short name")
@click.option("--until", required=True, help="2026-03-12T18:00, or 18:00, in the store's zone")
@click.option("--reason", required=True, help="why, for the history")
def stand_in(name: str, roles: str, store: str, until: str, reason: str) -> None:
    """Let a person stand in for a role until a time (代班)."""
    found, person = store_named(store), person_named(name)
    at = _moment(until, found.zone)
    service.stand_in(person.id, Role(roles), found.id, until=at, reason=reason, actor=root([found.id]))
    click.echo(_("Done: %(name)s.", name=name))


def _moment(text: str, zone: str) -> datetime:
    """The time that was typed, in the store's zone unless it names another.  Raises RuleViolation."""
    here = clock.now().astimezone(ZoneInfo(zone))
    try:
        if len(text) <= len("18:00"):
            at = datetime.combine(here.date(), time.fromisoformat(text), tzinfo=ZoneInfo(zone))
            return at if at > here else at + timedelta(days=1)
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise RuleViolation("This is not a date and time, such as 2026-03-12T18:00.", code="bad_time") from error
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


@staff.command("disable")
@click.argument("name")
def disable(name: str) -> None:
    """End every session and token of a leaver."""
    service.disable_person(person_named(name).id, actor=root())
    click.echo(_("Done: %(name)s.", name=name))


@staff.command("enable")
@click.argument("name")
def enable(name: str) -> None:
    """Let a leaver come back with the roles that are left; prints a one-time link for a new password."""
    click.echo(welcome(service.enable_person(person_named(name).id, actor=root())))


@staff.command("sign-out")
@click.argument("name")
def sign_out(name: str) -> None:
    """End every session of a person, on all machines; tokens and the password stay."""
    service.sign_out_everywhere(person_named(name).id, actor=root())
    click.echo(_("Done: %(name)s.", name=name))


@staff.command("reset")
@click.argument("name")
def reset(name: str) -> None:
    """Print a new one-time link; earlier links and sessions end."""
    person = person_named(name)
    if person.disabled_at is not None:
        raise RuleViolation("%(name)s is disabled: use `staff enable`.", code="disabled", name=name)
    click.echo(make_link(person.id))


@staff.command("list")
def list_people() -> None:
    """Every person with name on memos and roles."""
    slugs = {row.id: row.slug for row in db.session.execute(select(Store.id, Store.slug))}
    roles: dict[int, list[str]] = defaultdict(list)
    for row in db.session.execute(select(Membership.person_id, Membership.store_id, Membership.role)):
        roles[row.person_id].append(f"{row.role}@{slugs.get(row.store_id, ALL)}")
    for person in db.session.scalars(queries.people()):
        held = ", ".join(sorted(roles[person.id])) or "—"
        click.echo(f"{person.login}\t{person.signature}\t{_state(person)}\t{held}")


def _state(person: Person) -> str:
    if person.disabled_at is not None:
        return _("disabled")
    return _("can sign in") if person.password_hash else _("no password yet")


def store_id_of(slug: str) -> int | None:
    """The store's id, None for all stores.  Raises NotFound."""
    return None if slug == ALL else store_named(slug).id


def store_named(slug: str) -> Store:
    """The store by its short name.  Raises NotFound."""
    store = queries.store_named(slug)
    if store is None:
        raise NotFound("There is no store named %(slug)s.", code="no_such_store", slug=slug)
    return store


def person_named(name: str) -> Person:
    """The person by sign-in name.  Raises NotFound."""
    person = queries.person_by_login(fold(name))
    if person is None:
        raise NotFound("There is nobody named %(name)s.", code="no_such_person", name=name)
    return person


def make_link(person_id: int) -> str:
    """The address where this person sets a password, once."""
    return welcome(service.new_link(person_id, actor=root()))


def welcome(secret: str) -> str:
    """The address of a one-time link."""
    base = (current_app.config["BASE_URL"] or _last_served() or HERE).rstrip("/")
    return f"{base}/welcome/{secret}"


def _last_served() -> str:
    """Where `manage.py run` last served this data; empty when it never did."""
    note = current_app.config["DATA"] / ADDRESS_FILE
    return note.read_text(encoding="ascii").strip() if note.is_file() else ""
