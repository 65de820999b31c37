"""what a cancel wish takes out of each parcel"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

AT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _parts()


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
