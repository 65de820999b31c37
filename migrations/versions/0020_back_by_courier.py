"""what couriers told of a parcel; why a return ended, or a unit was given up; policies keep their words"""

import sqlalchemy as sa
from alembic import op

from shopdesk.core.append_only import append_only, erasable

revision = "0020"
down_revision = "0019"

AT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OUTCOMES = (
    "asked", "turned_round", "refused", "not_delivered", "too_late", "done", "lost", "proof_asked", "proved",
    "disproved", "delivered_after_all", "came_back",
)  # fmt: skip


def upgrade() -> None:
    op.add_column("returns", sa.Column("ended_why", sa.Text(), nullable=True))
    op.add_column("return_line", sa.Column("given_up_why", sa.Text(), nullable=True))
    _courier_word()
    append_only("return_policy", ["id", "store_id", "from_at", "days", "condition", "freight", "made_by_id"])
    erasable("return_policy", "receiver")


def _courier_word() -> None:
    listed = ", ".join(f"'{outcome}'" for outcome in OUTCOMES)
    op.create_table(
        "courier_word",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("parcel_id", ID, nullable=False),
        sa.Column("outcome", sa.String(24), nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("return_id", sa.BigInteger(), nullable=True),
        sa.Column("told_by_id", ID, nullable=True),
        sa.Column("told_at", AT, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint(f"outcome IN ({listed})", name=op.f("ck_courier_word_outcome_known")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_courier_word_case_id_cases")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_courier_word_parcel_id_parcel")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_courier_word_store_id_store")),
        sa.ForeignKeyConstraint(["told_by_id"], ["person.id"], name=op.f("fk_courier_word_told_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courier_word")),
    )
    op.create_index("ix_courier_word_case", "courier_word", ["case_id", "id"])
    op.create_index(op.f("ix_courier_word_parcel_id"), "courier_word", ["parcel_id"])
    op.create_index(op.f("ix_courier_word_store_id"), "courier_word", ["store_id"])
    append_only("courier_word", ["id", "store_id", "case_id", "parcel_id", "outcome", "told_by_id", "told_at"])
    erasable("courier_word", "said")
