"""Adding people, giving and taking roles, leaving and coming back, links for a first password."""

from datetime import timedelta

from sqlalchemy import delete, exists, select, update

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import Conflict, NotFound, RuleViolation
from shopdesk.core.permissions import ASSIGNABLE, Actor, Role
from shopdesk.core.text import fold
from shopdesk.staff import queries, rules
from shopdesk.staff.models import ApiToken, Membership, OneTimeLink, Person

LINK_DAYS = 7


@command
def add_person(login: str, *, display: str | None = None, signature: str | None = None, actor: Actor) -> Person:
    """Make a person without a password.  Raises Conflict for a taken sign-in name, RuleViolation for a bad one."""
    login = fold(login)
    rules.check_login(login)
    if queries.person_by_login(login):
        raise Conflict("There is somebody named %(login)s already.", code="login_taken", login=login)
    person = Person(
        login=login, display=display or login, signature=(signature or display or login)[:32], created_at=clock.now()
    )
    db.session.add(person)
    db.session.flush()
    audit.record("person.added", "person", person.id, actor)
    return person


@command
def grant(person_id: int, role: Role, *, store_id: int | None, actor: Actor) -> None:
    """Give a role in one store, or in all of them (None).  Giving it again changes nothing."""
    if role not in ASSIGNABLE:
        raise RuleViolation("This role cannot be given to a person.", code="bad_role", role=str(role))
    person = _person(person_id)
    if not _membership(person.id, role, store_id):
        db.session.add(Membership(person_id=person.id, role=role, store_id=store_id))
        db.session.flush()
    audit.record("person.role_granted", "person", person.id, actor, store_id=store_id, granted=str(role))


@command
def take_away(person_id: int, role: Role, *, store_id: int | None, actor: Actor) -> None:
    """Take a role back; sessions and tokens lose it with their next request."""
    person = _person(person_id)
    db.session.execute(
        delete(Membership).where(
            Membership.person_id == person.id, Membership.role == role, Membership.store_id == store_id
        )
    )
    audit.record("person.role_taken", "person", person.id, actor, store_id=store_id, taken=str(role))


@command
def disable_person(person_id: int, *, actor: Actor) -> None:
    """End every session and token of a leaver; the history keeps the name.

    Raises Conflict for the last supervisor of every store: nobody could appoint or approve any more.
    """
    person = _person(person_id)
    if _is_last_supervisor(person):
        raise Conflict(
            "%(name)s is the only supervisor: make somebody else one first.", code="last_supervisor", name=person.login
        )
    person.disabled_at = clock.now()
    person.epoch += 1
    audit.record("person.disabled", "person", person.id, actor)


def _is_last_supervisor(person: Person) -> bool:
    boss = (Membership.role == Role.SUPERVISOR, Person.disabled_at.is_(None))
    statement = select(Membership.person_id).join(Person, Person.id == Membership.person_id).where(*boss)
    return set(db.session.scalars(statement)) == {person.id}


@command
def enable_person(person_id: int, *, actor: Actor) -> str:
    """Let a leaver come back with the roles that are left: the secret of a one-time link for a new password.

    The former password and tokens open nothing any more.  Raises RuleViolation for who was never disabled.
    """
    person = _person(person_id)
    if person.disabled_at is None:
        raise RuleViolation("%(name)s is not disabled.", code="not_disabled", name=person.login)
    person.disabled_at, person.password_hash = None, None
    db.session.execute(
        update(ApiToken)
        .where(ApiToken.person_id == person.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    audit.record("person.enabled", "person", person.id, actor)
    return new_link(person.id, actor=actor)


@command
def new_link(person_id: int, *, actor: Actor) -> str:
    """A one-time link's secret for setting a password, valid for LINK_DAYS; earlier links and sessions end."""
    person = _person(person_id)
    at = clock.now()
    db.session.execute(
        update(OneTimeLink).where(OneTimeLink.person_id == person.id, OneTimeLink.used_at.is_(None)).values(used_at=at)
    )
    secret = rules.new_secret()
    link = OneTimeLink(
        person_id=person.id, secret_hash=rules.secret_hash(secret), expires_at=at + timedelta(days=LINK_DAYS)
    )
    db.session.add(link)
    person.epoch += 1
    audit.record("person.link_made", "person", person.id, actor)
    return secret


@command
def set_locale(person_id: int, locale: str, *, actor: Actor) -> None:
    person = _person(person_id)
    person.locale = locale
    audit.record("person.language_set", "person", person.id, actor, locale=locale)


@command
def sign_out_everywhere(person_id: int, *, actor: Actor) -> None:
    person = _person(person_id)
    person.epoch += 1
    audit.record("person.signed_out_everywhere", "person", person.id, actor)


def _person(person_id: int) -> Person:
    person = queries.person_by_id(person_id)
    if person is None:
        raise NotFound("There is no such person.")
    return person


def _membership(person_id: int, role: Role, store_id: int | None) -> bool:
    same = (Membership.person_id == person_id, Membership.role == role, Membership.store_id == store_id)
    return bool(db.session.scalar(select(exists().where(*same))))
