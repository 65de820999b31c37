"""lists are also checked before the truck: what for, and when it left"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # The CHECK stands in the column: SQLite adds such a column without rebuilding the table.
    known = sa.CheckConstraint("purpose IN ('print', 'dispatch')", name=op.f("ck_print_check_purpose_known"))
    op.add_column("print_check", sa.Column("purpose", sa.String(24), known, nullable=False, server_default="print"))
    op.add_column("print_check", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
