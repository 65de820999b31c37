"""the case that was opened for the goods of a parcel nobody expected"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("arrival") as table:
        table.add_column(sa.Column("case_id", ID, nullable=True))
        table.create_foreign_key(op.f("fk_arrival_case_id_cases"), "cases", ["case_id"], ["id"])
        table.create_index(op.f("ix_arrival_case_id"), ["case_id"])
