"""why an order is not ready, tasks to contact a customer, payments noted by hand, parcels regrouped, suppliers asked"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0009"

AT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("orders", sa.Column("readiness_reason", sa.String(200), nullable=True))
    op.add_column("orders", sa.Column("readiness_by_id", sa.BigInteger(), nullable=True))
    op.add_column("orders", sa.Column("readiness_at", AT, nullable=True))
    op.add_column("orders", sa.Column("paid_by_hand_minor", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("parcel", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.add_column("step", sa.Column("by_message", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_orders_ready_on", "orders", ["store_id", "ready_on"],
        sqlite_where=sa.text("ready_on IS NOT NULL"), postgresql_where=sa.text("ready_on IS NOT NULL"),
    )  # fmt: skip
    _contacts()
    _payments()
    _links()
    _served()
    _messages()


def _table(name: str, *columns: sa.Column, people: tuple[str, ...] = (), **parents: str) -> None:
    """A table of a store; `parents`: column → table."""
    there = {"store_id": "store", **dict.fromkeys(people, "person"), **parents}
    op.create_table(
        name,
        sa.Column("id", ID, nullable=False),
        *columns,
        *(c for person in people for c in (sa.Column(person, ID, nullable=True),)),
        sa.Column("store_id", ID, nullable=False),
        *(sa.ForeignKeyConstraint([c], [f"{p}.id"], name=op.f(f"fk_{name}_{c}_{p}")) for c, p in there.items()),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_store_id"), name, ["store_id"])


def _known(table: str, column: str, *values: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}_known"))


def _one_open(name: str, table: str, column: str, where: str) -> None:
    op.create_index(name, table, [column], unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _contacts() -> None:
    _table(
        "contact_task",
        sa.Column("order_id", ID, nullable=False),
        sa.Column("opened_at", AT, nullable=False),
        sa.Column("outcome", sa.String(24), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("closed_at", AT, nullable=True),
        _known("contact_task", "outcome", "waits", "other_goods", "cancels", "in_stock", "other"),
        people=("opened_by_id", "closed_by_id"),
        order_id="orders",
    )
    op.create_index("ix_contact_task_order", "contact_task", ["order_id"])
    _one_open("uq_contact_task_open", "contact_task", "order_id", "closed_at IS NULL")


def _payments() -> None:
    _table(
        "hand_payment",
        sa.Column("order_id", ID, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(24), nullable=False),
        sa.Column("reference", sa.String(64), nullable=True),
        sa.Column("noted_at", AT, nullable=False),
        _known("hand_payment", "method", "cash", "bank", "alipay", "wechat", "card", "other"),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_hand_payment_amount_positive")),
        people=("noted_by_id",),
        order_id="orders",
    )
    op.create_index("ix_hand_payment_order", "hand_payment", ["order_id"])


def _links() -> None:
    _table(
        "order_link",
        sa.Column("order_id", ID, nullable=False),
        sa.Column("other_id", ID, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        _known("order_link", "kind", "merged", "split"),
        people=("made_by_id",),
        order_id="orders",
        other_id="orders",
    )
    op.create_index("ix_order_link_order", "order_link", ["order_id"])
    op.create_index(op.f("ix_order_link_other_id"), "order_link", ["other_id"])


def _served() -> None:
    _table(
        "warehouse_store",
        sa.Column("warehouse_id", ID, nullable=False),
        sa.UniqueConstraint("warehouse_id", "store_id", name=op.f("uq_warehouse_store_warehouse_id_store_id")),
        warehouse_id="warehouse",
    )


def _messages() -> None:
    _table(
        "supplier_message",
        sa.Column("change_id", ID, nullable=False),
        sa.Column("step_id", ID, nullable=False),
        sa.Column("sent_via", sa.String(24), nullable=False),
        sa.Column("sent_at", AT, nullable=False),
        sa.Column("answer", sa.String(24), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("said_at", AT, nullable=True),
        sa.Column("answered_at", AT, nullable=True),
        _known("supplier_message", "sent_via", "wechat", "phone", "email", "system"),
        _known("supplier_message", "answer", "done", "gone", "refused"),
        people=("sent_by_id", "answered_by_id"),
        change_id="change",
        step_id="step",
    )
    op.create_index("ix_supplier_message_change", "supplier_message", ["change_id"])
    _one_open("uq_supplier_message_open", "supplier_message", "step_id", "answered_at IS NULL")
