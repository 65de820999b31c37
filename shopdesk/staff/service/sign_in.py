"""Passwords: signing in, throttled per account and per address, and redeeming a one-time link."""

from __future__ import annotations

from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete, select, update

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, housekeeping, rows_changed
from shopdesk.core.errors import Conflict, NotFound, NotSignedIn, TooMany
from shopdesk.core.permissions import Actor
from shopdesk.core.text import fold
from shopdesk.staff import queries, rules
from shopdesk.staff.models import EndedSession, OneTimeLink, Person, SignInTries

hasher = PasswordHasher()  # argon2id with the library's current parameters
_NOBODY = hasher.hash("a password that nobody has")  # so that an unknown name takes as long as a wrong password


def sign_in(login: str, password: str, *, address: str, tries: int, window_minutes: int) -> Person:
    """The person whose name and password these are.

    Raises NotSignedIn with one answer for every reason, TooMany after `tries` failures of this account from this
    address, or of this address whatever the account: nobody can lock another person out from elsewhere.
    """
    login = fold(login)[:64]
    account, everybody = f"both:{login}:{address}"[:128], f"address:{address}"[:128]
    for key, most in ((account, tries), (everybody, tries * 5)):
        _take_try(key, most, window_minutes)
    person = queries.person_by_login(login)
    if not _matches(person, password):
        raise NotSignedIn("The name or the password is wrong.", code="wrong_password")
    assert person is not None  # noqa: S101 _matches said so
    _give_back(account, everybody)
    _note_sign_in(person.id)
    return queries.person_by_id(person.id) or person


def _matches(person: Person | None, password: str) -> bool:
    known = person.password_hash if person else None
    try:
        hasher.verify(known or _NOBODY, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return person is not None and known is not None and person.disabled_at is None


def _take_try(key: str, most: int, window_minutes: int) -> None:
    """Count the try before the password is looked at, so that many at once get no more tries than one after another."""
    at = clock.now()
    since = at - timedelta(minutes=window_minutes)
    if _counted(key, most, at, since):
        return
    began = db.session.scalars(select(SignInTries.since).where(SignInTries.key == key)).one()
    wait = int((began - since).total_seconds()) + 1
    raise TooMany(
        "Too many tries. Please wait %(minutes)d minutes.", minutes=wait // 60 + 1, retry_after_seconds=max(1, wait)
    )


def _counted(key: str, most: int, at: datetime, since: datetime) -> bool:
    try:
        return _count(key, most, at, since)
    except Conflict:  # another first try inserted the row at this moment
        return _count(key, most, at, since)


@housekeeping
def _count(key: str, most: int, at: datetime, since: datetime) -> bool:
    """One conditional UPDATE decides; False when the tries of this window are used up."""
    row = update(SignInTries).where(SignInTries.key == key)
    if rows_changed(row.where(SignInTries.since > since, SignInTries.count < most).values(count=SignInTries.count + 1)):
        return True
    if rows_changed(row.where(SignInTries.since <= since).values(count=1, since=at)):
        return True
    if db.session.scalar(select(SignInTries.key).where(SignInTries.key == key)):
        return False
    db.session.add(SignInTries(key=key, since=at, count=1))
    return True


@housekeeping
def _give_back(account: str, everybody: str) -> None:
    """A success clears its account; of the address only its own try, so that one's own account hides no guessing."""
    rows_changed(update(SignInTries).where(SignInTries.key == account).values(count=0))
    rows_changed(update(SignInTries).where(SignInTries.key == everybody).values(count=SignInTries.count - 1))


@command
def _note_sign_in(person_id: int) -> None:
    person = queries.person_by_id(person_id)
    assert person is not None  # noqa: S101 read a moment ago; people are never deleted
    audit.record("person.signed_in", "person", person_id, queries.actor_for(person, channel="page"))


def sign_out(session: str, *, until: datetime, actor: Actor) -> None:
    """End this session on the server, so that no copy of its cookie opens anything; `until` is its longest time."""
    try:
        _end_session(rules.secret_hash(session), until, actor)
    except Conflict:  # pressed twice: the other one was first
        return


@command
def _end_session(session_hash: str, until: datetime, actor: Actor) -> None:
    db.session.add(EndedSession(session_hash=session_hash, until=until))
    audit.record("person.signed_out", "person", actor.id or 0, actor)


@housekeeping
def forget_ended_sessions() -> int:
    """Drop what no cookie can bring back any more; the worker calls it daily."""
    return rows_changed(delete(EndedSession).where(EndedSession.until < clock.now()))


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
