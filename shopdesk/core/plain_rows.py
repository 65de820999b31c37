"""A statement compiled once for each dialect and run by the driver itself: the hot paths' shortest way to rows.

SQLAlchemy takes five times as long as the driver to run a small statement (docs/performance.md).  What it knows stays
in use: its SQL, its types on the way in and out, its session's connection and transaction, its errors.  ADR 0012.
"""

from __future__ import annotations

import itertools
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import BindParameter, CompoundSelect, Connection, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.visitors import cloned_traverse

from shopdesk.core import beside
from shopdesk.core.among import WholeList
from shopdesk.core.beside import Beside
from shopdesk.core.db import db, in_command

Statement = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]
Convert = Callable[[Any], Any]
FEW = 4  # rows
LEAST = 8  # places of a list of several values
Key = tuple[str, tuple[tuple[str, int], ...]]


@dataclass(frozen=True, slots=True)
class _Text:
    """The statement for one dialect and one length of each list."""

    sql: str
    written: dict[str, Any]  # constants that compiling added (SQLite's OFFSET 0)
    lists: Mapping[str, Sequence[str]]  # a list's name → the names of its places
    into: Mapping[str, Convert | None]  # what a value goes through on its way in, by its name and by its places
    places: Sequence[str] | None  # the names in order, where the driver takes values by place
    out: list[tuple[int, Convert]]  # what a column goes through on its way out


class PlainRows:
    """One statement.  Its values are named by `bindparam`, its lists by `bindparam(…, expanding=True)`, long ones by
    `core.among`.

    Rows are named tuples; of two columns of one name the first keeps it.  An empty list finds nothing.
    """

    def __init__(self, statement: Statement) -> None:
        self.statement, self._whole = _with_constants(statement)
        keys = [column.key or "_" for column in statement.selected_columns]
        self._make: Callable[[Iterable[Any]], Any] = partial(tuple.__new__, namedtuple("Row", keys, rename=True))
        self._texts: dict[Key, _Text] = {}

    def rows(self, **values: Any) -> list[Any]:
        sizes = []
        for name, value in values.items():
            if isinstance(value, list | tuple):
                if not value:
                    return []
                if name in self._whole:
                    continue
                values[name] = _padded(value)
                sizes.append((name, len(values[name])))
        connection = _connection()
        key = (connection.dialect.name, tuple(sizes))
        text = self._texts.get(key) or self._texts.setdefault(key, self._text(connection.dialect, values))
        return self._shaped(fetched(connection, text.sql, _given(text, values)), text.out)

    def _shaped(self, rows: list[Any], out: list[tuple[int, Convert]]) -> list[Any]:
        if len(rows) > FEW:  # column by column: what is done for each row is done in C
            columns: list[Any] = list(zip(*rows, strict=True))
            for place, convert in out:
                columns[place] = map(convert, columns[place])
            return list(map(self._make, zip(*columns, strict=True)))
        made = []
        for row in rows:
            cells = list(row)
            for place, convert in out:
                cells[place] = convert(cells[place])
            made.append(self._make(cells))
        return made

    def _text(self, dialect: Dialect, values: dict[str, Any]) -> _Text:
        """`values` give the lengths of lists, nothing else of them is kept."""
        compiled = self.statement.compile(dialect=dialect)
        state = compiled.construct_expanded_state(values)
        into = _into_of(compiled.binds, dialect)
        given = {*values, *itertools.chain(*(state.parameter_expansion.get(name, ()) for name in values))}
        into |= {place: into[name] for name, places in state.parameter_expansion.items() for place in places}
        return _Text(
            sql=state.statement,
            written={name: value for name, value in state.parameters.items() if name not in given},
            lists=state.parameter_expansion,
            into=into,
            places=state.positiontup,
            out=_out_of(self.statement, dialect),
        )


def _connection() -> Connection | Beside:
    """The request's own beside the session, else the session's."""
    found = beside.current()
    return _of_session() if found is None or in_command() else found


def _of_session() -> Connection:
    """Asked for once in a transaction: each asking takes as long as a small statement."""
    session = db.session()
    under_way, known = session.info.get("plain_rows", (None, None))
    transaction = session.get_transaction()
    if known is None or transaction is None or transaction is not under_way:
        known = session.connection()
        session.info["plain_rows"] = session.get_transaction(), known
    return known


def fetched(connection: Connection | Beside, sql: str, values: Any) -> list[Any]:
    """All rows.  Raises SQLAlchemy's errors, as its own statements do; a lost connection leaves the pool."""
    proxied = connection.connection
    cursor = proxied.cursor()
    try:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
    except connection.dialect.loaded_dbapi.Error as error:
        lost = connection.dialect.is_disconnect(error, proxied.driver_connection, cursor)
        if lost:
            connection.invalidate(error)
        base = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(  # without the values: they may be personal
            sql, None, error, base, connection_invalidated=lost, dialect=connection.dialect
        ) from error
    finally:
        cursor.close()


def _given(text: _Text, values: dict[str, Any]) -> Any:
    given = dict(text.written)
    for name, value in values.items():
        convert, places = text.into[name], text.lists.get(name)
        if places is not None:
            given.update(zip(places, value if convert is None else map(convert, value), strict=True))
        else:
            given[name] = value if convert is None else convert(value)
    return [given[name] for name in text.places] if text.places is not None else given


def _with_constants(statement: Statement) -> tuple[Statement, frozenset[str]]:
    """Values that stand in the statement become part of its text; and the names of lists that stay one value.

    A partial index is found by them, and SQLite would prepare the statement anew whenever one of them is bound.
    """
    whole = set()

    def render(bind: BindParameter[Any]) -> None:
        bind.literal_execute = not bind.required
        if isinstance(bind.type, WholeList):
            whole.add(bind.key)

    return cloned_traverse(statement, {}, {"bindparam": render}), frozenset(whole)


def _into_of(binds: Mapping[str, BindParameter[Any]], dialect: Dialect) -> dict[str, Convert | None]:
    return {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}


def _out_of(statement: Statement, dialect: Dialect) -> list[tuple[int, Convert]]:
    found: list[tuple[int, Convert]] = []
    for place, column in enumerate(statement.selected_columns):
        convert = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if convert:
            found.append((place, convert))
    return found


def _padded(values: Sequence[Any]) -> Sequence[Any]:
    """Its last value again up to LEAST, then to the next power of two: an IN knows no difference.

    One alone stays alone.  So few texts serve all lengths: each is planned anew in each connection to PostgreSQL.
    """
    if len(values) == 1:
        return values
    missing = max(LEAST, 1 << (len(values) - 1).bit_length()) - len(values)
    return [*values, *([values[-1]] * missing)]
