"""The base of every form: token, command key, fields that parse exactly."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import InvalidOperation
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from flask import redirect, request
from flask_babel import gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField

from shopdesk.core import idempotency, money
from shopdesk.core.idempotency import Answer
from shopdesk.core.text import strip_controls
from shopdesk.web.once import once, once_in_parts

F = TypeVar("F", bound="DeskForm")
FIRST_YEAR, LAST_YEAR = 2000, 2100  # of a time that somebody enters
MAX_TEXT = 10_000  # characters of any one field; longer is an error with everything kept


def new_key() -> str:
    return secrets.token_urlsafe(16)


class DeskForm(FlaskForm):
    """A form that changes something: the token proves where it came from, the key that it is done once."""

    command_key = HiddenField(default=new_key)


def submit(form: DeskForm, act: Callable[[], str]) -> Response:
    """Run the command behind a valid form once and go where it says (303).  `act` returns the address."""
    return _submitted(form, act, once)


def submit_in_parts(form: DeskForm, act: Callable[[], str]) -> Response:
    """The same for many at once: `act` does each part by `web.once.once_per_part`, so none holds up all others."""
    return _submitted(form, act, once_in_parts)


def _submitted(form: DeskForm, act: Callable[[], str], how: Callable[..., Answer]) -> Response:
    body = sorted((k, v) for k, v in request.form.items(multi=True) if k not in {"csrf_token", "command_key"})
    print_ = idempotency.fingerprint(request.method, request.path, body)
    key = form.command_key.data or new_key()
    answer = how(key, print_, lambda: Answer(303, location=act()))
    return redirect(answer.location or request.path, code=303)


def with_currency(form: type[F], currency: str) -> type[F]:
    """The form with its amounts read in that currency."""
    fields = {}
    for name in dir(form):
        field = getattr(form, name)
        if getattr(field, "field_class", None) is MoneyField:
            fields[name] = MoneyField(*field.args, **{**field.kwargs, "currency": currency})
    return type(form.__name__, (form,), fields)


class TextField(StringField):
    """One line of text without control characters, trimmed; empty becomes None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        text = strip_controls(valuelist[0]).strip()
        self.data = text or None
        if len(text) > MAX_TEXT:
            raise ValueError(gettext("Too long: at most %(most)s characters.", most=MAX_TEXT))


class LocalTimeField(StringField):
    """A date and time as the browser's own field sends it; a bare local time, for `at` to place in a zone."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            found = datetime.fromisoformat(valuelist[0].strip())
        except ValueError:
            found = None
        if found is None or found.tzinfo is not None or not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValueError(gettext("This is not a date and time, such as 2026-03-12 14:30."))
        self.data = found

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else ""

    def at(self, zone: str) -> datetime | None:
        """The moment in UTC; None where nothing was entered."""
        return self.data.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if self.data else None


class MoneyField(StringField):
    """Reads "12.50" into 1250 minor units; more decimals than the currency has are an error, not rounded."""

    def __init__(self, label: str = "", validators: Any = None, currency: str = "CNY", **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.currency = currency

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist or not valuelist[0].strip():
            return
        try:
            self.data = money.parse_minor(valuelist[0], self.currency)
        except (ValueError, InvalidOperation) as error:
            raise ValueError(gettext("This is not an amount.")) from error

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else money.plain(self.data, self.currency)
