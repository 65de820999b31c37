"""A trail of one event per order whose chain holds, so that commands can go on writing it."""

from __future__ import annotations

from datetime import datetime

from benchmarks.world.tables import Rows
from shopdesk.core import audit


class Trail:
    """The chains of the stores, as far as they were written."""

    def __init__(self, heads: dict[int, tuple[int, str]]) -> None:
        self.heads = heads

    def add(self, rows: Rows, store_id: int, order_id: int, at: datetime) -> None:
        seq, last = self.heads.get(store_id, (0, audit.GENESIS))
        body = {"outcome": "created"}
        link = {
            "chain": store_id, "seq": seq + 1, "at": at, "action": "order.mirrored", "subject": "order",
            "subject_id": order_id, "order_id": order_id, "actor_id": None, "role": "system", "channel": "system",
            "body_hash": audit._sha(audit.canonical(body)), "prev_hash": last,
        }  # fmt: skip
        link["hash"] = audit._link_hash(link)
        rows.add("event", **link, body=audit.canonical(body))
        self.heads[store_id] = (seq + 1, str(link["hash"]))
