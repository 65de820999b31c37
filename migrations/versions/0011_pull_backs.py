"""recalls that were found, pull-backs with their time, the holds that are open"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0008"

AT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("recall") as recall:
        recall.add_column(sa.Column("until", AT, nullable=True))
        recall.add_column(sa.Column("found_at", AT, nullable=True))
        recall.add_column(sa.Column("found_by_id", ID, nullable=True))
        recall.create_foreign_key(op.f("fk_recall_found_by_id_person"), "person", ["found_by_id"], ["id"])
    op.create_index(
        "ix_hold_open", "hold", ["store_id", "expires_at"], sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
