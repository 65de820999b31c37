"""Many rows of one table as one value of one statement: two hundred rows cost little more than a handful."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Insert, Table, Text, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.sql import cast as as_type

from shopdesk.core.db import Base, db


def insert_many(model: type[Base], columns: Sequence[str], rows: Sequence[Sequence[int | str | None]]) -> None:
    """Write the rows inside a command; `rows`: whole numbers, texts and members of text enums, in the columns' order.

    Nothing of them enters the session.
    """
    if rows:
        kept = json.dumps(rows, ensure_ascii=False)
        db.session.execute(_statement(model, tuple(columns), db.session.get_bind().dialect.name), {"rows": kept})


@lru_cache(maxsize=64)
def _statement(model: type[Base], columns: tuple[str, ...], engine: str) -> Insert:
    table = cast(Table, model.__table__)
    given: Any = bindparam("rows", type_=Text())
    if engine == "sqlite":
        row: Any = func.json_each(given).table_valued("value").c.value
        cells: list[Any] = [func.json_extract(row, f"$[{place}]") for place in range(len(columns))]
    else:
        row = func.json_array_elements(as_type(given, JSON)).column_valued("row")
        cells = [
            as_type(func.json_extract_path_text(row, str(place)), table.c[name].type)
            for place, name in enumerate(columns)
        ]
    return insert(table).from_select(columns, select(*cells))
