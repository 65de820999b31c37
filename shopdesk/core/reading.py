"""Statements of the hot paths: built once, limited to stores by construction, answered as plain rows.

Building a statement and loading objects cost several times what the database needs (docs/performance.md).  Whoever
reads here gets values to show; what is to be changed is loaded by `core.scope.load` inside its command.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, bindparam, select, union_all

from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.plain_rows import PlainRows

Statement = Select[*tuple[Any, ...]]
MOST_BRANCHES = 120  # of one statement; SQLite takes 500


def columns(*models: Any) -> list[Any]:
    """Every column of the models, for `select`; `records` takes their rows apart again."""
    return [getattr(model, column.key) for model in models for column in model.__table__.columns]


def records(*models: Any, start: int = 0) -> list[Any]:
    """One maker per model: the part of a row that is the model's, its attributes under their own names.

    `start`: how many columns stand before the first model's.
    """
    made = []
    for model in models:
        keys = [column.key for column in model.__table__.columns]
        made.append(_maker(namedtuple(f"{model.__name__}Row", keys), slice(start, start + len(keys))))
        start += len(keys)
    return made


def _maker(kind: Any, part: slice) -> Any:
    return lambda row: kind._make(row[part])


class Reading:
    """One statement; `stores` are the columns in it that say whose row it is.  Values are named by `bindparam`."""

    def __init__(self, statement: Statement, *stores: Any) -> None:
        if not stores:
            raise ValueError("name the column that says whose row it is")
        for column in stores:
            statement = statement.where(column.in_(bindparam("stores", expanding=True)))
        self.plain = PlainRows(statement)

    def rows(self, actor: Actor, permission: Permission, **values: Any) -> Sequence[Any]:
        """From the stores where the actor holds the permission."""
        return self._run(actor.stores_with(permission), values)

    def in_store(self, store_id: int, **values: Any) -> Sequence[Any]:
        """From one store that was already found through the scope."""
        return self._run((store_id,), values)

    def _run(self, stores: tuple[int, ...], values: dict[str, Any]) -> Sequence[Any]:
        if not stores:
            return []
        return self.plain.rows(**values, stores=stores)


class FirstOfEach:
    """The first rows of each statement in each store, each straight from an index that begins with the store.

    One `store_id IN (…) ORDER BY …` would sort everything that matches; this reads `most` rows a branch, however many
    there are.  Rows come unordered; the caller ranks them.
    """

    def __init__(self, store: Any, *statements: Statement) -> None:
        self.store, self.statements = store, statements
        self.most_branches = MOST_BRANCHES
        self.built: dict[int, PlainRows] = {}

    def rows(self, actor: Actor, permission: Permission, *, most: int, **values: Any) -> list[Any]:
        stores = actor.stores_with(permission)
        found: list[Any] = []
        size = max(1, self.most_branches // len(self.statements))
        for start in range(0, len(stores), size):
            part = stores[start : start + size]
            named = {f"store_{i}": store_id for i, store_id in enumerate(part)}
            found += self._of(len(part)).rows(**values, **named, most=most)
        return found

    def _of(self, count: int) -> PlainRows:
        if count not in self.built:
            branches = (self._branch(s, i) for i in range(count) for s in self.statements)
            self.built[count] = PlainRows(union_all(*branches))
        return self.built[count]

    def _branch(self, statement: Statement, place: int) -> Statement:
        mine = statement.where(self.store == bindparam(f"store_{place}")).limit(bindparam("most"))
        return select(*mine.subquery().c)
