"""Passwords: signing in, throttled per account and per address, and redeeming a one-time link."""

from __future__ import annotations

from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select, update

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, housekeeping, rows_changed
from shopdesk.core.errors import NotFound, NotSignedIn, TooMany
from shopdesk.core.permissions import Actor
from shopdesk.core.text import fold
from shopdesk.staff import queries, rules
from shopdesk.staff.models import OneTimeLink, Person, SignInTries

hasher = PasswordHasher()  # argon2id with the library's current parameters
_NOBODY = hasher.hash("a password that nobody has")  # so that an unknown name takes as long as a wrong password


def sign_in(login: str, password: str, *, address: str, tries: int, window_minutes: int) -> Person:
    """The person whose name and password these are.

    Raises NotSignedIn with one answer for every reason, TooMany after `tries` failures of this account from this
    address, or of this address whatever the account: nobody can lock another person out from elsewhere.
    """
    login = fold(login)[:64]
    keys = [f"both:{login}:{address}"[:128], f"address:{address}"[:128]]
    _check_tries(keys, {keys[0]: tries, keys[1]: tries * 5}, window_minutes)
    person = queries.person_by_login(login)
    if not _matches(person, password):
        for key in keys:
            _count_failure(key, window_minutes)
        raise NotSignedIn("The name or the password is wrong.", code="wrong_password")
    assert person is not None  # noqa: S101 _matches said so
    _clear(keys[0])
    _note_sign_in(person.id)
    return queries.person_by_id(person.id) or person


def _matches(person: Person | None, password: str) -> bool:
    known = person.password_hash if person else None
    try:
        hasher.verify(known or _NOBODY, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return person is not None and known is not None and person.disabled_at is None


def _check_tries(keys: list[str], allowed: dict[str, int], window_minutes: int) -> None:
    since = clock.now() - timedelta(minutes=window_minutes)
    for row in db.session.scalars(select(SignInTries).where(SignInTries.key.in_(keys), SignInTries.since > since)):
        if row.count >= allowed[row.key]:
            wait = int((row.since - since).total_seconds()) + 1
            raise TooMany(
                "Too many tries. Please wait %(minutes)d minutes.", minutes=wait // 60 + 1, retry_after_seconds=wait
            )


@housekeeping
def _count_failure(key: str, window_minutes: int) -> None:
    at = clock.now()
    fresh = SignInTries.since > at - timedelta(minutes=window_minutes)
    counted = rows_changed(update(SignInTries).where(SignInTries.key == key, fresh).values(count=SignInTries.count + 1))
    if not counted:
        db.session.merge(SignInTries(key=key, since=at, count=1))


@housekeeping
def _clear(key: str) -> None:
    rows_changed(update(SignInTries).where(SignInTries.key == key).values(count=0))


@command
def _note_sign_in(person_id: int) -> None:
    person = queries.person_by_id(person_id)
    assert person is not None  # noqa: S101 read a moment ago; people are never deleted
    audit.record("person.signed_in", "person", person_id, queries.actor_for(person, channel="page"))


@command
def redeem_link(secret: str, password: str) -> Person:
    """Set the password of the link's person; a link works once, decided by one conditional UPDATE.

    Raises NotFound for an unknown, used or expired link, RuleViolation for a weak password.
    """
    at = clock.now()
    link = db.session.scalars(
        select(OneTimeLink).where(OneTimeLink.secret_hash == rules.secret_hash(secret))
    ).one_or_none()
    person = queries.person_by_id(link.person_id) if link else None
    if link is None or person is None or person.disabled_at:
        raise NotFound("This link is not valid any more.", code="link_invalid")
    rules.check_password(password, login=person.login)
    taken = rows_changed(
        update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > at)
        .values(used_at=at)
    )
    if taken != 1:
        raise NotFound("This link is not valid any more.", code="link_invalid")
    person.password_hash = hasher.hash(password)
    person.epoch += 1
    audit.record("person.password_set", "person", person.id, Actor(person.id, person.display, person.signature))
    return person
