"""all that is sent with a payout's number is frozen; one proof for one payout; counter notes; parts of notes by hand"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _payouts()
    _credit_notes()
    _notes_by_hand()


def _payouts() -> None:
    with op.batch_alter_table("refund_payment") as batch:
        batch.add_column(sa.Column("payment_reference", sa.String(64), nullable=True))
        batch.add_column(sa.Column("captured_minor", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("paid_minor", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("rest_of_id", ID, nullable=True))
        batch.add_column(sa.Column("evidence", sa.String(64), nullable=True))
        batch.add_column(sa.Column("follow_up", sa.String(24), nullable=True))
        batch.add_column(sa.Column("followed_up_by_id", ID, nullable=True))
        batch.add_column(sa.Column("followed_up_at", AT, nullable=True))
        batch.create_foreign_key(
            op.f("fk_refund_payment_followed_up_by_id_person"), "person", ["followed_up_by_id"], ["id"]
        )
        batch.create_foreign_key(
            op.f("fk_refund_payment_rest_of_id_refund_payment"), "refund_payment", ["rest_of_id"], ["id"]
        )
        batch.create_check_constraint(
            op.f("ck_refund_payment_follow_up_known"), "follow_up IN ('asked_anew', 'nothing_more')"
        )
        batch.create_check_constraint(op.f("ck_refund_payment_paid_positive"), "paid_minor > 0")
    payout = _table("refund_payment", "id", "store_id", "payment_id", "place", "state", "amount_minor",
                    "payment_reference", "captured_minor", "paid_minor", "place_reference", "evidence")  # fmt: skip
    payment = _table("payment", "id", "reference", "captured_minor")
    of_it = payment.c.id == payout.c.payment_id
    op.execute(
        payout.update().values(
            payment_reference=sa.select(payment.c.reference).where(of_it).scalar_subquery(),
            captured_minor=sa.select(payment.c.captured_minor).where(of_it).scalar_subquery(),
            evidence=sa.case((payout.c.state == "failed", payout.c.place_reference), else_=None),
        )
    )
    op.execute(
        payout.update().where(payout.c.state.in_(["succeeded", "reversed"])).values(paid_minor=payout.c.amount_minor)
    )
    earlier = payout.alias()
    again = sa.exists().where(
        earlier.c.store_id == payout.c.store_id, earlier.c.place == payout.c.place,
        earlier.c.place_reference == payout.c.place_reference, earlier.c.id < payout.c.id,
    )  # fmt: skip
    # one proof of two payouts: it stays with the first, and with the others as what was said
    op.execute(payout.update().where(again).values(evidence=payout.c.place_reference, place_reference=None))
    op.execute(payout.update().where(payout.c.state == "failed").values(place_reference=None))
    there = sa.text("place_reference IS NOT NULL")
    op.create_index(
        "uq_refund_payment_reference", "refund_payment", ["store_id", "place", "place_reference"], unique=True,
        sqlite_where=there, postgresql_where=there,
    )  # fmt: skip
    badly = sa.text("state <> 'succeeded'")
    op.create_index(
        "ix_refund_payment_looked_at", "refund_payment", ["store_id", "state", "id"], sqlite_where=badly,
        postgresql_where=badly,
    )  # fmt: skip


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *[sa.column(column) for column in columns])


def _credit_notes() -> None:
    with op.batch_alter_table("credit_note") as batch:
        batch.drop_constraint(op.f("uq_credit_note_payout_id"), type_="unique")
        batch.add_column(sa.Column("counters_id", ID, nullable=True))
        batch.create_foreign_key(op.f("fk_credit_note_counters_id_credit_note"), "credit_note", ["counters_id"], ["id"])
        batch.create_unique_constraint(op.f("uq_credit_note_counters_id"), ["counters_id"])
    first = sa.text("counters_id IS NULL")
    op.create_index(
        "uq_credit_note_payout", "credit_note", ["payout_id"], unique=True, sqlite_where=first, postgresql_where=first
    )


def _notes_by_hand() -> None:
    op.create_table(
        "hand_part",
        sa.Column("id", ID, nullable=False),
        sa.Column("note", sa.String(48), nullable=False),
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("taken_back_at", AT, nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_hand_part_amount_positive")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_hand_part_payment_id_payment")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_hand_part_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_part")),
        sa.UniqueConstraint("note", "payment_id", name=op.f("uq_hand_part_note_payment_id")),
    )
    op.create_index("ix_hand_part_payment", "hand_part", ["payment_id"])
    op.create_index(op.f("ix_hand_part_store_id"), "hand_part", ["store_id"])
    op.add_column("case_settlement", sa.Column("booked_minor", sa.BigInteger(), nullable=True))
    there = sa.text("reference IS NOT NULL")
    op.create_index(
        "ix_case_settlement_reference", "case_settlement", ["store_id", "reference"], sqlite_where=there,
        postgresql_where=there,
    )  # fmt: skip
