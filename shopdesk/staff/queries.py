"""Reads about people and stores."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Select, bindparam, null, or_, select, type_coerce, union_all
from sqlalchemy.orm import aliased

from shopdesk.core import clock
from shopdesk.core.columns import UTCDateTime
from shopdesk.core.db import db
from shopdesk.core.errors import NotFound
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.plain_rows import PlainRows
from shopdesk.core.reading import columns, records
from shopdesk.core.scope import in_store, touch, within
from shopdesk.staff import rules
from shopdesk.staff.models import (
    ApiToken,
    EndedSession,
    Membership,
    OneTimeLink,
    Person,
    SavedView,
    StandIn,
    Store,
    Warehouse,
    WarehouseStore,
)
from shopdesk.staff.rules import secret_hash

K = TypeVar("K", Store, Warehouse)


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
    """The person (a plain row) whose session it is; None where the session was signed out."""
    rows = _IN_SESSION.rows(person_id=person_id, session_hash=secret_hash(secret))
    return _person(rows[0]) if rows else None


_ENDED = select(EndedSession.session_hash).where(EndedSession.session_hash == bindparam("session_hash"))
#: Read on every request of a page.
_IN_SESSION = PlainRows(select(*columns(Person)).where(Person.id == bindparam("person_id"), ~_ENDED.exists()))
_OF_STORES = or_(Membership.store_id == Store.id, Membership.store_id.is_(None)) & Store.disabled_at.is_(None)
_NOT_YET: Any = type_coerce(null(), UTCDateTime()).label("until")
_RUNNING = StandIn.ended_at.is_(None) & (StandIn.until > bindparam("now"))
_STOOD = aliased(Store)  # where a stand-in works
#: Read on every request.
_RIGHTS = PlainRows(
    union_all(
        select(Membership.role, Membership.store_id, Store.id.label("open_id"), _NOT_YET)
        .outerjoin(Store, _OF_STORES)
        .where(Membership.person_id == bindparam("person_id")),
        select(StandIn.role, StandIn.store_id, _STOOD.id, StandIn.until)
        .join(_STOOD, (_STOOD.id == StandIn.store_id) & _STOOD.disabled_at.is_(None))
        .where(StandIn.person_id == bindparam("person_id"), _RUNNING),
    )
)
_HOLDER = PlainRows(
    select(
        Person.id, Person.display, Person.signature, Person.locale, ApiToken.scopes, Membership.role,
        Membership.store_id, Store.id.label("open_id"), StandIn.role.label("stood"), _STOOD.id.label("stood_id"),
        StandIn.until,
    )
    .join(ApiToken, ApiToken.person_id == Person.id)
    .outerjoin(Membership, Membership.person_id == Person.id)
    .outerjoin(Store, _OF_STORES & Membership.id.is_not(None))
    .outerjoin(StandIn, (StandIn.person_id == Person.id) & _RUNNING)
    .outerjoin(_STOOD, (_STOOD.id == StandIn.store_id) & _STOOD.disabled_at.is_(None))
    .where(ApiToken.secret_hash == bindparam("secret_hash"), ApiToken.revoked_at.is_(None))
    .where(ApiToken.expires_at > bindparam("now"), Person.disabled_at.is_(None))
)  # fmt: skip
(_person,) = records(Person)


class _Right(NamedTuple):
    """A role as it was found; `open_id`: the store where it opens something now; `until`: of a stand-in."""

    role: Role
    store_id: int | None
    open_id: int | None
    until: datetime | None = None


def actor_for(person: Person, *, channel: str, limit: frozenset[Permission] | None = None) -> Actor:
    """The person's rights as they stand now, in every store that is not disabled."""
    rights = {_Right(*row) for row in _RIGHTS.rows(person_id=person.id, now=clock.now())}
    return _actor(person, rights, channel, limit)


def token_holder(secret: str) -> tuple[Any, Actor] | None:
    """The person behind a valid token, with the rights that both have now.

    The person is a plain row of id, names and language, nothing else.
    None for anything unknown, expired, revoked or disabled.
    """
    rows = _HOLDER.rows(secret_hash=secret_hash(secret), now=clock.now())
    if not rows:
        return None
    person = rows[0]
    limit = None if person.scopes is None else frozenset(Permission(s) for s in person.scopes)
    rights = {_Right(row.role, row.store_id, row.open_id) for row in rows if row.role}
    rights |= {_Right(row.stood, row.stood_id, row.stood_id, row.until) for row in rows if row.stood_id}
    return person, _actor(person, rights, "api", limit)


def _actor(person: Person, rights: set[_Right], channel: str, limit: frozenset[Permission] | None) -> Actor:
    roles: dict[int, set[Role]] = defaultdict(set)
    standing: dict[int, dict[Role, datetime]] = defaultdict(dict)
    for right in rights:
        if right.open_id is not None:
            roles[right.open_id].add(right.role)
    own = {(right.open_id, right.role) for right in rights if right.until is None}
    for right in rights:
        if right.until is not None and right.open_id is not None and (right.open_id, right.role) not in own:
            standing[right.open_id][right.role] = right.until
    held = {store_id: frozenset(roles[store_id]) for store_id in sorted(roles)}
    # Roles in all stores open the empty pages of a desk that has no store yet.
    everywhere = frozenset(right.role for right in rights if right.store_id is None) if not held else frozenset()
    return Actor(person.id, person.display, person.signature, held, limit, channel, everywhere, standing)


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
    """The store of a row that was already found through the scope; read once in a transaction."""
    return _kept(Store, store_id)


