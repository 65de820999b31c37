"""Reads about people and stores."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, bindparam, or_, select

from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.errors import NotFound
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.plain_rows import PlainRows
from shopdesk.core.reading import columns, records
from shopdesk.core.scope import in_store, touch
from shopdesk.staff.models import (
    ApiToken,
    EndedSession,
    Membership,
    OneTimeLink,
    Person,
    Store,
    Warehouse,
    WarehouseStore,
)
from shopdesk.staff.rules import secret_hash


def person_by_login(login: str) -> Person | None:
    return db.session.scalars(select(Person).where(Person.login == login)).one_or_none()


def person_by_id(person_id: int) -> Person | None:
    return db.session.scalars(select(Person).where(Person.id == person_id)).one_or_none()


def is_link_open(secret: str) -> bool:
    """Whether a one-time link still works: known, neither used nor expired, its person not disabled."""
    statement = (
        select(OneTimeLink.id)
        .join(Person, Person.id == OneTimeLink.person_id)
        .where(OneTimeLink.secret_hash == secret_hash(secret), OneTimeLink.used_at.is_(None))
        .where(OneTimeLink.expires_at > clock.now(), Person.disabled_at.is_(None))
    )
    return db.session.scalar(statement) is not None


def person_in_session(person_id: int, secret: str) -> Person | None:
    """The person whose session it is; None where the session was signed out."""
    ended = select(EndedSession.session_hash).where(EndedSession.session_hash == secret_hash(secret))
    return db.session.scalars(select(Person).where(Person.id == person_id, ~ended.exists())).one_or_none()


_OF_STORES = or_(Membership.store_id == Store.id, Membership.store_id.is_(None)) & Store.disabled_at.is_(None)
#: Read on every request.
_RIGHTS = PlainRows(
    select(Membership.role, Membership.store_id, Store.id.label("open_id"))
    .outerjoin(Store, _OF_STORES)
    .where(Membership.person_id == bindparam("person_id"))
    .order_by(Store.id)
)
_HOLDER = PlainRows(
    select(*columns(Person), ApiToken.scopes, Membership.role, Membership.store_id, Store.id.label("open_id"))
    .join(ApiToken, ApiToken.person_id == Person.id)
    .outerjoin(Membership, Membership.person_id == Person.id)
    .outerjoin(Store, _OF_STORES & Membership.id.is_not(None))
    .where(ApiToken.secret_hash == bindparam("secret_hash"), ApiToken.revoked_at.is_(None))
    .where(ApiToken.expires_at > bindparam("now"), Person.disabled_at.is_(None))
    .order_by(Store.id)
)
(_person,) = records(Person)


def actor_for(person: Person, *, channel: str, limit: frozenset[Permission] | None = None) -> Actor:
    """The person's rights as they stand now, in every store that is not disabled."""
    return _actor(person, _RIGHTS.rows(person_id=person.id), channel, limit)


def token_holder(secret: str) -> tuple[Person, Actor] | None:
    """The person (a plain row) behind a valid token, with the rights that person and token have now.

    None for anything unknown, expired, revoked or disabled.
    """
    rows = _HOLDER.rows(secret_hash=secret_hash(secret), now=clock.now())
    if not rows:
        return None
    person, scopes = _person(rows[0]), rows[0].scopes
    limit = None if scopes is None else frozenset(Permission(s) for s in scopes)
    return person, _actor(person, rows, "api", limit)


def _actor(person: Person, rows: list[Any], channel: str, limit: frozenset[Permission] | None) -> Actor:
    roles: dict[int, set[Role]] = defaultdict(set)
    for row in rows:
        if row.open_id is not None:
            roles[row.open_id].add(row.role)
    held = {store_id: frozenset(found) for store_id, found in roles.items()}
    # Roles in all stores open the empty pages of a desk that has no store yet.
    everywhere = frozenset(row.role for row in rows if row.role and row.store_id is None) if not held else frozenset()
    return Actor(person.id, person.display, person.signature, held, limit, channel, everywhere)


def store_by_slug(slug: str, actor: Actor, permission: Permission) -> Store:
    """The store by its short name.  Raises NotFound when it is not the actor's."""
    store = db.session.scalars(select(Store).where(Store.slug == slug)).one_or_none()
    if store is None or store.id not in actor.stores_with(permission):
        raise NotFound("There is no such store here.")
    touch(store.id)
    return store


def store_named(slug: str) -> Store | None:
    """The store by its short name, for the command line, which stands outside the stores."""
    return db.session.scalars(select(Store).where(Store.slug == slug)).one_or_none()


def store_by_id(store_id: int) -> Store:
    """The store of a row that was already found through the scope."""
    return db.session.scalars(select(Store).where(Store.id == store_id)).one()


_STORES = PlainRows(select(*columns(Store)).where(Store.id.in_(bindparam("ids", expanding=True))).order_by(Store.id))
(_store,) = records(Store)


def stores_of(actor: Actor) -> list[Store]:
    """The actor's stores, by id; plain rows, to show."""
    return [_store(row) for row in _STORES.rows(ids=tuple(actor.roles))]


def zone_for(actor: Actor, store_ids: Iterable[int] = ()) -> str:
    """The zone for a time that concerns several stores: that of the first of them, else of the person's first."""
    zones = {store.id: store.zone for store in stores_of(actor)}
    return next((zones[i] for i in store_ids if i in zones), next(iter(zones.values()), "UTC"))


def all_store_ids() -> list[int]:
    return list(db.session.scalars(select(Store.id).order_by(Store.id)))


_SIGNATURES = PlainRows(select(Person.id, Person.signature).where(Person.id.in_(bindparam("ids", expanding=True))))


def signatures(person_ids: set[int]) -> dict[int, str]:
    """Names on memos by person id, for lists."""
    return {row.id: row.signature for row in _SIGNATURES.rows(ids=tuple(person_ids))}


def warehouse(warehouse_id: int) -> Warehouse:
    return db.session.scalars(select(Warehouse).where(Warehouse.id == warehouse_id)).one()


def warehouses_of(store_id: int) -> list[Warehouse]:
    """The warehouses that serve a store: the one it sends from by default first, then by name."""
    default = select(Store.warehouse_id).where(Store.id == store_id).scalar_subquery()
    more = in_store(select(WarehouseStore.warehouse_id), store_id, WarehouseStore)
    ids = [*db.session.scalars(select(default)), *db.session.scalars(more)]
    found = db.session.scalars(select(Warehouse).where(Warehouse.id.in_(ids)).order_by(Warehouse.name)).all()
    return sorted(found, key=lambda one: one.id != ids[0])


def warehouse_named(name: str) -> Warehouse | None:
    return db.session.scalars(select(Warehouse).where(Warehouse.name == name)).one_or_none()


def people_of_store(store_id: int, *roles: Role) -> list[tuple[int, str]]:
    """(id, signature) of everybody who has one of the roles in the store and is not shut out, by signature."""
    statement = (
        select(Person.id, Person.signature)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.role.in_(roles), Person.disabled_at.is_(None))
        .where(or_(Membership.store_id == store_id, Membership.store_id.is_(None)))
        .distinct()
        .order_by(Person.signature, Person.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(statement)]


def people() -> Select[Person]:
    return select(Person).order_by(Person.id)
