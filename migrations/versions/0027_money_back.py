"""captured money with its ledger; refunds, their payouts, what was sent and heard; credit notes"""

import json
from collections import Counter
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from shopdesk.core.append_only import append_only

revision = "0027"
down_revision = "0026"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)
LEDGER = ["id", "store_id", "payment_id", "posting", "source", "target", "amount_minor", "currency", "at",
          "payout_id", "by_id"]  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "place_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("source", sa.String(24), nullable=False),
        sa.Column("event_id", sa.String(128), nullable=False),
        sa.Column("number", sa.String(32), nullable=True),
        sa.Column("heard_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_event")),
        sa.UniqueConstraint("source", "event_id", name=op.f("uq_place_event_source_event_id")),
    )
    op.create_table(
        "credit_note_count",
        sa.Column("store_id", ID, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_credit_note_count_store_id_store")),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_credit_note_count")),
    )
    op.create_table(
        "refund",
        sa.Column("id", ID, nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("destination", sa.String(24), nullable=False),
        sa.Column("place", sa.String(24), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("requested_by_id", ID, nullable=True),
        sa.Column("requested_at", AT, nullable=False),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("decided_at", AT, nullable=True),
        sa.Column("looked_by_id", ID, nullable=True),
        sa.Column("looked_at", AT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint(
            "destination IN ('platform', 'original', 'alipay', 'bank', 'balance', 'gift_card', 'transfer')",
            name=op.f("ck_refund_destination_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('duplicate_payment', 'price_adjustment', 'goodwill', 'cancellation', 'case')",
            name=op.f("ck_refund_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'awaiting_approval', 'approved', 'rejected', 'withdrawn')",
            name=op.f("ck_refund_state_known"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_amount_positive")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_refund_decided_by_id_person")),
        sa.ForeignKeyConstraint(["looked_by_id"], ["person.id"], name=op.f("fk_refund_looked_by_id_person")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_refund_order_id_orders")),
        sa.ForeignKeyConstraint(["requested_by_id"], ["person.id"], name=op.f("fk_refund_requested_by_id_person")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_refund_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
    )
    op.create_index(
        "ix_refund_awaiting",
        "refund",
        ["store_id", "id"],
        sqlite_where=sa.text("state = 'awaiting_approval'"),
        postgresql_where=sa.text("state = 'awaiting_approval'"),
    )
    op.create_index("ix_refund_order", "refund", ["order_id", "id"])
    op.create_index(op.f("ix_refund_store_id"), "refund", ["store_id"])

    op.create_table(
        "payment",
        sa.Column("id", ID, nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("hand_payment_id", ID, nullable=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reference", sa.String(64), nullable=True),
        sa.Column("paid_at", AT, nullable=True),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("reserved_minor", sa.BigInteger(), nullable=False),
        sa.Column("settled_minor", sa.BigInteger(), nullable=False),
        sa.Column("outside_minor", sa.BigInteger(), nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint("captured_minor >= 0 AND outside_minor >= 0", name=op.f("ck_payment_taken_in")),
        sa.CheckConstraint("reserved_minor >= 0 AND settled_minor >= 0", name=op.f("ck_payment_given_back")),
        sa.CheckConstraint(
            "settled_minor + reserved_minor <= captured_minor", name=op.f("ck_payment_never_more_than_captured")
        ),
        sa.ForeignKeyConstraint(
            ["hand_payment_id"], ["hand_payment.id"], name=op.f("fk_payment_hand_payment_id_hand_payment")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payment_order_id_orders")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_payment_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
    )
    op.create_index(op.f("ix_payment_order_id"), "payment", ["order_id"])
    op.create_index(op.f("ix_payment_store_id"), "payment", ["store_id"])
    op.create_index(
        "uq_payment_by_hand",
        "payment",
        ["hand_payment_id"],
        unique=True,
        sqlite_where=sa.text("hand_payment_id IS NOT NULL"),
        postgresql_where=sa.text("hand_payment_id IS NOT NULL"),
    )
    op.create_index(
        "uq_payment_told",
        "payment",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("hand_payment_id IS NULL"),
        postgresql_where=sa.text("hand_payment_id IS NULL"),
    )

    op.create_table(
        "refund_line",
        sa.Column("id", ID, nullable=False),
        sa.Column("refund_id", ID, nullable=False),
        sa.Column("part", sa.String(24), nullable=False),
        sa.Column("line_id", ID, nullable=True),
        sa.Column("units", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint(
            "part IN ('goods', 'shipping', 'compensation', 'overpayment', 'fee')",
            name=op.f("ck_refund_line_part_known"),
        ),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_refund_line_line_id_order_line")),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_refund_line_refund_id_refund")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_refund_line_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_line")),
    )
    op.create_index("ix_refund_line_refund", "refund_line", ["refund_id"])
    op.create_index(op.f("ix_refund_line_store_id"), "refund_line", ["store_id"])

    op.create_table(
        "ledger_entry",
        sa.Column("id", ID, nullable=False),
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("posting", sa.String(24), nullable=False),
        sa.Column("source", sa.String(24), nullable=False),
        sa.Column("target", sa.String(24), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("payout_id", sa.BigInteger(), nullable=True),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint(
            "source IN ('customer', 'held', 'reserved', 'refunded', 'elsewhere', 'outside')",
            name=op.f("ck_ledger_entry_source_known"),
        ),
        sa.CheckConstraint(
            "posting IN ('capture', 'capture_back', 'reserve', 'release', 'settle', 'reverse', 'outside')",
            name=op.f("ck_ledger_entry_posting_known"),
        ),
        sa.CheckConstraint(
            "target IN ('customer', 'held', 'reserved', 'refunded', 'elsewhere', 'outside')",
            name=op.f("ck_ledger_entry_target_known"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_ledger_entry_amount_positive")),
        sa.CheckConstraint("source <> target", name=op.f("ck_ledger_entry_two_accounts")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_ledger_entry_by_id_person")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_ledger_entry_payment_id_payment")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_ledger_entry_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
    )
    op.create_index("ix_ledger_entry_payment", "ledger_entry", ["payment_id", "id"])
    op.create_index(op.f("ix_ledger_entry_store_id"), "ledger_entry", ["store_id"])

    op.create_table(
        "refund_payment",
        sa.Column("id", ID, nullable=False),
        sa.Column("refund_id", ID, nullable=False),
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("place", sa.String(24), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("place_reference", sa.String(64), nullable=True),
        sa.Column("code", sa.String(64), nullable=True),
        sa.Column("run_after", AT, nullable=True),
        sa.Column("lease_until", AT, nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_sent_at", AT, nullable=True),
        sa.Column("is_absent", sa.Boolean(), nullable=False),
        sa.Column("needs_person", sa.Boolean(), nullable=False),
        sa.Column("ended_by_id", ID, nullable=True),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint(
            "state IN ('reserved', 'sending', 'unknown', 'succeeded', 'failed', 'reversed')",
            name=op.f("ck_refund_payment_state_known"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_payment_amount_positive")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_refund_payment_ended_by_id_person")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_payment_id_payment")),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_refund_payment_refund_id_refund")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_refund_payment_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_payment")),
        sa.UniqueConstraint("number", name=op.f("uq_refund_payment_number")),
    )
    op.create_index(
        "ix_refund_payment_due",
        "refund_payment",
        ["run_after"],
        sqlite_where=sa.text("state IN ('reserved', 'sending', 'unknown')"),
        postgresql_where=sa.text("state IN ('reserved', 'sending', 'unknown')"),
    )
    op.create_index("ix_refund_payment_payment", "refund_payment", ["payment_id"])
    op.create_index("ix_refund_payment_refund", "refund_payment", ["refund_id"])
    op.create_index(op.f("ix_refund_payment_store_id"), "refund_payment", ["store_id"])

    op.create_table(
        "credit_note",
        sa.Column("id", ID, nullable=False),
        sa.Column("payout_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("issued_at", AT, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["refund_payment.id"], name=op.f("fk_credit_note_payout_id_refund_payment")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_credit_note_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_note")),
        sa.UniqueConstraint("payout_id", name=op.f("uq_credit_note_payout_id")),
        sa.UniqueConstraint("store_id", "number", name=op.f("uq_credit_note_store_id_number")),
    )
    op.create_index(op.f("ix_credit_note_store_id"), "credit_note", ["store_id"])

    op.create_table(
        "refund_attempt",
        sa.Column("id", ID, nullable=False),
        sa.Column("payout_id", ID, nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(24), nullable=False),
        sa.Column("begun_at", AT, nullable=False),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("outcome", sa.String(24), nullable=True),
        sa.Column("code", sa.String(64), nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint("act IN ('send', 'ask')", name=op.f("ck_refund_attempt_act_known")),
        sa.CheckConstraint(
            "outcome IN ('succeeded', 'failed', 'pending', 'not_there', 'unknown')",
            name=op.f("ck_refund_attempt_outcome_known"),
        ),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["refund_payment.id"], name=op.f("fk_refund_attempt_payout_id_refund_payment")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_refund_attempt_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_attempt")),
        sa.UniqueConstraint("payout_id", "fence", name=op.f("uq_refund_attempt_payout_id_fence")),
    )
    op.create_index(op.f("ix_refund_attempt_store_id"), "refund_attempt", ["store_id"])

    append_only("ledger_entry", LEDGER)
    carry_over(op.get_bind())


AGAIN = ("exchange", "reship", "send_back")


def carry_over(connection: sa.Connection) -> None:
    """What people noted as paid back until now counts on the payment of its sale, as it does from here on."""
    orders, link = (
        _table("orders", "id", "store_id", "number", "currency", "paid_minor", "paid_at"),
        _table("order_link", "id", "order_id", "other_id", "kind"),
    )
    sales = {
        row.other_id: row.order_id
        for row in connection.execute(sa.select(link).where(link.c.kind.in_(AGAIN)).order_by(link.c.id.desc()))
    }
    given: Counter[int] = Counter()
    for order_id, amount_minor in [*_of_cases(connection), *_of_changes(connection)]:
        given[_sale(order_id, sales)] += amount_minor
    now = datetime.now(UTC)
    if connection.dialect.name == "sqlite":
        now = now.replace(tzinfo=None)
    ids = sorted(given)
    for at in range(0, len(ids), 500):
        for row in connection.execute(sa.select(orders).where(orders.c.id.in_(ids[at : at + 500]))).all():
            _open(connection, row, given[row.id], now)


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *[sa.column(column) for column in columns])


def _sale(order_id: int, sales: dict[int, int]) -> int:
    for _step in range(20):
        if order_id not in sales:
            break
        order_id = sales[order_id]
    return order_id


def _of_cases(connection: sa.Connection) -> list[tuple[int, int]]:
    """Of the lines what was booked on them; beside them only freight was paid with the order."""
    cases = _table("cases", "id", "order_id")
    lines = _table("case_line", "case_id", "refunded_minor")
    settled = _table("case_settlement", "case_id", "part", "amount_minor", "taken_back_at")
    goods = sa.select(cases.c.order_id, lines.c.refunded_minor).where(
        lines.c.case_id == cases.c.id, lines.c.refunded_minor > 0
    )
    freight = sa.select(cases.c.order_id, settled.c.amount_minor).where(
        settled.c.case_id == cases.c.id, settled.c.part == "freight", settled.c.taken_back_at.is_(None)
    )
    return [(row[0], row[1]) for query in (goods, freight) for row in connection.execute(query)]


def _of_changes(connection: sa.Connection) -> list[tuple[int, int]]:
    change, step = _table("change", "id", "order_id"), _table("step", "change_id", "code", "state", "evidence")
    done = sa.select(change.c.order_id, step.c.evidence).where(
        step.c.change_id == change.c.id, step.c.code == "refund", step.c.state == "done", step.c.evidence.is_not(None)
    )
    found = [(row[0], json.loads(row[1]).get("amount_minor") or 0) for row in connection.execute(done)]
    return [(order_id, amount_minor) for order_id, amount_minor in found if amount_minor]


def _open(connection: sa.Connection, order: sa.Row, given_minor: int, now: datetime) -> None:
    """What people noted as paid in is a payment of its own, the rest is what the feed told; the last one goes first."""
    hand = _table("hand_payment", "id", "order_id", "amount_minor", "reference", "noted_at")
    noted = connection.execute(sa.select(hand).where(hand.c.order_id == order.id).order_by(hand.c.id)).all()
    told_minor = order.paid_minor - sum(row.amount_minor for row in noted)
    sources = [(None, order.number, order.paid_at, told_minor)] if told_minor > 0 or not noted else []
    sources += [(row.id, row.reference, row.noted_at, row.amount_minor) for row in noted]
    left_minor = given_minor
    for number, (hand_id, reference, paid_at, captured_minor) in reversed(list(enumerate(sources))):
        part_minor = left_minor if number == 0 else min(left_minor, captured_minor)
        left_minor -= part_minor
        if part_minor:
            _pay(connection, order, (hand_id, reference, paid_at, max(captured_minor, part_minor)), part_minor, now)


def _pay(
    connection: sa.Connection,
    order: sa.Row,
    source: tuple[int | None, str | None, datetime | None, int],
    given_minor: int,
    now: datetime,
) -> None:
    hand_id, reference, paid_at, captured_minor = source
    payment = _table("payment", "id", "store_id", "order_id", "hand_payment_id", "currency", "reference", "paid_at",
                     "captured_minor", "reserved_minor", "settled_minor", "outside_minor")  # fmt: skip
    connection.execute(
        payment.insert().values(
            store_id=order.store_id, order_id=order.id, hand_payment_id=hand_id, currency=order.currency,
            reference=reference, paid_at=paid_at, captured_minor=captured_minor, reserved_minor=0,
            settled_minor=given_minor, outside_minor=0,
        )
    )  # fmt: skip
    payment_id = connection.scalar(sa.select(sa.func.max(payment.c.id)))
    entry = _table("ledger_entry", "store_id", "payment_id", "posting", "source", "target", "amount_minor", "currency",
                   "at")  # fmt: skip
    for posting, falls, rises, amount_minor in (
        ("capture", "customer", "held", captured_minor),
        ("reserve", "held", "reserved", given_minor),
        ("settle", "reserved", "refunded", given_minor),
    ):
        connection.execute(
            entry.insert().values(
                store_id=order.store_id, payment_id=payment_id, posting=posting, source=falls, target=rises,
                amount_minor=amount_minor, currency=order.currency, at=now,
            )
        )  # fmt: skip