def _kept(model: type[K], row_id: int) -> K:
    """Read once in a transaction: the session by itself forgets a row that nobody holds."""
    row = db.session.get_one(model, row_id)
    db.session.info[model, row_id] = row
    return row


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


def has_left(person_id: int) -> bool:
    """Whether this person is shut out: nobody waits for them any more."""
    return person_id in who_left({person_id})


def who_left(person_ids: set[int]) -> set[int]:
    """Those of them who are shut out."""
    return {row.id for row in _LEFT.rows(ids=tuple(person_ids))} if person_ids else set()


def leavers() -> list[int]:
    """Everybody who is shut out, by id."""
    return [row.id for row in _LEAVERS.rows()]


_LEFT = PlainRows(
    select(Person.id).where(Person.id.in_(bindparam("ids", expanding=True)), Person.disabled_at.is_not(None))
)
_LEAVERS = PlainRows(select(Person.id).where(Person.disabled_at.is_not(None)).order_by(Person.id))


def warehouse(warehouse_id: int) -> Warehouse:
    return _kept(Warehouse, warehouse_id)


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
    """(id, signature) of everybody who has one of the roles in the store, or stands in for it now, by signature.

    Without who is shut out.
    """
    standing = select(StandIn.person_id).where(
        StandIn.role.in_(roles), StandIn.ended_at.is_(None), StandIn.until > clock.now()
    )
    standing_ids = list(db.session.scalars(in_store(standing, store_id, StandIn)))
    members = select(Membership.person_id).where(
        Membership.role.in_(roles), or_(Membership.store_id == store_id, Membership.store_id.is_(None))
    )
    statement = (
        select(Person.id, Person.signature)
        .where(Person.disabled_at.is_(None), or_(Person.id.in_(members), Person.id.in_(standing_ids)))
        .order_by(Person.signature, Person.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(statement)]


_STORES_OF: Any = bindparam("stores", expanding=True)
_ROLES: Any = bindparam("roles", expanding=True)
_PEOPLE_OF = PlainRows(
    select(Person.id, Person.signature)
    .where(
        Person.disabled_at.is_(None),
        or_(
            Person.id.in_(
                select(Membership.person_id).where(
                    Membership.role.in_(_ROLES), or_(Membership.store_id.in_(_STORES_OF), Membership.store_id.is_(None))
                )
            ),
            Person.id.in_(
                select(StandIn.person_id).where(
                    StandIn.role.in_(_ROLES), StandIn.store_id.in_(_STORES_OF), StandIn.ended_at.is_(None),
                    StandIn.until > bindparam("now"),
                )
            ),
        ),
    )
    .order_by(Person.signature, Person.id)
)  # fmt: skip


def people_of_stores(store_ids: Sequence[int], *roles: Role) -> list[tuple[int, str]]:
    """As `people_of_store`, of any of several stores that were found through the scope."""
    return [(row.id, row.signature) for row in _PEOPLE_OF.rows(stores=store_ids, roles=roles, now=clock.now())]


@dataclass(frozen=True, slots=True)
class StandInRow:
    """One appointment, with names."""

    stand_in: StandIn
    person: str
    given_by: str | None
    ended_by: str | None

    def is_running(self, now: datetime) -> bool:
        return self.stand_in.ended_at is None and self.stand_in.until > now


def stand_ins(actor: Actor, limit: int = 100) -> list[StandInRow]:
    """Those of the stores where the actor may appoint, the newest first."""
    statement = within(select(StandIn), actor, Permission.STAND_IN_GIVE, StandIn)
    found = list(db.session.scalars(statement.order_by(StandIn.id.desc()).limit(limit)))
    names = signatures({i for f in found for i in (f.person_id, f.given_by_id, f.ended_by_id) if i})
    return [
        StandInRow(f, names.get(f.person_id, ""), names.get(f.given_by_id or 0), names.get(f.ended_by_id or 0))
        for f in found
    ]


def people() -> Select[Person]:
    return select(Person).order_by(Person.id)


def active_people() -> list[tuple[int, str, str]]:
    """(id, signature, sign-in name) of everybody who is not shut out, by signature."""
    statement = select(Person.id, Person.signature, Person.login).where(Person.disabled_at.is_(None))
    return [(row[0], row[1], row[2]) for row in db.session.execute(statement.order_by(Person.signature, Person.id))]


def views_of(person_id: int, page: str) -> list[SavedView]:
    """What a person keeps of one page, by title."""
    mine = select(SavedView).where(SavedView.person_id == person_id, SavedView.page == page)
    return list(db.session.scalars(mine.order_by(SavedView.title)))


def store_of_view(view: SavedView) -> int | None:
    """The store that it is shared with; None: nobody but its person sees it."""
    return rules.shared_with(view.page)


def shared_views(page: str, store_ids: Iterable[int]) -> list[SavedView]:
    """What somebody shared with everybody of these stores, which were found through the scope."""
    places = [rules.shared_page(page, store_id) for store_id in store_ids]
    if not places:
        return []
    theirs = select(SavedView).where(SavedView.page.in_(places)).order_by(SavedView.title, SavedView.id)
    return list(db.session.scalars(theirs))
