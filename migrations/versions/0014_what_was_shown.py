"""a check row keeps what the clerk was shown of its parcel"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    # NULL: a list of before.  It is printed after it was checked again.
    op.add_column("print_check_row", sa.Column("shown", sa.String(length=32), nullable=True))
