"""stops, the answers of their customers, and when the expiry of a hold was dealt with"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

AT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SCOPES = "scope IN ('sku', 'region', 'batch')"
EXPIRY = "on_expiry IN ('keep', 'ship_as_changed', 'ship_as_ordered')"
REPLIES = "reply IN ('wait', 'cancel', 'other')"


def upgrade() -> None:
    op.add_column("hold", sa.Column("expired_at", AT, nullable=True))
    op.create_index("ix_hold_cause", "hold", ["cause", "cause_id"])
    op.create_index("ix_hold_due", "hold", ["store_id", "expired_at", "expires_at"])
    _stops()
    _answers()


def _stops() -> None:
    op.create_table(
        "stop",
        sa.Column("id", ID, nullable=False),
        sa.Column("scope", sa.String(length=24), nullable=False),
        sa.Column("sku", sa.String(length=128), nullable=True),
        sa.Column("carrier", sa.String(length=64), nullable=True),
        sa.Column("region", sa.String(length=200), nullable=True),
        sa.Column("batch_id", ID, nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("phrase", sa.Text(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("made_by_id", ID, nullable=True),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("on_expiry", sa.String(length=24), nullable=False),
        sa.Column("expired_at", AT, nullable=True),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("ended_by_id", ID, nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint(SCOPES, name=op.f("ck_stop_scope_known")),
        sa.CheckConstraint(EXPIRY, name=op.f("ck_stop_on_expiry_known")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_stop_batch_id_batch")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_stop_made_by_id_person")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_stop_ended_by_id_person")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_stop_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stop")),
    )
    op.create_index("ix_stop_active", "stop", ["store_id", "ended_at", "id"])
    op.create_index(op.f("ix_stop_store_id"), "stop", ["store_id"])


def _answers() -> None:
    op.create_table(
        "stop_answer",
        sa.Column("id", ID, nullable=False),
        sa.Column("stop_id", ID, nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("reply", sa.String(length=24), nullable=False),
        sa.Column("answered_at", AT, nullable=False),
        sa.Column("answered_by_id", ID, nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint(REPLIES, name=op.f("ck_stop_answer_reply_known")),
        sa.ForeignKeyConstraint(["stop_id"], ["stop.id"], name=op.f("fk_stop_answer_stop_id_stop")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_stop_answer_order_id_orders")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_stop_answer_answered_by_id_person")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_stop_answer_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stop_answer")),
        sa.UniqueConstraint("stop_id", "order_id", name=op.f("uq_stop_answer_stop_id_order_id")),
    )
    op.create_index(op.f("ix_stop_answer_store_id"), "stop_answer", ["store_id"])
