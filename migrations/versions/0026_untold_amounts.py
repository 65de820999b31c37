"""freight and total that nobody told are unknown, not 0"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

#: Of these orders 0 stood for silence: known from their details alone, or told without what is to be paid.
UNTOLD = """
    UPDATE orders SET
        shipping_minor = CASE WHEN shipping_minor = 0 THEN NULL ELSE shipping_minor END,
        total_minor = CASE WHEN total_minor = 0 THEN NULL ELSE total_minor END
    WHERE source <> 'case' AND (NOT has_list OR (total_minor = 0 AND (paid_minor > 0 OR NOT EXISTS (
        SELECT 1 FROM order_line WHERE order_line.order_id = orders.id AND order_line.share_minor IS NOT NULL))))
"""


def upgrade() -> None:
    with op.batch_alter_table("orders") as table:
        table.alter_column("shipping_minor", existing_type=sa.BigInteger(), nullable=True)
        table.alter_column("total_minor", existing_type=sa.BigInteger(), nullable=True)
    op.execute(UNTOLD)
