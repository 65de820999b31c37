"""`column IN (a long list)` as one value and one text, however long the list is.

A place for each value makes a text of thousands of characters, which driver and database read anew at each length; that
took longer than finding the rows (docs/performance.md).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Text, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator


class WholeList(TypeDecorator[Any]):
    """A list of ids or of plain texts: JSON for SQLite, the text of an array for PostgreSQL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        if dialect.name == "sqlite":
            return json.dumps(list(value), ensure_ascii=False)
        return "{" + ",".join(map(_in_array, value)) + "}"


def _in_array(value: int | str) -> str:
    if not isinstance(value, str):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class _Among(FunctionElement[bool]):
    inherit_cache = True
    type = Boolean()

    def self_group(self, against: Any = None) -> Any:
        """It is a condition as it stands: the usual `… = 1` for SQLite would keep every index from it."""
        return self


def among(column: Any, values: str | Sequence[Any]) -> ColumnElement[bool]:
    """Whether the column's value is in the list; `values`: the list, or the name that it will be given under."""
    kind = WholeList()
    return _Among(column, bindparam(values, type_=kind) if isinstance(values, str) else bindparam(None, values, kind))


@compiles(_Among, "sqlite")
def _of_json(element: _Among, compiler: Any, **kwargs: Any) -> str:
    column, given = (compiler.process(part, **kwargs) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({given}))"  # noqa: S608 names of our own


@compiles(_Among, "postgresql")
def _of_array(element: _Among, compiler: Any, **kwargs: Any) -> str:
    column, given = (compiler.process(part, **kwargs) for part in element.clauses)
    kind = compiler.dialect.type_compiler_instance.process(next(iter(element.clauses)).type)
    return f"{column} = ANY (CAST({given} AS {kind}[]))"
