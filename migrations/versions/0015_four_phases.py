"""cases in four phases: why, what for, whom they wait for, what they cost"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

AT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

WORD = sa.String(24)
COLUMNS: dict[str, Any] = {
    "phase_at": AT, "wanted": sa.Text(), "reason": WORD, "detail": WORD, "inquiry": WORD, "appraisal": WORD,
    "appraised_by_id": ID, "appraised_at": AT, "waiting_for": WORD, "due_at": AT, "due_source": WORD,
    "platform_number": sa.String(64), "platform_status": sa.String(64), "platform_amount_minor": sa.BigInteger(),
    "platform_due_at": AT, "platform_as_of": AT, "parent_id": ID, "merged_into_id": ID, "invoice_sent": sa.Boolean(),
    "ending": WORD, "fault": WORD, "fault_person_id": ID, "fault_said": sa.Text(),
}  # fmt: skip
KNOWN = {
    "phase": ("communicate", "receive", "inspect", "resolve", "closed"),
    "reason": (
        "quality",
        "damaged",
        "short",
        "wrong_item",
        "not_as_described",
        "unwanted",
        "late",
        "not_received",
        "other",
    ),
    "detail": (
        "broken",
        "not_working",
        "flaw",
        "smell",
        "box_crushed",
        "leaked",
        "goods_broken",
        "part_missing",
        "unit_missing",
        "gift_missing",
        "other_colour",
        "other_size",
        "other_goods",
        "material",
        "colour",
        "measures",
        "too_large",
        "too_small",
        "changed_mind",
        "not_sent",
        "stuck",
        "signed_by_others",
    ),
    "inquiry": ("product", "courier", "after_sale", "price", "activity", "payment", "trade_dispute"),
    "appraisal": ("product_defect", "cannot_tell", "no_defect"),
    "waiting_for": ("customer", "warehouse", "finance", "platform", "courier"),
    "due_source": ("platform", "store", "person"),
    "ending": ("solved", "declined", "settled", "left_open", "merged"),
    "fault": ("shop", "warehouse", "courier", "platform", "customer"),
}
REFERS = {"appraised_by_id": "person", "parent_id": "cases", "merged_into_id": "cases", "fault_person_id": "person"}
OPEN = {
    "ix_cases_queue": ["store_id", "kind", "id"],
    "ix_cases_owner": ["owner_id", "id"],
    "ix_cases_due": ["store_id", "due_at"],
}


def _where(condition: str) -> dict[str, Any]:
    """Of a partial index, the same on both engines."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    _more_of_cases()
    _case_line()
    _case_resolution()
    _case_answer()
    _case_photo()
    _case_note()
    _case_mention()
    _case_hand_over()
    _case_reminder()
    _case_amount()
    _case_settlement()
    _invoice_task()
    _courier_claim()
    _saved_view()


def _more_of_cases() -> None:
    with op.batch_alter_table("cases") as table:
        for name, kind in COLUMNS.items():
            table.add_column(sa.Column(name, kind, nullable=True))
        table.drop_constraint(op.f("ck_cases_phase_known"), type_="check")
        for column, values in KNOWN.items():
            listed = ", ".join(f"'{value}'" for value in values)
            table.create_check_constraint(op.f(f"ck_cases_{column}_known"), f"{column} IN ({listed})")
        table.create_check_constraint(op.f("ck_cases_due_has_source"), "(due_at IS NULL) = (due_source IS NULL)")
        table.create_check_constraint(op.f("ck_cases_not_its_own"), "parent_id <> id AND merged_into_id <> id")
        for column, parent in REFERS.items():
            table.create_foreign_key(op.f(f"fk_cases_{column}_{parent}"), parent, [column], ["id"])
    for name, columns in OPEN.items():
        op.create_index(name, "cases", columns, **_where("phase <> 'closed'"))
    op.create_index("ix_cases_parent", "cases", ["parent_id"])
    op.create_index(
        "uq_cases_platform", "cases", ["store_id", "platform_number"], unique=True,
        **_where("platform_number IS NOT NULL"),
    )  # fmt: skip


def _case_line() -> None:
    op.create_table(
        "case_line",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("line_id", ID, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(128), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_case_line_quantity_positive")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_line_case_id_cases")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_case_line_line_id_order_line")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_case_line_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_line")),
        sa.UniqueConstraint("case_id", "line_id", name=op.f("uq_case_line_case_id_line_id")),
    )
    op.create_index("ix_case_line_line", "case_line", ["line_id"])
    op.create_index(op.f("ix_case_line_store_id"), "case_line", ["store_id"])


