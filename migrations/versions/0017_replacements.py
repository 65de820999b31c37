"""goods going out again: exchanges, reships, goods sent back"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

AT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LINKS = ("merged", "split", "exchange", "reship", "send_back", "difference", "reordered")


def _where(condition: str) -> dict[str, Any]:
    """Of a partial index, the same on both engines."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    _links()
    _replacement()
    _replacement_line()


def _links() -> None:
    with op.batch_alter_table("order_link") as table:
        table.alter_column("parcel_id", existing_type=sa.BigInteger(), nullable=True)
        table.drop_constraint(op.f("ck_order_link_kind_known"), type_="check")
        listed = ", ".join(f"'{kind}'" for kind in LINKS)
        table.create_check_constraint(op.f("ck_order_link_kind_known"), f"kind IN ({listed})")


def _replacement() -> None:
    op.create_table(
        "replacement",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("outbound_id", ID, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("waits_for_goods", sa.Boolean(), nullable=False),
        sa.Column("return_id", ID, nullable=True),
        sa.Column("due_at", AT, nullable=True),
        sa.Column("difference_minor", sa.BigInteger(), nullable=False),
        sa.Column("settled_how", sa.String(24), nullable=True),
        sa.Column("settled_order_id", ID, nullable=True),
        sa.Column("settled_reference", sa.String(64), nullable=True),
        sa.Column("settled_by_id", ID, nullable=True),
        sa.Column("settled_at", AT, nullable=True),
        sa.Column("made_by_id", ID, nullable=True),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("released_at", AT, nullable=True),
        sa.Column("cancelled_at", AT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint("kind IN ('exchange', 'reship', 'send_back')", name=op.f("ck_replacement_kind_known")),
        sa.CheckConstraint(
            "settled_how IN ('linked_order', 'payment', 'waived')", name=op.f("ck_replacement_settled_how_known")
        ),
        sa.CheckConstraint("state IN ('waiting', 'released', 'cancelled')", name=op.f("ck_replacement_state_known")),
        sa.CheckConstraint(
            "(settled_how IS NULL) = (settled_at IS NULL)", name=op.f("ck_replacement_settled_has_time")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_replacement_case_id_cases")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_replacement_made_by_id_person")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_replacement_order_id_orders")),
        sa.ForeignKeyConstraint(["outbound_id"], ["orders.id"], name=op.f("fk_replacement_outbound_id_orders")),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"], name=op.f("fk_replacement_return_id_returns")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["person.id"], name=op.f("fk_replacement_settled_by_id_person")),
        sa.ForeignKeyConstraint(
            ["settled_order_id"], ["orders.id"], name=op.f("fk_replacement_settled_order_id_orders")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_replacement_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replacement")),
        sa.UniqueConstraint("outbound_id", name=op.f("uq_replacement_outbound_id")),
    )
    op.create_index("ix_replacement_case", "replacement", ["case_id"])
    op.create_index("ix_replacement_order", "replacement", ["order_id"])
    op.create_index(op.f("ix_replacement_store_id"), "replacement", ["store_id"])
    op.create_index("ix_replacement_waiting", "replacement", ["store_id", "id"], **_where("state = 'waiting'"))


def _replacement_line() -> None:
    op.create_table(
        "replacement_line",
        sa.Column("id", ID, nullable=False),
        sa.Column("replacement_id", ID, nullable=False),
        sa.Column("line_id", ID, nullable=False),
        sa.Column("outbound_line_id", ID, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("worth_minor", sa.BigInteger(), nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_replacement_line_quantity_positive")),
        sa.CheckConstraint("worth_minor >= 0", name=op.f("ck_replacement_line_worth_not_negative")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_replacement_line_line_id_order_line")),
        sa.ForeignKeyConstraint(
            ["outbound_line_id"], ["order_line.id"], name=op.f("fk_replacement_line_outbound_line_id_order_line")
        ),
        sa.ForeignKeyConstraint(
            ["replacement_id"], ["replacement.id"], name=op.f("fk_replacement_line_replacement_id_replacement")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_replacement_line_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replacement_line")),
        sa.UniqueConstraint(
            "replacement_id", "outbound_line_id", name=op.f("uq_replacement_line_replacement_id_outbound_line_id")
        ),
    )
    op.create_index("ix_replacement_line_line", "replacement_line", ["line_id"])
    op.create_index(op.f("ix_replacement_line_store_id"), "replacement_line", ["store_id"])
