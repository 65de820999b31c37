"""documents that finance issues for a refund without a case; whether an invoice was sent is asked of the refund"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FILL = "UPDATE invoice_task SET order_id = (SELECT cases.order_id FROM cases WHERE cases.id = invoice_task.case_id)"


def upgrade() -> None:
    op.add_column("refund", sa.Column("invoice_sent", sa.Boolean(), nullable=True))
    op.add_column("invoice_task", sa.Column("order_id", ID, nullable=True))
    op.add_column("invoice_task", sa.Column("refund_id", ID, nullable=True))
    op.execute(FILL)
    with op.batch_alter_table("invoice_task") as table:
        table.alter_column("order_id", existing_type=ID, nullable=False)
        table.alter_column("case_id", existing_type=ID, nullable=True)
        table.create_foreign_key(op.f("fk_invoice_task_order_id_orders"), "orders", ["order_id"], ["id"])
        table.create_foreign_key(op.f("fk_invoice_task_refund_id_refund"), "refund", ["refund_id"], ["id"])
        table.create_unique_constraint(op.f("uq_invoice_task_refund_id_kind"), ["refund_id", "kind"])
        table.create_check_constraint(op.f("ck_invoice_task_one_owner"), "(case_id IS NULL) <> (refund_id IS NULL)")


def downgrade() -> None:
    op.execute("DELETE FROM invoice_task WHERE case_id IS NULL")
    with op.batch_alter_table("invoice_task") as table:
        table.drop_constraint(op.f("ck_invoice_task_one_owner"), type_="check")
        table.drop_constraint(op.f("uq_invoice_task_refund_id_kind"), type_="unique")
        table.drop_constraint(op.f("fk_invoice_task_refund_id_refund"), type_="foreignkey")
        table.drop_constraint(op.f("fk_invoice_task_order_id_orders"), type_="foreignkey")
        table.alter_column("case_id", existing_type=ID, nullable=False)
        table.drop_column("refund_id")
        table.drop_column("order_id")
    op.drop_column("refund", "invoice_sent")
