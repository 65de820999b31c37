"""receipts of payouts by hand; the platforms' own refunds; what has to be recovered; the clock of red-letter forms"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _receipts()
    _platform_refunds()
    _recoveries()
    _statements()
    op.add_column("invoice_task", sa.Column("confirmation", sa.String(64), nullable=True))
    op.add_column("invoice_task", sa.Column("asked_at", AT, nullable=True))
    op.add_column("invoice_task", sa.Column("confirm_by", AT, nullable=True))


def _receipts() -> None:
    op.create_table(
        "payout_receipt",
        sa.Column("id", ID, nullable=False),
        sa.Column("payout_id", ID, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("added_by_id", ID, nullable=True),
        sa.Column("added_at", AT, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_payout_receipt_added_by_id_person")),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["refund_payment.id"], name=op.f("fk_payout_receipt_payout_id_refund_payment")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_payout_receipt_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_receipt")),
        sa.UniqueConstraint("payout_id", "sha256", name=op.f("uq_payout_receipt_payout_id_sha256")),
    )
    op.create_index(op.f("ix_payout_receipt_store_id"), "payout_receipt", ["store_id"])


def _platform_refunds() -> None:
    op.create_table(
        "platform_refund",
        sa.Column("id", ID, nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("is_paid", sa.Boolean(), nullable=False),
        sa.Column("as_of", AT, nullable=False),
        sa.Column("paid_as_of", AT, nullable=True),
        sa.Column("counts_as", sa.String(24), nullable=False),
        sa.Column("payout_id", ID, nullable=True),
        sa.Column("booked_minor", sa.BigInteger(), nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint(
            "counts_as IN ('nothing', 'payout', 'by_hand', 'outside')", name=op.f("ck_platform_refund_counts_as_known")
        ),
        sa.CheckConstraint("amount_minor >= 0 AND booked_minor >= 0", name=op.f("ck_platform_refund_amounts_known")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_platform_refund_order_id_orders")),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["refund_payment.id"], name=op.f("fk_platform_refund_payout_id_refund_payment")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_platform_refund_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_refund")),
        sa.UniqueConstraint("store_id", "number", name=op.f("uq_platform_refund_store_id_number")),
    )
    op.create_index("ix_platform_refund_order", "platform_refund", ["order_id"])
    op.create_index("ix_platform_refund_payout", "platform_refund", ["payout_id"])
    op.create_index(op.f("ix_platform_refund_store_id"), "platform_refund", ["store_id"])


def _recoveries() -> None:
    op.create_table(
        "recovery",
        sa.Column("id", ID, nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("opened_at", AT, nullable=False),
        sa.Column("reference", sa.String(64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ended_by_id", ID, nullable=True),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'recovered', 'written_off', 'gone')", name=op.f("ck_recovery_state_known")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_recovery_amount_positive")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_recovery_ended_by_id_person")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_recovery_order_id_orders")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_recovery_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
    )
    is_open = sa.text("state = 'open'")
    op.create_index(
        "uq_recovery_open", "recovery", ["order_id"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_index(
        "ix_recovery_waiting", "recovery", ["store_id", "id"], sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_index("ix_recovery_order", "recovery", ["order_id"])
    op.create_index(op.f("ix_recovery_store_id"), "recovery", ["store_id"])


PAID_TO = "destination IN ('platform', 'original', 'alipay', 'bank', 'balance', 'gift_card', 'transfer')"


def _statements() -> None:
    op.create_table(
        "statement",
        sa.Column("id", ID, nullable=False),
        sa.Column("destination", sa.String(24), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("taken_by_id", ID, nullable=True),
        sa.Column("taken_at", AT, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint(PAID_TO, name=op.f("ck_statement_destination_known")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_statement_store_id_store")),
        sa.ForeignKeyConstraint(["taken_by_id"], ["person.id"], name=op.f("fk_statement_taken_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
    )
    op.create_index(op.f("ix_statement_store_id"), "statement", ["store_id"])
    op.create_table(
        "statement_line",
        sa.Column("id", ID, nullable=False),
        sa.Column("statement_id", ID, nullable=False),
        sa.Column("destination", sa.String(24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("number", sa.String(64), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint(PAID_TO, name=op.f("ck_statement_line_destination_known")),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_statement_line_amount_known")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statement.id"], name=op.f("fk_statement_line_statement_id_statement")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_statement_line_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_line")),
        sa.UniqueConstraint(
            "store_id", "destination", "reference", name=op.f("uq_statement_line_store_id_destination_reference")
        ),
    )
    op.create_index("ix_statement_line_day", "statement_line", ["store_id", "destination", "day"])
    op.create_index(op.f("ix_statement_line_store_id"), "statement_line", ["store_id"])
    op.create_table(
        "difference_answer",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(96), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("at", AT, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_difference_answer_by_id_person")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_difference_answer_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_difference_answer")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_difference_answer_store_id_key")),
    )
    op.create_index(op.f("ix_difference_answer_store_id"), "difference_answer", ["store_id"])
