"""who follows a change, reminders, hand-overs, stand-ins"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

AT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ROLES = ("pre_sale", "after_sale", "printing", "warehouse", "finance", "supervisor", "manager")
KIND = "ck_notice_kind_known"


def upgrade() -> None:
    _notices()
    op.add_column("change", sa.Column("follower_id", ID, nullable=True))  # NULL: who asked
    op.add_column("step", sa.Column("person_id", ID, nullable=True))
    op.add_column("step", sa.Column("nudged_at", AT, nullable=True))
    op.add_column("step", sa.Column("nudged_by_id", ID, nullable=True))
    op.add_column("step", sa.Column("nudges", sa.Integer(), nullable=False, server_default="0"))
    _handovers()
    _stand_ins()


def _notices() -> None:
    """One more kind beside those that there are by now; and a notice may be for one person of its role."""
    known = next(c for c in sa.inspect(op.get_bind()).get_check_constraints("notice") if c["name"] == KIND)
    kinds = [*re.findall(r"'(\w+)'", known["sqltext"]), "nudge"]
    with op.batch_alter_table("notice") as batch:
        batch.add_column(sa.Column("person_id", ID, nullable=True))
        batch.drop_constraint(op.f(KIND), type_="check")
        batch.create_check_constraint(op.f(KIND), f"kind IN ({_listed(kinds)})")


def _handovers() -> None:
    op.create_table(
        "handover",
        sa.Column("id", ID, nullable=False),
        sa.Column("change_id", ID, nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("from_id", ID, nullable=True),
        sa.Column("to_id", ID, nullable=False),
        sa.Column("given_by_id", ID, nullable=True),
        sa.Column("given_at", AT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint("role IN ('pre_sale', 'after_sale')", name=op.f("ck_handover_role_known")),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_handover_change_id_change")),
        *(_person("handover", column) for column in ("from_id", "to_id", "given_by_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_handover_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index("ix_handover_change", "handover", ["change_id", "id"])
    op.create_index(op.f("ix_handover_store_id"), "handover", ["store_id"])


def _stand_ins() -> None:
    op.create_table(
        "stand_in",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("until", AT, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("given_by_id", ID, nullable=True),
        sa.Column("given_at", AT, nullable=False),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("ended_by_id", ID, nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint(f"role IN ({_listed(ROLES)})", name=op.f("ck_stand_in_role_known")),
        *(_person("stand_in", column) for column in ("person_id", "given_by_id", "ended_by_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_stand_in_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stand_in")),
    )
    running = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_stand_in_running", "stand_in", ["person_id", "store_id", "role"], unique=True, sqlite_where=running,
        postgresql_where=running,
    )  # fmt: skip
    op.create_index(op.f("ix_stand_in_store_id"), "stand_in", ["store_id"])


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["person.id"], name=op.f(f"fk_{table}_{column}_person"))


def _listed(values: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)
