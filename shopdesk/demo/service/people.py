"""The demo shop's people: one for each role, with a password that everybody may know."""

from __future__ import annotations

from dataclasses import dataclass

from argon2.exceptions import InvalidHashError, VerifyMismatchError

from shopdesk.core import audit
from shopdesk.core.db import command
from shopdesk.core.permissions import Actor, Role
from shopdesk.staff import queries, service
from shopdesk.staff.models import Person
from shopdesk.staff.service.sign_in import hasher

PASSWORD = "shopdesk-demo"  # noqa: S105 shown at every start of the demo
PEOPLE: dict[Role, tuple[str, str]] = {  # role → (sign-in name, name on memos)
    Role.PRE_SALE: ("xiaoman", "小满"),
    Role.AFTER_SALE: ("ahe", "阿禾"),
    Role.PRINTING: ("minmin", "敏敏"),
    Role.WAREHOUSE: ("dazhuang", "大壮"),
    Role.FINANCE: ("suanpan", "算盘"),
    Role.SUPERVISOR: ("qinghe", "青禾"),
    Role.MANAGER: ("laozhou", "老周"),
    Role.INTEGRATION: ("erp", "聚水潭"),
}


@dataclass(frozen=True, slots=True)
class Account:
    """How to sign in; `password` None where the person has one of their own meanwhile."""

    login: str
    role: str
    signature: str
    password: str | None


@command
def add_people(actor: Actor) -> None:
    """One person per role in every store."""
    known = hasher.hash(PASSWORD)
    for role, (login, signature) in PEOPLE.items():
        person = service.add_person(login, display=signature, signature=signature, actor=actor)
        person.password_hash = known
        service.grant(person.id, role, store_id=None, actor=actor)
        audit.record("person.password_set", "person", person.id, actor)


def actor_of(role: Role) -> Actor:
    """The demo person of that role, acting through a page (the integration: through the API)."""
    person = queries.person_by_login(PEOPLE[role][0])
    if person is None:
        raise LookupError(role)
    return queries.actor_for(person, channel="api" if role is Role.INTEGRATION else "page")


def accounts() -> list[Account]:
    """The demo's accounts that still exist; the password only where it is still the demo's."""
    found = [(role, queries.person_by_login(login)) for role, (login, _) in PEOPLE.items()]
    checked: dict[str | None, bool] = {}
    made: list[Account] = []
    for role, person in found:
        if person is None or person.disabled_at is not None:
            continue
        if person.password_hash not in checked:  # they share one hash until they change it
            checked[person.password_hash] = _is_ours(person)
        made.append(
            Account(person.login, str(role), person.signature, PASSWORD if checked[person.password_hash] else None)
        )
    return made


def is_open() -> bool:
    """Whether somebody could sign in with the password that everybody may know."""
    return any(account.password for account in accounts())


def _is_ours(person: Person) -> bool:
    try:
        return hasher.verify(person.password_hash or "", PASSWORD)
    except (VerifyMismatchError, InvalidHashError):
        return False