def _case_resolution() -> None:
    op.create_table(
        "case_resolution",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("decided_at", AT, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint(
            "kind IN ('refund', 'exchange', 'reship', 'compensation', 'send_back', 'none')",
            name=op.f("ck_case_resolution_kind_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_resolution_case_id_cases")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_case_resolution_decided_by_id_person")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_case_resolution_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_resolution")),
        sa.UniqueConstraint("case_id", "kind", name=op.f("uq_case_resolution_case_id_kind")),
    )
    op.create_index(op.f("ix_case_resolution_store_id"), "case_resolution", ["store_id"])


def _case_answer() -> None:
    op.create_table(
        "case_answer",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("question", sa.String(40), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_answer_case_id_cases")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_case_answer_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_answer")),
        sa.UniqueConstraint("case_id", "question", name=op.f("uq_case_answer_case_id_question")),
    )
    op.create_index(op.f("ix_case_answer_store_id"), "case_answer", ["store_id"])


def _case_photo() -> None:
    op.create_table(
        "case_photo",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("added_by_id", ID, nullable=True),
        sa.Column("added_at", AT, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0 AND bytes > 0", name=op.f("ck_case_photo_has_a_size")),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_case_photo_added_by_id_person")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_photo_case_id_cases")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_case_photo_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_photo")),
        sa.UniqueConstraint("case_id", "sha256", name=op.f("uq_case_photo_case_id_sha256")),
    )
    op.create_index(op.f("ix_case_photo_store_id"), "case_photo", ["store_id"])


def _case_note() -> None:
    op.create_table(
        "case_note",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_by_id", ID, nullable=True),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_note_case_id_cases")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_case_note_made_by_id_person")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_case_note_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_note")),
    )
    op.create_index("ix_case_note_case", "case_note", ["case_id", "id"])
    op.create_index(op.f("ix_case_note_store_id"), "case_note", ["store_id"])


def _case_mention() -> None:
    op.create_table(
        "case_mention",
        sa.Column("id", ID, nullable=False),
        sa.Column("note_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("seen_at", AT, nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_mention_case_id_cases")),
        sa.ForeignKeyConstraint(["note_id"], ["case_note.id"], name=op.f("fk_case_mention_note_id_case_note")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_mention_person_id_person")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_case_mention_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_mention")),
        sa.UniqueConstraint("note_id", "person_id", name=op.f("uq_case_mention_note_id_person_id")),
    )
    op.create_index(op.f("ix_case_mention_case_id"), "case_mention", ["case_id"])
    op.create_index("ix_case_mention_open", "case_mention", ["person_id", "id"], **_where("seen_at IS NULL"))
    op.create_index(op.f("ix_case_mention_store_id"), "case_mention", ["store_id"])


def _case_hand_over() -> None:
    op.create_table(
        "case_hand_over",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("from_id", ID, nullable=True),
        sa.Column("to_id", ID, nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("asked_by_id", ID, nullable=True),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("answered_at", AT, nullable=True),
        sa.Column("is_accepted", sa.Boolean(), nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (is_accepted IS NULL)", name=op.f("ck_case_hand_over_answered_whole")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_case_hand_over_asked_by_id_person")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_hand_over_case_id_cases")),
        sa.ForeignKeyConstraint(["from_id"], ["person.id"], name=op.f("fk_case_hand_over_from_id_person")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_case_hand_over_store_id_store")),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"], name=op.f("fk_case_hand_over_to_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_hand_over")),
    )
    op.create_index("ix_case_hand_over_case", "case_hand_over", ["case_id", "id"])
    op.create_index(op.f("ix_case_hand_over_store_id"), "case_hand_over", ["store_id"])
    op.create_index("ix_case_hand_over_to", "case_hand_over", ["to_id", "id"], **_where("answered_at IS NULL"))
    op.create_index(
        "uq_case_hand_over_open", "case_hand_over", ["case_id"], unique=True, **_where("answered_at IS NULL")
    )


def _case_reminder() -> None:
    op.create_table(
        "case_reminder",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("to_id", ID, nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("sent_by_id", ID, nullable=True),
        sa.Column("sent_at", AT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by_id", ID, nullable=True),
        sa.Column("answered_at", AT, nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_case_reminder_answered_by_id_person")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_reminder_case_id_cases")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["person.id"], name=op.f("fk_case_reminder_sent_by_id_person")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_case_reminder_store_id_store")),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"], name=op.f("fk_case_reminder_to_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_reminder")),
    )
    op.create_index("ix_case_reminder_case", "case_reminder", ["case_id", "id"])
    op.create_index(op.f("ix_case_reminder_store_id"), "case_reminder", ["store_id"])
    op.create_index("ix_case_reminder_to", "case_reminder", ["to_id", "id"], **_where("answered_at IS NULL"))


