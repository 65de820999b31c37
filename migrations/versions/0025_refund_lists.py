"""what the platform's own refund lists tell"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("cases", sa.Column("platform_kind", sa.String(24), nullable=True))
    op.add_column("refund_application", sa.Column("platform_number", sa.String(64), nullable=True))
    op.add_column("refund_application", sa.Column("amount_minor", sa.BigInteger(), nullable=True))
    op.create_index("ix_refund_application_number", "refund_application", ["store_id", "platform_number"])
