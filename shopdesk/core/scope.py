"""The store scope: every row of a store is loaded through it, and a read without it raises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import ClauseElement, Delete, ForeignKey, Select, Table, Update, bindparam, event, inspect, select
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, declared_attr, mapped_column
from sqlalchemy.sql import visitors

from shopdesk.core.columns import BigId
from shopdesk.core.db import db
from shopdesk.core.errors import NotFound
from shopdesk.core.permissions import Actor, Permission, require

MISSING = "a store's rows were read without a store scope: "
UNLIMITED = "a store's rows were written without a store scope: "
_OPTION = "store_scope"
_touched: ContextVar[set[int] | None] = ContextVar("touched_stores", default=None)


class StoreOwned:
    """Mixin for rows that belong to one store."""

    @declared_attr
    def store_id(cls) -> Mapped[int]:
        return mapped_column(BigId, ForeignKey("store.id"), index=True)


S = TypeVar("S", bound="Select[*tuple[Any, ...]] | Update | Delete")
M = TypeVar("M", bound=StoreOwned)


def within(statement: S, actor: Actor, permission: Permission, *owned: type[StoreOwned]) -> S:
    """Limit a statement to the stores where the actor holds the permission; name the models it starts from."""
    if not owned:
        raise ValueError("name the model that carries the store")
    ids = actor.stores_with(permission)
    limited: Any = statement
    for model in owned:
        limited = limited.where(model.store_id.in_(ids))
    return cast(S, limited.execution_options(**{_OPTION: ids}))


def in_store(statement: S, store_id: int, *owned: type[StoreOwned]) -> S:
    """Limit a statement to one store that was already found through the scope (services, imports)."""
    if not owned:
        raise ValueError("name the model that carries the store")
    limited: Any = statement
    for model in owned:
        limited = limited.where(model.store_id == store_id)
    return cast(S, limited.execution_options(**{_OPTION: (store_id,)}))


def in_stores_given(statement: S, model: type[StoreOwned]) -> S:
    """A statement that is built once: it is run with `stores`, which come from `actor.stores_with(…)`."""
    limited: Any = statement.where(model.store_id.in_(bindparam("stores", expanding=True)))
    return cast(S, limited.execution_options(**{_OPTION: ()}))


def in_store_given(statement: S, model: type[StoreOwned]) -> S:
    """A statement that is built once: it is run with the `store_id` of a store that was found through the scope."""
    limited: Any = statement.where(model.store_id == bindparam("store_id"))
    return cast(S, limited.execution_options(**{_OPTION: ()}))


def of_found(statement: S) -> S:
    """The door for a service that is given the id of a row which its caller found through the scope.

    Each use is listed in tests/core/test_guards.py; where a store is at hand, `in_store` limits the statement itself.
    """
    return cast(S, statement.execution_options(**{_OPTION: ()}))


def found(model: type[M], row_id: int, store_id: int) -> M:
    """One row, by id, of a store that was already found through the scope; what the session holds is not read again.

    A SELECT would give the row that is held, as it is.  Raises NoResultFound, also where it is another store's.
    """
    held = db.session.identity_map.get(inspect(model).identity_key_from_primary_key((row_id,)))
    if held is not None and not inspect(held).expired and held.store_id == store_id:
        return cast(M, held)
    statement = select(model).where(model.id == row_id)  # type: ignore[attr-defined]
    return db.session.scalars(in_store(statement, store_id, model)).one()


def load(model: type[M], row_id: int, actor: Actor, permission: Permission, *, lock: str = "") -> M:
    """One row by id, or NotFound: also when it exists in a store where the actor may not even look.

    Where the actor may look (`order:read`) but not do this, it is NotAllowed.  `lock="update"` locks it on PostgreSQL;
    on SQLite the command holds the write lock already.
    """
    given = {"row_id": row_id, "stores": actor.stores_with(Permission.ORDER_READ)}
    statement = _by_id(model, is_locked=bool(lock))  # type: ignore[arg-type]  # mypy takes no type[M] as hashable
    row: M | None = db.session.scalars(statement, given).one_or_none()
    if row is None:
        raise NotFound("There is no such thing here.")
    touch(row.store_id)
    require(actor, permission, row.store_id)
    return row


@cache
def _by_id(model: Any, *, is_locked: bool) -> Select[Any]:
    statement = in_stores_given(select(model).where(model.id == bindparam("row_id")), model)
    if is_locked:
        # NO KEY UPDATE: rows of others that refer to this one must not wait, or two writers wait in a circle.
        return statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    return statement


@contextmanager
def touched() -> Iterator[set[int]]:
    """The stores that the block read a row of by id, or left an event in; a block around it learns them too."""
    found: set[int] = set()
    outer = _touched.get()
    token = _touched.set(found)
    try:
        yield found
    finally:
        _touched.reset(token)
        if outer is not None:
            outer |= found


def touch(store_id: int) -> None:
    """Note that what is under way is about this store."""
    found = _touched.get()
    if found is not None:
        found.add(store_id)


@cache
def _owned(_models: int) -> frozenset[str]:
    """The tables whose rows belong to a store; looked for again whenever there is another model."""
    return frozenset(getattr(model, "__tablename__", "") for model in StoreOwned.__subclasses__())


@event.listens_for(Session, "do_orm_execute")
def _scope_is_never_missing(state: ORMExecuteState) -> None:
    if _OPTION in state.execution_options or state.is_column_load or state.is_relationship_load:
        return
    if not (state.is_select or state.is_update or state.is_delete):
        return
    missing = MISSING if state.is_select else UNLIMITED
    # The whole statement is looked through: a count, a join, a subquery reads a store's rows as well.
    owned = _owned(len(StoreOwned.__subclasses__()))
    for part in visitors.iterate(cast(ClauseElement, state.statement)):
        if isinstance(part, Table) and part.name in owned:
            raise RuntimeError(missing + part.name)
