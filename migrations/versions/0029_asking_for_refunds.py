"""refunds of cases and changes: what they wait for is set aside; why a fee is kept"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("refund") as table:
        table.add_column(sa.Column("case_id", ID, nullable=True))
        table.add_column(sa.Column("change_id", ID, nullable=True))
        table.create_foreign_key(op.f("fk_refund_case_id_cases"), "cases", ["case_id"], ["id"])
        table.create_foreign_key(op.f("fk_refund_change_id_change"), "change", ["change_id"], ["id"])
    op.create_index("ix_refund_case", "refund", ["case_id"])
    op.create_index("ix_refund_change", "refund", ["change_id"])
    op.add_column("refund_line", sa.Column("reason", sa.Text(), nullable=True))
    with op.batch_alter_table("case_amount") as table:
        table.add_column(sa.Column("reserved_minor", sa.BigInteger(), server_default="0", nullable=False))
        table.drop_constraint(op.f("ck_case_amount_settled_once"), type_="check")
        table.create_check_constraint(
            op.f("ck_case_amount_settled_once"),
            "settled_minor >= 0 AND reserved_minor >= 0 AND settled_minor + reserved_minor <= expected_minor",
        )
    with op.batch_alter_table("case_settlement") as table:
        table.add_column(sa.Column("payout_id", sa.BigInteger(), nullable=True))
        table.create_unique_constraint(op.f("uq_case_settlement_payout_id_part"), ["payout_id", "part"])
    op.add_column("step", sa.Column("refund_id", sa.BigInteger(), nullable=True))
    op.add_column("step", sa.Column("refunded_minor", sa.BigInteger(), server_default="0", nullable=False))
