"""who printed what when, which version of the papers, and why once more"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0012"

AT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PAPERS = "paper IN ('a4', 'label')"
PARTS = "parts IN ('both', 'note', 'slip')"
WHY = "why IN ('torn', 'jammed', 'lost', 'changed', 'other')"


def upgrade() -> None:
    op.create_table(
        "print_run",
        sa.Column("id", ID, nullable=False),
        sa.Column("batch_id", ID, nullable=True),
        sa.Column("paper", sa.String(length=24), nullable=False),
        sa.Column("parts", sa.String(length=24), nullable=False),
        sa.Column("why", sa.String(length=24), nullable=True),
        sa.Column("change_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("made_by_id", ID, nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint(PAPERS, name=op.f("ck_print_run_paper_known")),
        sa.CheckConstraint(PARTS, name=op.f("ck_print_run_parts_known")),
        sa.CheckConstraint(WHY, name=op.f("ck_print_run_why_known")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_print_run_batch_id_batch")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_print_run_made_by_id_person")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_print_run_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_run")),
    )
    op.create_index("ix_print_run_newest", "print_run", ["store_id", "id"])
    op.create_index(op.f("ix_print_run_store_id"), "print_run", ["store_id"])
    op.create_table(
        "printed_parcel",
        sa.Column("id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("parcel_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_printed_parcel_parcel_id_parcel")),
        sa.ForeignKeyConstraint(["run_id"], ["print_run.id"], name=op.f("fk_printed_parcel_run_id_print_run")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_printed_parcel_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printed_parcel")),
        sa.UniqueConstraint("run_id", "parcel_id", name=op.f("uq_printed_parcel_run_id_parcel_id")),
    )
    op.create_index("ix_printed_parcel_parcel", "printed_parcel", ["parcel_id"])
    op.create_index(op.f("ix_printed_parcel_store_id"), "printed_parcel", ["store_id"])
