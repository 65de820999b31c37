"""the queue of cases: indexes that carry what it filters by"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"

OPEN = "phase <> 'closed'"
DATED, UNDATED = f"{OPEN} AND due_at IS NOT NULL", f"{OPEN} AND due_at IS NULL"
WAITS = f"{OPEN} AND waiting_for IS NOT NULL"
FILTERS = ("phase", "reason", "waiting_for", "owner_id", "role")
NEW: dict[str, tuple[tuple[str, ...], str]] = {
    "ix_cases_queue": (("store_id", "kind", "due_at", "id", *FILTERS), OPEN),
    "ix_cases_due": (("store_id", "due_at", "id", "kind", *FILTERS), DATED),
    "ix_cases_undated": (("store_id", "id", "kind", *FILTERS), UNDATED),
    "ix_cases_age": (("store_id", "id", "kind", "due_at", *FILTERS), OPEN),
    "ix_cases_waiting": (("store_id", "waiting_for", "due_at", "id", "kind", "phase", "reason", "owner_id", "role"),
                         WAITS),
    "ix_cases_owner": (("owner_id", "store_id", "due_at", "id", "kind", "phase", "reason", "waiting_for", "role"),
                       OPEN),
    "ix_cases_ended": (("store_id", "id", "kind", *FILTERS), "phase = 'closed'"),
}  # fmt: skip
OLD: dict[str, tuple[str, ...]] = {
    "ix_cases_queue": ("store_id", "kind", "id"),
    "ix_cases_owner": ("owner_id", "id"),
    "ix_cases_due": ("store_id", "due_at"),
}


def _where(condition: str) -> dict[str, Any]:
    """Of a partial index, the same on both engines."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    for name in OLD:
        op.drop_index(name, "cases")
    for name, (columns, condition) in NEW.items():
        op.create_index(name, "cases", list(columns), **_where(condition))
    op.drop_index("ix_cases_order", "cases")
    op.create_index("ix_cases_order", "cases", ["order_id", "store_id", "id"])
    op.create_index("ix_cases_register", "cases", ["store_id", "kind", "opened_at", "id"])
    op.create_index("ix_orders_refunding", "orders", ["store_id", "id"], **_where("readiness = 'refunding'"))


def downgrade() -> None:
    op.drop_index("ix_orders_refunding", "orders")
    op.drop_index("ix_cases_register", "cases")
    op.drop_index("ix_cases_order", "cases")
    op.create_index("ix_cases_order", "cases", ["order_id"])
    for name in NEW:
        op.drop_index(name, "cases")
    for name, columns in OLD.items():
        op.create_index(name, "cases", list(columns), **_where(OPEN))
