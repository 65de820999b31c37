"""Which language and how things are written in it: times, ages, money, labels."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g, request, session
from flask_babel import Babel, get_locale, gettext, ngettext

from shopdesk.core import clock, money
from shopdesk.web.labels import LABELS, ORIGINS

LOCALES = ("zh_Hans_CN", "en")
BY_LANGUAGE = {"zh": "zh_Hans_CN", "en": "en", "*": "zh_Hans_CN"}
babel = Babel()


def choose() -> str:
    """The person's own choice, else this browser's, else what it asks for; anything Chinese is 简体."""
    person = g.get("person")
    kept = (person.locale if person else None) or session.get("locale")
    if kept in LOCALES:
        return str(kept)
    wished = (tag.lower().partition("-")[0] for tag, weight in request.accept_languages if weight > 0)
    return next((BY_LANGUAGE[language] for language in wished if language in BY_LANGUAGE), LOCALES[0])


def when(at: datetime | None, zone: str) -> str:
    """`YYYY-MM-DD HH:mm` in the store's zone (IANA name); the day is left out today."""
    if at is None:
        return gettext("time unknown")
    here = at.astimezone(ZoneInfo(zone))
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    return here.strftime("%H:%M" if here.date() == today else "%Y-%m-%d %H:%M")


def ago(at: datetime | None) -> str:
    """How old, in one unit."""
    if at is None:
        return gettext("age unknown")
    seconds = max(0, int((clock.now() - at).total_seconds()))
    if seconds < 60:
        return gettext("just now")
    if seconds < 3600:
        return ngettext("%(num)s minute ago", "%(num)s minutes ago", seconds // 60)
    if seconds < 86400:
        return ngettext("%(num)s hour ago", "%(num)s hours ago", seconds // 3600)
    return ngettext("%(num)s day ago", "%(num)s days ago", seconds // 86400)


def left(at: datetime) -> str:
    """How long until a deadline, or that it is over."""
    seconds = int((at - clock.now()).total_seconds())
    if seconds < 0:
        return gettext("overdue")
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    return gettext("%(h)s h %(m)s min left", h=hours, m=minutes) if hours else gettext("%(m)s min left", m=minutes)


def urgency(at: datetime) -> str:
    """How close a deadline is: far, soon (within the hour) or over; for the macro `deadline`."""
    seconds = (at - clock.now()).total_seconds()
    return "over" if seconds < 0 else "soon" if seconds < 3600 else "far"


def money_text(minor: int | None, currency: str) -> str:
    if minor is None:
        return "—"
    return money.format_minor(minor, currency, "en" if str(get_locale()) == "en" else "zh")


def origin_words(origin: str | None) -> str:
    """Where a value came from: the desk's own words for its own roads, else the name that the feed gave itself."""
    return str(ORIGINS.get(origin or "", origin or ""))


def labels(*codes: StrEnum | None) -> str:
    """The words of those that are there, one behind the other."""
    return " · ".join(label(code) for code in codes if code is not None)


def label(value: StrEnum | str | None) -> str:
    """The word people see for a code (domain.md §9); the value itself where it has none."""
    if value is None:
        return "—"
    group = type(value).__name__
    text = LABELS.get((group, str(value))) or LABELS.get(("", str(value)))
    return gettext(str(text)) if text else str(value)


def waiting_words(readiness: StrEnum, until: date | None) -> str:
    """Why an order waits, a pre-sale with its day."""
    if until is None or str(readiness) != "pre_sale_until":
        return label(readiness)
    return gettext("Pre-sale, ships from %(day)s", day=until.isoformat())


def filled(msgid: str, facts: Mapping[str, Any]) -> str:
    """A kept message in the person's language; one of an older version may lack a fact that today's words name."""
    try:
        return gettext(msgid) % facts
    except (KeyError, TypeError, ValueError):
        return gettext(msgid)


def init_app(app: Flask) -> None:
    babel.init_app(app, locale_selector=choose)
    app.jinja_env.filters.update(when=when, ago=ago, left=left, urgency=urgency, money=money_text, label=label)
    app.jinja_env.filters.update(origin=origin_words, waiting=waiting_words)
    app.jinja_env.globals.update(get_locale=get_locale)
    app.jinja_env.add_extension("jinja2.ext.do")
