"""what a cancel wish takes out of each parcel; refund applications that the platform told"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0010"

STATES = "state IN ('applied', 'withdrawn', 'refunded')"
RUNNING = "state = 'applied' AND line_id IS NOT NULL"
AT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _parts()
    _applications()


def _applications() -> None:
    op.create_table(
        "refund_application",
        sa.Column("id", ID, nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("line_id", ID, nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("told", sa.String(length=64), nullable=True),
        sa.Column("as_of", AT, nullable=False),
        sa.Column("due_at", AT, nullable=True),
        sa.Column("first_told_at", AT, nullable=False),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("alarmed_at", AT, nullable=True),
        sa.Column("change_id", ID, nullable=True),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint(STATES, name=op.f("ck_refund_application_state_known")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_refund_application_order_id_orders")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_refund_application_line_id_order_line")),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_refund_application_change_id_change")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_refund_application_case_id_cases")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_refund_application_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_application")),
    )
    op.create_index("ix_refund_application_order", "refund_application", ["order_id", "line_id", "id"])
    op.create_index("ix_refund_application_change", "refund_application", ["change_id"])
    op.create_index(op.f("ix_refund_application_store_id"), "refund_application", ["store_id"])
    op.create_index(
        "uq_refund_application_running", "refund_application", ["order_id", "line_id"], unique=True,
        sqlite_where=sa.text(RUNNING), postgresql_where=sa.text(RUNNING),
    )  # fmt: skip


def _parts() -> None:
    op.create_table(
        "cancel_part",
        sa.Column("id", ID, nullable=False),
        sa.Column("change_id", ID, nullable=False),
        sa.Column("wish_id", ID, nullable=False),
        sa.Column("line_id", ID, nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=True),
        sa.Column("has_left", sa.Boolean(), nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint("taken >= 0 AND taken <= units", name=op.f("ck_cancel_part_taken_once")),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_cancel_part_change_id_change")),
        sa.ForeignKeyConstraint(["wish_id"], ["wish.id"], name=op.f("fk_cancel_part_wish_id_wish")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_cancel_part_line_id_order_line")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_cancel_part_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancel_part")),
        sa.UniqueConstraint("change_id", "wish_id", "line_id", name=op.f("uq_cancel_part_change_id_wish_id_line_id")),
    )
    op.create_index("ix_cancel_part_line", "cancel_part", ["line_id"])
    op.create_index(op.f("ix_cancel_part_store_id"), "cancel_part", ["store_id"])
