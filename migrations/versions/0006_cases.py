"""cases: what is wished about a parcel that has left"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = ("intercept", "trace", "extend_receipt", "damage", "reship", "exchange", "return", "refund_only", "dispute",
         "delivery_failure", "compensation", "not_received", "invoice")  # fmt: skip
KNOWN = {
    "kind": KINDS,
    "goal": ("return", "redirect", "phone", "hold_at_station"),
    "source": ("asked", "too_late", "platform"),
    "phase": ("communicate", "closed"),
    "role": ("after_sale", "finance"),
}
REFERS = {"store_id": "store", "order_id": "orders", "parcel_id": "parcel", "opened_by_id": "person",
          "owner_id": "person", "closed_by_id": "person"}  # fmt: skip


def _known(column: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in KNOWN[column])
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_cases_{column}_known"))


def _refers(column: str) -> sa.ForeignKeyConstraint:
    table = REFERS[column]
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_cases_{column}_{table}"))


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.String(24), nullable=True),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("parcel_id", ID, nullable=True),
        sa.Column("change_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("goal", sa.String(24), nullable=True),
        sa.Column("source", sa.String(24), nullable=False),
        sa.Column("phase", sa.String(24), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("opened_by_id", ID, nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", ID, nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", ID, nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("store_id", ID, nullable=False),
        *(_known(column) for column in KNOWN),
        sa.CheckConstraint("(kind = 'intercept') = (goal IS NOT NULL)", name=op.f("ck_cases_goal_of_intercept")),
        sa.CheckConstraint("(phase = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_cases_closed_has_time")),
        sa.CheckConstraint("(owner_id IS NULL) = (accepted_at IS NULL)", name=op.f("ck_cases_owner_has_accepted")),
        *(_refers(column) for column in REFERS),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
    )
    for name, columns in {
        "ix_cases_inbox": ["store_id", "phase", "owner_id", "id"],
        "ix_cases_order": ["order_id"],
        "ix_cases_parcel_id": ["parcel_id"],
        "ix_cases_store_id": ["store_id"],
    }.items():
        op.create_index(name, "cases", columns)
    once = sa.text("change_id IS NOT NULL")
    op.create_index("uq_cases_change", "cases", ["change_id"], unique=True, sqlite_where=once, postgresql_where=once)
