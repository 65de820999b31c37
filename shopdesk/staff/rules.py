"""Decisions about passwords, secrets, names and cut-offs."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from shopdesk.core.errors import RuleViolation

PASSWORD_MIN = 10
DEFAULT_CUT_OFF = "18:00"  # of a store whose warehouse names none (domain.md §3, holds)
EVERY_STORE = "all"  # `--store all` of the command line
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
CUT_OFF = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
LOGIN = re.compile(r"[^\s/?#%]{1,64}")


def shared_page(page: str, store_id: int | None) -> str:
    """Where a view of a page stands that is shared with a store; None: the page itself, for its person alone."""
    return page if store_id is None else f"{page}@{store_id}"


def page_of(place: str) -> str:
    """The page of either.

    >>> page_of("cases@7")
    'cases'
    """
    return place.partition("@")[0]


def shared_with(place: str) -> int | None:
    """The store that a view is shared with."""
    store = place.partition("@")[2]
    return int(store) if store else None


def new_secret() -> str:
    """128 bits and more, safe in a URL."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """What is kept of a token or link; the secret itself has enough entropy to need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def check_password(password: str, *, login: str) -> None:
    """Refuse what is too short, too long or the login itself.  Raises RuleViolation."""
    if not PASSWORD_MIN <= len(password) <= 200:
        raise RuleViolation("A password has at least %(least)d characters.", code="weak_password", least=PASSWORD_MIN)
    if password.casefold() == login.casefold() or len(set(password)) < 4:
        raise RuleViolation("This password is too easy to guess.", code="weak_password")


def check_slug(slug: str) -> None:
    """Refuse what does not fit into an address, and the word that means every store.  Raises RuleViolation."""
    if slug == EVERY_STORE:
        raise RuleViolation("“%(slug)s” means every store; choose another short name.", code="bad_slug", slug=slug)
    if not SLUG.fullmatch(slug):
        raise RuleViolation("A store's short name has small letters, digits and hyphens.", code="bad_slug", slug=slug)


def check_cut_off(text: str) -> None:
    """Raises RuleViolation for what is no time of day like 16:30."""
    if not CUT_OFF.fullmatch(text):
        raise RuleViolation("A cut-off is a time of day such as 16:30.", code="bad_cut_off", text=text)


def check_login(login: str) -> None:
    if not LOGIN.fullmatch(login):
        raise RuleViolation("A sign-in name has no spaces or slashes.", code="bad_login", login=login)


def next_cut_off(now: datetime, cut_offs: Sequence[str], zone: str) -> datetime:
    """The next cut-off after `now` (aware); `cut_offs` are "HH:MM" in the zone, none = 18:00."""
    here = now.astimezone(ZoneInfo(zone))
    times = sorted(time.fromisoformat(c) for c in (cut_offs or [DEFAULT_CUT_OFF]))
    for day in (here.date(), here.date() + timedelta(days=1)):
        for at in times:
            moment = datetime.combine(day, at, tzinfo=ZoneInfo(zone))
            if moment > here:
                return moment.astimezone(now.tzinfo)
    raise AssertionError("tomorrow always has a cut-off")


def last_cut_off_of_yesterday(now: datetime, cut_offs: Sequence[str], zone: str) -> datetime:
    """When the last parcel round of the day before left; `cut_offs` are "HH:MM" in the zone, none = 18:00."""
    day = now.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    last = max(time.fromisoformat(c) for c in (cut_offs or [DEFAULT_CUT_OFF]))
    return datetime.combine(day, last, tzinfo=ZoneInfo(zone)).astimezone(now.tzinfo)
