"""the first slice"""

import sqlalchemy as sa
from alembic import op

from shopdesk.core.append_only import append_only, erasable

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "command_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_command_key")),
        sa.UniqueConstraint("actor_id", "key", name=op.f("uq_command_key_actor_id_key")),
    )
    with op.batch_alter_table("command_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_command_key_at"), ["at"], unique=False)

    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chain", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_event_chain_seq")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_actor", ["actor_id", "action", "at"], unique=False)
        batch_op.create_index("ix_event_order", ["order_id", "id"], unique=False)
        batch_op.create_index("ix_event_subject", ["subject", "subject_id"], unique=False)

    op.create_table(
        "event_head",
        sa.Column("chain", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_event_head")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_waiting", ["done_at", "run_after"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("display", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=32), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("locale", sa.String(length=16), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
    )
    op.create_table(
        "sign_in_tries",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_tries")),
    )
    op.create_table(
        "warehouse",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("cut_offs", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('own', 'supplier')", name=op.f("ck_warehouse_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warehouse")),
        sa.UniqueConstraint("name", name=op.f("uq_warehouse_name")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_token_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_token_secret_hash")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_token_person_id"), ["person_id"], unique=False)

    op.create_table(
        "one_time_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_one_time_link_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_one_time_link_secret_hash")),
    )
    op.create_table(
        "print_check",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("batch", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_print_check_made_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_check")),
    )
    op.create_table(
        "store",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("platform", sa.String(24), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("memo_language", sa.String(length=2), nullable=False),
        sa.Column("rhythm_minutes", sa.Integer(), nullable=False),
        sa.Column("electronic_waybills", sa.Boolean(), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "platform IN ('taobao', 'tmall', 'jd', 'pdd', 'douyin', 'kuaishou', 'shopify', 'woocommerce', 'amazon', 'phone', 'other')",
            name=op.f("ck_store_platform_known"),
        ),
        sa.CheckConstraint("rhythm_minutes > 0", name=op.f("ck_store_rhythm_positive")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_store_warehouse_id_warehouse")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store")),
        sa.UniqueConstraint("slug", name=op.f("uq_store_slug")),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_batch_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("store_id", "name", name=op.f("uq_batch_store_id_name")),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_store_id"), ["store_id"], unique=False)

    op.create_table(
        "customer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("buyer_key", sa.String(length=128), nullable=False),
        sa.Column("buyer_nick", sa.Text(), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_customer_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("store_id", "buyer_key", name=op.f("uq_customer_store_id_buyer_key")),
    )
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_store_id"), ["store_id"], unique=False)

    op.create_table(
        "feed",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("covers", sa.String(length=16), nullable=False),
        sa.Column("rhythm_minutes", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("kind IN ('orders', 'stages', 'refunds', 'tracking')", name=op.f("ck_feed_kind_known")),
        sa.CheckConstraint("rhythm_minutes > 0", name=op.f("ck_feed_rhythm_positive")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_feed_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("store_id", "kind", "origin", name=op.f("uq_feed_store_id_kind_origin")),
    )
    with op.batch_alter_table("feed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feed_store_id"), ["store_id"], unique=False)

    op.create_table(
        "import_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("orders_total", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_import_run_state_known")),
        sa.ForeignKeyConstraint(["started_by_id"], ["person.id"], name=op.f("fk_import_run_started_by_id_person")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_import_run_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_run_store_id"), ["store_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("role", sa.String(24), nullable=False),
        sa.CheckConstraint(
            "role IN ('pre_sale', 'after_sale', 'printing', 'warehouse', 'finance', 'supervisor', 'manager', 'integration')",
            name=op.f("ck_membership_role_known"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_membership_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("person_id", "store_id", "role", name=op.f("uq_membership_person_id_store_id_role")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_store_id"), ["store_id"], unique=False)
        batch_op.create_index(
            "uq_membership_all_stores",
            ["person_id", "role"],
            unique=True,
            sqlite_where=sa.text("store_id IS NULL"),
            postgresql_where=sa.text("store_id IS NULL"),
        )

    op.create_table(
        "import_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("stored_as", sa.String(length=64), nullable=True),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("profile", sa.String(length=32), nullable=True),
        sa.Column("encoding", sa.String(length=32), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_import_file_run_id_import_run")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_import_file_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
    )
    with op.batch_alter_table("import_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_file_run_id"), ["run_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_file_store_id"), ["store_id"], unique=False)

    op.create_table(
        "import_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file", sa.String(length=255), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=True),
        sa.Column("severity", sa.String(24), nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=True),
        sa.Column("excerpt", sa.String(length=64), nullable=True),
        sa.Column("order_number", sa.String(length=64), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("severity IN ('refused', 'warning')", name=op.f("ck_import_note_severity_known")),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_import_note_run_id_import_run")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_import_note_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_note")),
    )
    with op.batch_alter_table("import_note", schema=None) as batch_op:
        batch_op.create_index("ix_import_note_run", ["run_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_note_store_id"), ["store_id"], unique=False)

    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("status_given", sa.String(length=64), nullable=True),
        sa.Column("readiness", sa.String(24), nullable=False),
        sa.Column("ready_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("goods_minor", sa.BigInteger(), nullable=True),
        sa.Column("shipping_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("received_minor", sa.BigInteger(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("marked_shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("buyer_nick", sa.Text(), nullable=True),
        sa.Column("recipient_name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("province", sa.String(length=64), nullable=True),
        sa.Column("city", sa.String(length=64), nullable=True),
        sa.Column("district", sa.String(length=64), nullable=True),
        sa.Column("street_address", sa.Text(), nullable=True),
        sa.Column("zip", sa.String(length=16), nullable=True),
        sa.Column("carrier", sa.String(length=64), nullable=True),
        sa.Column("invoice_title", sa.Text(), nullable=True),
        sa.Column("buyer_message", sa.Text(), nullable=True),
        sa.Column("platform_memo", sa.Text(), nullable=True),
        sa.Column("platform_flag", sa.String(length=8), nullable=True),
        sa.Column("lines_complete", sa.Boolean(), nullable=False),
        sa.Column("has_list", sa.Boolean(), nullable=False),
        sa.Column("flag", sa.String(24), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lines_as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "flag IN ('none', 'red', 'orange', 'yellow', 'green', 'cyan', 'blue', 'purple')",
            name=op.f("ck_orders_flag_known"),
        ),
        sa.CheckConstraint(
            "readiness IN ('ready', 'unpaid', 'awaiting_review', 'awaiting_balance', 'pre_sale_until', 'out_of_stock', 'refunding', 'address_problem', 'halted', 'closed')",
            name=op.f("ck_orders_readiness_known"),
        ),
        sa.CheckConstraint(
            "status IN ('unpaid', 'paid', 'part_shipped', 'shipped', 'done', 'closed')",
            name=op.f("ck_orders_status_known"),
        ),
        sa.CheckConstraint(
            "total_minor >= 0 AND paid_minor >= 0 AND shipping_minor >= 0", name=op.f("ck_orders_amounts_not_negative")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_orders_customer_id_customer")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_orders_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("store_id", "number", name=op.f("uq_orders_store_id_number")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index("ix_orders_customer", ["customer_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_store_id"), ["store_id"], unique=False)
        batch_op.create_index("ix_orders_store_newest", ["store_id", "id"], unique=False)

    op.create_table(
        "parcel",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage", sa.String(24), nullable=False),
        sa.Column("stage_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stage_source", sa.String(24), nullable=False),
        sa.Column("stage_origin", sa.String(length=64), nullable=True),
        sa.Column("stage_as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("holds", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("ship_name", sa.Text(), nullable=True),
        sa.Column("ship_phone", sa.Text(), nullable=True),
        sa.Column("ship_region", sa.String(length=200), nullable=True),
        sa.Column("ship_address", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "stage IN ('unprinted', 'printed', 'packed', 'shipped', 'delivered', 'voided')",
            name=op.f("ck_parcel_stage_known"),
        ),
        sa.CheckConstraint(
            "stage_source IN ('page', 'scan', 'printing', 'check', 'api', 'file', 'platform', 'carrier')",
            name=op.f("ck_parcel_stage_source_known"),
        ),
        sa.CheckConstraint("holds >= 0", name=op.f("ck_parcel_holds_not_negative")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_parcel_batch_id_batch")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_parcel_store_id_store")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_parcel_warehouse_id_warehouse")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel")),
    )
    with op.batch_alter_table("parcel", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_parcel_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index("ix_parcel_queue", ["store_id", "stage", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_parcel_store_id"), ["store_id"], unique=False)

    op.create_table(
        "change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("column", sa.String(24), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("is_applied", sa.Boolean(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("asked_as", sa.String(length=32), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('address', 'attribute', 'quantity', 'courier', 'invoice', 'greeting_card', 'delivery_time', 'price', 'freight', 'cancel')",
            name=op.f("ck_change_kind_known"),
        ),
        sa.CheckConstraint("state IN ('open', 'done', 'withdrawn', 'too_late')", name=op.f("ck_change_state_known")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_change_asked_by_id_person")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_change_order_id_orders")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_change_parcel_id_parcel")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_change_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.create_index("ix_change_order", ["order_id", "id"], unique=False)
        batch_op.create_index("ix_change_state", ["store_id", "state", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_change_store_id"), ["store_id"], unique=False)
        batch_op.create_index(
            "uq_change_open",
            ["parcel_id", "order_id", "kind"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "uq_change_open_on_parcel",
            ["parcel_id", "kind"],
            unique=True,
            sqlite_where=sa.text("state = 'open' AND kind IN ('address', 'courier')"),
            postgresql_where=sa.text("state = 'open' AND kind IN ('address', 'courier')"),
        )

    op.create_table(
        "hold",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cause", sa.String(24), nullable=False),
        sa.Column("cause_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on_expiry", sa.String(24), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("cause IN ('change', 'stop')", name=op.f("ck_hold_cause_known")),
        sa.CheckConstraint(
            "on_expiry IN ('keep', 'ship_as_changed', 'ship_as_ordered')", name=op.f("ck_hold_on_expiry_known")
        ),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_hold_parcel_id_parcel")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_hold_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index("ix_hold_parcel", ["parcel_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hold_store_id"), ["store_id"], unique=False)
        batch_op.create_index(
            "uq_hold_open",
            ["parcel_id", "cause", "cause_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "memo",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("template", sa.String(length=8), nullable=True),
        sa.Column("flag", sa.String(24), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.Column("signed", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("pasted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pasted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "flag IN ('none', 'red', 'orange', 'yellow', 'green', 'cyan', 'blue', 'purple')",
            name=op.f("ck_memo_flag_known"),
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_memo_made_by_id_person")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_memo_order_id_orders")),
        sa.ForeignKeyConstraint(["pasted_by_id"], ["person.id"], name=op.f("fk_memo_pasted_by_id_person")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_memo_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memo")),
    )
    with op.batch_alter_table("memo", schema=None) as batch_op:
        batch_op.create_index("ix_memo_order", ["order_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_memo_store_id"), ["store_id"], unique=False)

    op.create_table(
        "order_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_key", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("sku", sa.String(length=128), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("told_quantity", sa.Integer(), nullable=True),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=True),
        sa.Column("share_given_minor", sa.BigInteger(), nullable=True),
        sa.Column("share_minor", sa.BigInteger(), nullable=True),
        sa.Column("refund_state", sa.String(length=64), nullable=True),
        sa.Column("incomplete", sa.Boolean(), nullable=False),
        sa.Column("cancelled", sa.Integer(), nullable=False),
        sa.Column("shipped", sa.Integer(), nullable=False),
        sa.Column("in_return", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("in_parcels", sa.Integer(), nullable=False),
        sa.Column("reserved_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('goods', 'gift', 'bundle', 'bundle_part', 'fee', 'virtual')",
            name=op.f("ck_order_line_kind_known"),
        ),
        sa.CheckConstraint("cancelled + shipped <= quantity", name=op.f("ck_order_line_cancelled_or_shipped_once")),
        sa.CheckConstraint(
            "cancelled >= 0 AND shipped >= 0 AND in_return >= 0 AND returned >= 0",
            name=op.f("ck_order_line_counters_not_negative"),
        ),
        sa.CheckConstraint("in_parcels >= 0 AND in_parcels <= quantity", name=op.f("ck_order_line_packed_once")),
        sa.CheckConstraint("in_return + returned <= shipped", name=op.f("ck_order_line_returned_once")),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_order_line_quantity_not_negative")),
        sa.CheckConstraint(
            "reserved_minor + refunded_minor <= coalesce(share_minor, 0)", name=op.f("ck_order_line_refunded_once")
        ),
        sa.CheckConstraint(
            "reserved_minor >= 0 AND refunded_minor >= 0", name=op.f("ck_order_line_money_not_negative")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_line_order_id_orders")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_order_line_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("order_id", "line_key", name=op.f("uq_order_line_order_id_line_key")),
    )
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_line_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_line_store_id"), ["store_id"], unique=False)

    op.create_table(
        "print_check_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("check_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("pasted", sa.String(length=128), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("group_shown", sa.String(24), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["print_check.id"], name=op.f("fk_print_check_row_check_id_print_check")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_print_check_row_order_id_orders")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_print_check_row_parcel_id_parcel")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_check_row")),
        sa.UniqueConstraint("check_id", "position", name=op.f("uq_print_check_row_check_id_position")),
    )
    op.create_table(
        "search_gram",
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gram", sa.String(length=8), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_search_gram_order_id_orders")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_search_gram_store_id_store")),
        sa.PrimaryKeyConstraint("store_id", "gram", "order_id", name=op.f("pk_search_gram")),
    )
    with op.batch_alter_table("search_gram", schema=None) as batch_op:
        batch_op.create_index("ix_search_gram_order", ["order_id"], unique=False)

    op.create_table(
        "search_key",
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("value", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('number', 'waybill', 'buyer', 'phone', 'phone_tail', 'sku')",
            name=op.f("ck_search_key_kind_known"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_search_key_order_id_orders")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_search_key_store_id_store")),
        sa.PrimaryKeyConstraint("store_id", "value", "kind", "order_id", name=op.f("pk_search_key")),
    )
    with op.batch_alter_table("search_key", schema=None) as batch_op:
        batch_op.create_index("ix_search_key_order", ["order_id"], unique=False)

    op.create_table(
        "stage_fact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage", sa.String(24), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(24), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=True),
        sa.Column("batch", sa.String(length=32), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("effect", sa.String(24), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "effect IN ('moved', 'known', 'contradicted', 'asked')", name=op.f("ck_stage_fact_effect_known")
        ),
        sa.CheckConstraint(
            "source IN ('page', 'scan', 'printing', 'check', 'api', 'file', 'platform', 'carrier')",
            name=op.f("ck_stage_fact_source_known"),
        ),
        sa.CheckConstraint(
            "stage IN ('unprinted', 'printed', 'packed', 'shipped', 'delivered', 'voided')",
            name=op.f("ck_stage_fact_stage_known"),
        ),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_stage_fact_parcel_id_parcel")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_stage_fact_person_id_person")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_stage_fact_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_fact")),
    )
    with op.batch_alter_table("stage_fact", schema=None) as batch_op:
        batch_op.create_index("ix_stage_fact_parcel", ["parcel_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stage_fact_store_id"), ["store_id"], unique=False)

    op.create_table(
        "waybill",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("carrier", sa.String(length=64), nullable=True),
        sa.Column("is_electronic", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "state IN ('issued', 'used', 'superseded', 'recycled')", name=op.f("ck_waybill_state_known")
        ),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_waybill_parcel_id_parcel")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_waybill_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waybill")),
        sa.UniqueConstraint("parcel_id", "number", name=op.f("uq_waybill_parcel_id_number")),
    )
    with op.batch_alter_table("waybill", schema=None) as batch_op:
        batch_op.create_index("ix_waybill_number", ["store_id", "number"], unique=False)
        batch_op.create_index(batch_op.f("ix_waybill_store_id"), ["store_id"], unique=False)

    op.create_table(
        "amendment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("field", sa.String(24), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("third", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "field IN ('address', 'attribute', 'quantity', 'courier', 'invoice', 'greeting_card', 'delivery_time', 'price', 'freight')",
            name=op.f("ck_amendment_field_known"),
        ),
        sa.CheckConstraint(
            "state IN ('to_do', 'done_by_hand', 'seen', 'contradicted')", name=op.f("ck_amendment_state_known")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_amendment_line_id_order_line")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_amendment_made_by_id_person")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_amendment_order_id_orders")),
        sa.ForeignKeyConstraint(["replaced_id"], ["amendment.id"], name=op.f("fk_amendment_replaced_id_amendment")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_amendment_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
    )
    with op.batch_alter_table("amendment", schema=None) as batch_op:
        batch_op.create_index("ix_amendment_order", ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_amendment_store_id"), ["store_id"], unique=False)
        batch_op.create_index(
            "uq_amendment_of_line",
            ["line_id", "field"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL AND line_id IS NOT NULL"),
            postgresql_where=sa.text("ended_at IS NULL AND line_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_amendment_of_order",
            ["order_id", "field"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL AND line_id IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL AND line_id IS NULL"),
        )

    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("change_id", sa.BigInteger(), nullable=True),
        sa.Column("memo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answer", sa.String(24), nullable=True),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "answer IN ('not_printed', 'printed', 'gone', 'noted')", name=op.f("ck_notice_answer_known")
        ),
        sa.CheckConstraint(
            "kind IN ('change', 'stage', 'void', 'memo', 'alarm', 'too_late', 'contradiction')",
            name=op.f("ck_notice_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'open', 'acknowledged', 'withdrawn')", name=op.f("ck_notice_state_known")
        ),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_notice_answered_by_id_person")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_notice_made_by_id_person")),
        sa.ForeignKeyConstraint(["memo_id"], ["memo.id"], name=op.f("fk_notice_memo_id_memo")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_notice_order_id_orders")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_notice_parcel_id_parcel")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_notice_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_change", ["change_id"], unique=False)
        batch_op.create_index("ix_notice_inbox", ["store_id", "role", "state", "id"], unique=False)
        batch_op.create_index("ix_notice_parcel", ["parcel_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_store_id"), ["store_id"], unique=False)

    op.create_table(
        "parcel_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_parcel_line_quantity_not_negative")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_parcel_line_line_id_order_line")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_parcel_line_order_id_orders")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_parcel_line_parcel_id_parcel")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_parcel_line_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel_line")),
        sa.UniqueConstraint("parcel_id", "line_id", name=op.f("uq_parcel_line_parcel_id_line_id")),
    )
    with op.batch_alter_table("parcel_line", schema=None) as batch_op:
        batch_op.create_index("ix_parcel_line_line", ["line_id"], unique=False)
        batch_op.create_index("ix_parcel_line_order", ["order_id", "parcel_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_parcel_line_store_id"), ["store_id"], unique=False)

    op.create_table(
        "step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("change_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("column", sa.String(24), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("ends_hold", sa.Boolean(), nullable=False),
        sa.Column("after_hold", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("state IN ('open', 'done', 'replaced')", name=op.f("ck_step_state_known")),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_step_change_id_change")),
        sa.ForeignKeyConstraint(["done_by_id"], ["person.id"], name=op.f("fk_step_done_by_id_person")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_step_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sa.UniqueConstraint("change_id", "position", name=op.f("uq_step_change_id_position")),
    )
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.create_index("ix_step_open", ["store_id", "state", "role"], unique=False)
        batch_op.create_index(batch_op.f("ix_step_store_id"), ["store_id"], unique=False)

    op.create_table(
        "wish",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("amendment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("memo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("confirmed_text", sa.Text(), nullable=True),
        sa.Column("confirmed_via", sa.String(24), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('address', 'attribute', 'quantity', 'courier', 'invoice', 'greeting_card', 'delivery_time', 'price', 'freight', 'cancel')",
            name=op.f("ck_wish_kind_known"),
        ),
        sa.ForeignKeyConstraint(["amendment_id"], ["amendment.id"], name=op.f("fk_wish_amendment_id_amendment")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_wish_asked_by_id_person")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_wish_line_id_order_line")),
        sa.ForeignKeyConstraint(["memo_id"], ["memo.id"], name=op.f("fk_wish_memo_id_memo")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_wish_order_id_orders")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_wish_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish")),
    )
    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.create_index("ix_wish_order", ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_wish_store_id"), ["store_id"], unique=False)

    op.create_table(
        "change_wish",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("change_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("wish_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_change_wish_change_id_change")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_change_wish_store_id_store")),
        sa.ForeignKeyConstraint(["wish_id"], ["wish.id"], name=op.f("fk_change_wish_wish_id_wish")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_wish")),
        sa.UniqueConstraint("change_id", "wish_id", name=op.f("uq_change_wish_change_id_wish_id")),
    )
    with op.batch_alter_table("change_wish", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_change_wish_store_id"), ["store_id"], unique=False)
        batch_op.create_index("ix_change_wish_wish", ["wish_id"], unique=False)

    append_only(
        "event",
        ["id", "chain", "seq", "at", "action", "subject", "subject_id", "order_id", "actor_id", "role", "channel",
         "body_hash", "prev_hash", "hash"],
    )  # fmt: skip
    erasable("event", "body")
    append_only(
        "stage_fact",
        ["id", "parcel_id", "stage", "happened_at", "as_of", "known_at", "source", "origin", "batch", "effect"],
    )
    append_only("memo", ["id", "order_id", "text", "template", "flag", "written_on", "signed", "made_at"])
