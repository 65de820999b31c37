"""units and money of a case by line, exceptions, what an exchange is worth"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

AT = sa.DateTime(timezone=True)
CASE_LINE = {"refunding": sa.Integer, "replacing": sa.Integer, "refund_minor": sa.BigInteger,
             "refunded_minor": sa.BigInteger, "credit_minor": sa.BigInteger}  # fmt: skip


def upgrade() -> None:
    with op.batch_alter_table("case_line") as batch:
        for name, kind in CASE_LINE.items():
            batch.add_column(sa.Column(name, kind(), nullable=False, server_default="0"))
        batch.create_check_constraint(
            op.f("ck_case_line_resolved_once"),
            "refunding >= 0 AND replacing >= 0 AND refunding + replacing <= quantity",
        )
        batch.create_check_constraint(
            op.f("ck_case_line_refunded_once"), "refunded_minor >= 0 AND refunded_minor <= refund_minor"
        )
        batch.create_check_constraint(
            op.f("ck_case_line_credit_decided"), "credit_minor >= 0 AND credit_minor <= refund_minor"
        )
    op.add_column("case_resolution", sa.Column("exception", sa.Text(), nullable=True))
    op.add_column("case_settlement", sa.Column("taken_back_why", sa.Text(), nullable=True))
    op.add_column("replacement", sa.Column("credited_minor", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("replacement", sa.Column("undone_at", AT, nullable=True))
    op.add_column("replacement", sa.Column("reminded_at", AT, nullable=True))
    op.add_column("replacement", sa.Column("why", sa.Text(), nullable=True))
    op.add_column("replacement_line", sa.Column("is_claimed", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("replacement_line", sa.Column("share_minor", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("replacement_line", sa.Column("credited_minor", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("replacement_line", sa.Column("price_minor", sa.BigInteger(), nullable=True))
