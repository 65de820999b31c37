"""A register leaves the desk as a table: who took it and how much of it stays on record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any

from rustpy_xlsxwriter import FastExcel

from shopdesk.core import audit
from shopdesk.core.db import command
from shopdesk.core.permissions import Actor, Permission, require

MOST_ROWS = 50_000  # of one table
MOST_TEXT = 32_000  # characters of one cell; the format takes 32,767


def table(title: str, names: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> tuple[BytesIO, int]:
    """An .xlsx of text cells alone: whatever a value begins with, it stays what was written.  (file, rows)."""
    columns, count = list(names), 0

    def cells() -> Iterable[dict[str, str]]:
        nonlocal count
        for row in rows:
            count += 1
            yield {name: str(row[name] or "")[:MOST_TEXT] for name in columns}
        if not count:
            yield dict.fromkeys(columns, "")  # else it would have no heads either

    made = BytesIO()
    FastExcel(made, columns=columns).sheet(title[:31], cells()).save()
    made.seek(0)
    return made, count


@command
def note_export(kind: str, count: int, *, actor: Actor) -> None:
    """Put on record that somebody took a register out, in every store of theirs that it may tell of.

    Raises NotAllowed.
    """
    for store_id in actor.stores_with(Permission.CASE_EXPORT):
        require(actor, Permission.CASE_EXPORT, store_id)
        audit.record("register.exported", "store", store_id, actor, store_id=store_id, register=kind, rows=count)
