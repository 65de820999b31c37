"""Reads about people and stores."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Select, bindparam, or_, select

from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.errors import NotFound
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.reading import columns, records
from shopdesk.staff.models import ApiToken, Membership, Person, Store, Warehouse
from shopdesk.staff.rules import secret_hash


def person_by_login(login: str) -> Person | None:
    return db.session.scalars(select(Person).where(Person.login == login)).one_or_none()


def person_by_id(person_id: int) -> Person | None:
    return db.session.scalars(select(Person).where(Person.id == person_id)).one_or_none()


#: Read on every request: built once, one statement each.
_RIGHTS = (
    select(Store.id, Membership.role)
    .join(Membership, or_(Membership.store_id == Store.id, Membership.store_id.is_(None)))
    .where(Membership.person_id == bindparam("person_id"), Store.disabled_at.is_(None))
    .order_by(Store.id)
)
_HOLDER = (
    select(*columns(Person), ApiToken.scopes)
    .join(ApiToken, ApiToken.person_id == Person.id)
    .where(ApiToken.secret_hash == bindparam("secret_hash"), ApiToken.revoked_at.is_(None))
    .where(ApiToken.expires_at > bindparam("now"), Person.disabled_at.is_(None))
)
(_person,) = records(Person)


def actor_for(person: Person, *, channel: str, limit: frozenset[Permission] | None = None) -> Actor:
    """The person's rights as they stand now, in every store that is not disabled."""
    roles: dict[int, set[Role]] = defaultdict(set)
    for store_id, role in db.session.connection().execute(_RIGHTS, {"person_id": person.id}):
        roles[store_id].add(role)
    held = {store_id: frozenset(found) for store_id, found in roles.items()}
    everywhere = frozenset() if held else _roles_everywhere(person.id)
    return Actor(person.id, person.display, person.signature, held, limit, channel, everywhere)


def _roles_everywhere(person_id: int) -> frozenset[Role]:
    """Roles held in all stores: what opens the empty pages of a desk that has no store yet."""
    held = select(Membership.role).where(Membership.person_id == person_id, Membership.store_id.is_(None))
    return frozenset(db.session.scalars(held))


def token_holder(secret: str) -> tuple[Person, frozenset[Permission] | None] | None:
    """The person (a plain row) behind a valid token and its scopes.

    None for anything unknown, expired, revoked or disabled.
    """
    values = {"secret_hash": secret_hash(secret), "now": clock.now()}
    row = db.session.connection().execute(_HOLDER, values).one_or_none()
    if row is None:
        return None
    return _person(row), None if row.scopes is None else frozenset(Permission(s) for s in row.scopes)


def store_by_slug(slug: str, actor: Actor, permission: Permission) -> Store:
    """The store by its short name.  Raises NotFound when it is not the actor's."""
    store = db.session.scalars(select(Store).where(Store.slug == slug)).one_or_none()
    if store is None or store.id not in actor.stores_with(permission):
        raise NotFound("There is no such store here.")
    return store


def store_named(slug: str) -> Store | None:
    """The store by its short name, for the command line, which stands outside the stores."""
    return db.session.scalars(select(Store).where(Store.slug == slug)).one_or_none()


def store_by_id(store_id: int) -> Store:
    """The store of a row that was already found through the scope."""
    return db.session.scalars(select(Store).where(Store.id == store_id)).one()


_STORES = select(*columns(Store)).where(Store.id.in_(bindparam("ids", expanding=True))).order_by(Store.id)
(_store,) = records(Store)


def stores_of(actor: Actor) -> list[Store]:
    """The actor's stores, by id; plain rows, to show."""
    rows = db.session.connection().execute(_STORES, {"ids": tuple(actor.roles)}) if actor.roles else ()
    return [_store(row) for row in rows]


def zone_for(actor: Actor, store_ids: Iterable[int] = ()) -> str:
    """The zone for a time that concerns several stores: that of the first of them, else of the person's first."""
    zones = {store.id: store.zone for store in stores_of(actor)}
    return next((zones[i] for i in store_ids if i in zones), next(iter(zones.values()), "UTC"))


def all_store_ids() -> list[int]:
    return list(db.session.scalars(select(Store.id).order_by(Store.id)))


def signatures(person_ids: set[int]) -> dict[int, str]:
    """Names on memos by person id, for lists."""
    if not person_ids:
        return {}
    rows = db.session.execute(select(Person.id, Person.signature).where(Person.id.in_(person_ids)))
    return {row.id: row.signature for row in rows}


def warehouse(warehouse_id: int) -> Warehouse:
    return db.session.scalars(select(Warehouse).where(Warehouse.id == warehouse_id)).one()


def people() -> Select[Person]:
    return select(Person).order_by(Person.id)
