"""Rows on their way into tables: collected by table, handed on in the order of their columns."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from shopdesk.core.db import db

#: What the models would fill in by themselves; bulk inserts go past them.
DEFAULTS: dict[str, dict[str, Any]] = {
    "orders": {"readiness": "ready", "currency": "CNY", "lines_complete": True, "has_list": True, "flag": "none",
               "paid_by_hand_minor": 0},
    "order_line": {
        "kind": "goods", "incomplete": False, "cancelled": 0, "shipped": 0, "in_return": 0, "returned": 0,
        "reserved_minor": 0, "refunded_minor": 0,
    },
    "parcel": {"holds": 0, "papers_version": 1, "version": 1},
    "waybill": {"is_electronic": True, "state": "issued"},
    "change": {"state": "open", "is_applied": True, "version": 1, "column": "unprinted"},
    "step": {
        "state": "open", "ends_hold": False, "after_hold": False, "nudges": 0, "refunded_minor": 0, "by_message": False,
    },
    "hold": {"on_expiry": "keep"},
    "amendment": {"state": "to_do"},
    "notice": {},
}  # fmt: skip
#: Parents before children.
ORDER = (
    "customer", "orders", "order_line", "parcel", "parcel_line", "stage_fact", "waybill", "amendment", "memo", "change",
    "wish", "change_wish", "step", "hold", "notice", "event", "search_key", "search_gram",
)  # fmt: skip
NUMBERED = tuple(name for name in ORDER if name not in {"search_key", "search_gram"})
KEYS = {"search_key": ("store_id", "value", "kind", "order_id"), "search_gram": ("store_id", "gram", "order_id")}


class Rows:
    """Rows by table; ids count up from 1, so that a seed gives the same world on both engines."""

    def __init__(self) -> None:
        self.columns = {n: KEYS.get(n) or tuple(c.name for c in db.metadata.tables[n].columns) for n in ORDER}
        self.waiting: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self.last: dict[str, int] = defaultdict(int)
        self.counts: dict[str, int] = defaultdict(int)

    def add(self, table: str, /, **values: Any) -> int:
        """Collect one row; returns its id."""
        self.last[table] += 1
        row = {**DEFAULTS.get(table, {}), **values, "id": self.last[table]}
        self.waiting[table].append(tuple(map(row.get, self.columns[table])))
        return self.last[table]

    def add_plain(self, table: str, row: tuple[Any, ...]) -> None:
        """Collect a row that is in the order of its columns already."""
        self.waiting[table].append(row)

    def take(self) -> list[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]]:
        """What was collected since the last time: (table, columns, rows), parents first."""
        taken = [(n, self.columns[n], self.waiting.pop(n)) for n in ORDER if n in self.waiting]
        for name, _, rows in taken:
            self.counts[name] += len(rows)
        return taken
