"""The group of all commands: who acts, in which language, and how a refusal is said."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NoReturn

import click
from flask import current_app
from flask.cli import AppGroup, ScriptInfo
from flask_babel import force_locale, gettext
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError, ProgrammingError

from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Actor, Role
from shopdesk.staff import queries as staff

REFUSED = 2  # exit code of a command that was refused or misused
LANGUAGE_FROM = ("SHOPDESK_LANG", "LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set
LOCALE = {"zh": "zh_Hans_CN", "en": "en"}
#: What the engines say where nothing was prepared yet.
UNPREPARED = ("no such table", "UndefinedTable", "unable to open database file")


class DeskGroup(AppGroup):
    """Runs its commands in the app, in the terminal's language; a refusal is one sentence on stderr."""

    def invoke(self, ctx: click.Context) -> Any:
        with _in_app(ctx), speaking(terminal_language()):
            try:
                return super().invoke(ctx)
            except DomainError as error:
                fail(words_of(error))
            except (OperationalError, ProgrammingError) as error:
                if not any(words in f"{type(error.orig).__name__} {error.orig}" for words in UNPREPARED):
                    raise
                fail(_("The database is not prepared yet: run `prepare` first."))


@contextmanager
def _in_app(ctx: click.Context) -> Iterator[None]:
    """An app context for the whole command, or the one that is there (tests)."""
    if current_app:
        yield
        return
    with ctx.ensure_object(ScriptInfo).load_app().app_context():
        yield


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Messages in `zh` or `en` within the block."""
    with force_locale(LOCALE[language]):
        yield


def terminal_language() -> str:
    """`zh` where SHOPDESK_LANG, or without it the terminal's locale, is Chinese, else `en`."""
    named = next((os.environ[name] for name in LANGUAGE_FROM if os.environ.get(name)), "")
    return "zh" if named.lower().startswith("zh") else "en"


def words_of(error: DomainError) -> str:
    text = gettext(error.message)
    return text % error.facts if error.facts else text


def fail(sentence: str, *, code: int = REFUSED) -> NoReturn:
    """End the command with one sentence on stderr."""
    click.echo(sentence, err=True)
    raise click.exceptions.Exit(code)


def root(store_ids: Sequence[int] | None = None) -> Actor:
    """Who the command line acts as: the desk itself, in the given stores, else in every store."""
    return replace(Actor.system(staff.all_store_ids() if store_ids is None else store_ids), channel="cli")


def role_option(name: str = "--role", *, multiple: bool = True) -> Any:
    roles = [str(role) for role in Role if role is not Role.SYSTEM]
    return click.option(name, "roles", multiple=multiple, required=True, type=click.Choice(roles))


commands = DeskGroup(
    "shopdesk",
    help="The after-sales desk.\n\nLanguage: SHOPDESK_LANG (zh, en), else the terminal's locale.",
    epilog="Exit codes: 0 done; 1 a file cannot be read, or the audit trail is broken; 2 refused or misused.",
)