def _case_amount() -> None:
    op.create_table(
        "case_amount",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("part", sa.String(24), nullable=False),
        sa.Column("expected_minor", sa.BigInteger(), nullable=False),
        sa.Column("settled_minor", sa.BigInteger(), nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint("part IN ('money', 'freight', 'compensation')", name=op.f("ck_case_amount_part_known")),
        sa.CheckConstraint("expected_minor >= 0", name=op.f("ck_case_amount_expected_not_negative")),
        sa.CheckConstraint(
            "settled_minor >= 0 AND settled_minor <= expected_minor", name=op.f("ck_case_amount_settled_once")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_amount_case_id_cases")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_case_amount_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_amount")),
        sa.UniqueConstraint("case_id", "part", name=op.f("uq_case_amount_case_id_part")),
    )
    op.create_index(op.f("ix_case_amount_store_id"), "case_amount", ["store_id"])


def _case_settlement() -> None:
    op.create_table(
        "case_settlement",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("part", sa.String(24), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("destination", sa.String(24), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("reference", sa.String(64), nullable=True),
        sa.Column("noted_by_id", ID, nullable=True),
        sa.Column("noted_at", AT, nullable=False),
        sa.Column("taken_back_by_id", ID, nullable=True),
        sa.Column("taken_back_at", AT, nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint(
            "destination IN ('platform', 'original', 'alipay', 'bank', 'balance', 'gift_card', 'transfer')",
            name=op.f("ck_case_settlement_destination_known"),
        ),
        sa.CheckConstraint("part IN ('money', 'freight', 'compensation')", name=op.f("ck_case_settlement_part_known")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_case_settlement_amount_positive")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_settlement_case_id_cases")),
        sa.ForeignKeyConstraint(["noted_by_id"], ["person.id"], name=op.f("fk_case_settlement_noted_by_id_person")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_case_settlement_store_id_store")),
        sa.ForeignKeyConstraint(
            ["taken_back_by_id"], ["person.id"], name=op.f("fk_case_settlement_taken_back_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_settlement")),
    )
    op.create_index("ix_case_settlement_case", "case_settlement", ["case_id", "id"])
    op.create_index(op.f("ix_case_settlement_store_id"), "case_settlement", ["store_id"])


def _invoice_task() -> None:
    op.create_table(
        "invoice_task",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("opened_at", AT, nullable=False),
        sa.Column("reference", sa.String(64), nullable=True),
        sa.Column("done_by_id", ID, nullable=True),
        sa.Column("done_at", AT, nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint("kind IN ('red_letter', 'endorsement')", name=op.f("ck_invoice_task_kind_known")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_invoice_task_case_id_cases")),
        sa.ForeignKeyConstraint(["done_by_id"], ["person.id"], name=op.f("fk_invoice_task_done_by_id_person")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_invoice_task_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_task")),
        sa.UniqueConstraint("case_id", "kind", name=op.f("uq_invoice_task_case_id_kind")),
    )
    op.create_index("ix_invoice_task_open", "invoice_task", ["store_id", "id"], **_where("done_at IS NULL"))
    op.create_index(op.f("ix_invoice_task_store_id"), "invoice_task", ["store_id"])


def _courier_claim() -> None:
    op.create_table(
        "courier_claim",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("parcel_id", ID, nullable=True),
        sa.Column("carrier", sa.String(64), nullable=False),
        sa.Column("waybill", sa.String(64), nullable=True),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("reference", sa.String(64), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("filed_by_id", ID, nullable=True),
        sa.Column("filed_at", AT, nullable=False),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint(
            "state IN ('filed', 'accepted', 'refused', 'paid', 'withdrawn')", name=op.f("ck_courier_claim_state_known")
        ),
        sa.CheckConstraint("amount_minor > 0 AND paid_minor >= 0", name=op.f("ck_courier_claim_amounts_known")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_courier_claim_case_id_cases")),
        sa.ForeignKeyConstraint(["filed_by_id"], ["person.id"], name=op.f("fk_courier_claim_filed_by_id_person")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_courier_claim_parcel_id_parcel")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_courier_claim_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courier_claim")),
    )
    op.create_index("ix_courier_claim_case", "courier_claim", ["case_id", "id"])
    op.create_index(
        "ix_courier_claim_due", "courier_claim", ["store_id", "due_at"], **_where("state IN ('filed', 'accepted')")
    )
    op.create_index(op.f("ix_courier_claim_store_id"), "courier_claim", ["store_id"])


def _saved_view() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("page", sa.String(24), nullable=False),
        sa.Column("title", sa.String(40), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("saved_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_view_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("person_id", "page", "title", name=op.f("uq_saved_view_person_id_page_title")),
    )
