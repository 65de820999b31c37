"""recalls of papers and parcels, the version of printed papers, notices of recalls"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = "state IN ('requested', 'handed_out')"
STATES = ("requested", "handed_out", "taken_back", "destroyed", "booked_in", "called_off", "too_late")
NOTICES = ("change", "stage", "recall", "void", "memo", "alarm", "too_late", "contradiction")


def upgrade() -> None:
    op.create_table(
        "recall",
        sa.Column("id", ID, nullable=False),
        sa.Column("parcel_id", ID, nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_out_by_id", ID, nullable=True),
        sa.Column("handed_to_id", ID, nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", ID, nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint("kind IN ('papers', 'parcel')", name=op.f("ck_recall_kind_known")),
        sa.CheckConstraint(f"state IN ({_listed(STATES)})", name=op.f("ck_recall_state_known")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_recall_ended_by_id_person")),
        sa.ForeignKeyConstraint(["handed_out_by_id"], ["person.id"], name=op.f("fk_recall_handed_out_by_id_person")),
        sa.ForeignKeyConstraint(["handed_to_id"], ["person.id"], name=op.f("fk_recall_handed_to_id_person")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_recall_parcel_id_parcel")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_recall_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall")),
    )
    op.create_index(op.f("ix_recall_store_id"), "recall", ["store_id"])
    op.create_index("ix_recall_parcel", "recall", ["parcel_id"])
    op.create_index("ix_recall_change", "recall", ["change_id"])
    op.create_index("ix_recall_open", "recall", ["store_id", "state", "id"])
    op.create_index(
        "uq_recall_open", "recall", ["parcel_id", "change_id", "kind"], unique=True, sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )  # fmt: skip
    op.add_column("parcel", sa.Column("papers_version", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("notice") as batch:
        batch.drop_constraint(op.f("ck_notice_kind_known"), type_="check")
        batch.create_check_constraint(op.f("ck_notice_kind_known"), f"kind IN ({_listed(NOTICES)})")


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)
