"""what people decided of readiness, apart from what a refund makes of it"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

DECIDED = ("awaiting_review", "awaiting_balance", "pre_sale_until", "out_of_stock", "address_problem", "halted")
KNOWN = ("ready", "unpaid", "refunding", "closed", *DECIDED)


def upgrade() -> None:
    listed = ", ".join(f"'{value}'" for value in KNOWN)
    # The CHECK stands in the column: SQLite adds such a column without rebuilding the table.
    known = sa.CheckConstraint(f"readiness_decided IN ({listed})", name=op.f("ck_orders_readiness_decided_known"))
    op.add_column("orders", sa.Column("readiness_decided", sa.String(24), known, nullable=True))
    orders = sa.table("orders", sa.column("readiness"), sa.column("readiness_decided"))
    op.execute(orders.update().where(orders.c.readiness.in_(DECIDED)).values(readiness_decided=orders.c.readiness))
