"""goods coming back: policies, returns, arrivals, findings, where each unit went"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

AT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _where(condition: str) -> dict[str, Any]:
    """Of a partial index, the same on both engines."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    _return_policy()
    _returns()
    _return_line()
    _return_waybill()
    _arrival()
    _arrival_match()
    _arrival_photo()
    _finding()
    _disposition()


def _return_policy() -> None:
    op.create_table(
        "return_policy",
        sa.Column("id", ID, nullable=False),
        sa.Column("from_at", AT, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("condition", sa.String(200), nullable=False),
        sa.Column("freight", sa.String(24), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=True),
        sa.Column("made_by_id", ID, nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint("freight IN ('customer', 'shop', 'by_reason')", name=op.f("ck_return_policy_freight_known")),
        sa.CheckConstraint("days >= 0", name=op.f("ck_return_policy_days_not_negative")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_return_policy_made_by_id_person")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_return_policy_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_policy")),
        sa.UniqueConstraint("store_id", "from_at", name=op.f("uq_return_policy_store_id_from_at")),
    )
    op.create_index(op.f("ix_return_policy_store_id"), "return_policy", ["store_id"])


def _returns() -> None:
    op.create_table(
        "returns",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("parcel_id", ID, nullable=True),
        sa.Column("warehouse_id", ID, nullable=False),
        sa.Column("origin", sa.String(24), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("confirmed_by_id", ID, nullable=True),
        sa.Column("confirmed_at", AT, nullable=False),
        sa.Column("until", AT, nullable=True),
        sa.Column("sent_at", AT, nullable=True),
        sa.Column("arrived_at", AT, nullable=True),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("freight", sa.String(24), nullable=False),
        sa.Column("policy_days", sa.Integer(), nullable=False),
        sa.Column("policy_condition", sa.String(200), nullable=False),
        sa.Column("exception", sa.Text(), nullable=True),
        sa.Column("excepted_by_id", ID, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint("freight IN ('customer', 'shop', 'by_reason')", name=op.f("ck_returns_freight_known")),
        sa.CheckConstraint(
            "origin IN ('customer', 'intercept', 'refusal', 'failed_delivery')", name=op.f("ck_returns_origin_known")
        ),
        sa.CheckConstraint(
            "state IN ('confirmed', 'sent', 'partly_arrived', 'arrived', 'inspected', 'disposed', 'cancelled')",
            name=op.f("ck_returns_state_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_returns_case_id_cases")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], name=op.f("fk_returns_confirmed_by_id_person")),
        sa.ForeignKeyConstraint(["excepted_by_id"], ["person.id"], name=op.f("fk_returns_excepted_by_id_person")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_returns_order_id_orders")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_returns_parcel_id_parcel")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_returns_store_id_store")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_returns_warehouse_id_warehouse")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
    )
    op.create_index("ix_return_case", "returns", ["case_id"])
    op.create_index(
        "ix_return_open",
        "returns",
        ["store_id", "state", "id"],
        **_where("state IN ('arrived', 'confirmed', 'inspected', 'partly_arrived', 'sent')"),
    )
    op.create_index("ix_return_order", "returns", ["order_id"])
    op.create_index(op.f("ix_returns_store_id"), "returns", ["store_id"])


def _return_line() -> None:
    op.create_table(
        "return_line",
        sa.Column("id", ID, nullable=False),
        sa.Column("return_id", ID, nullable=False),
        sa.Column("line_id", ID, nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("arrived", sa.Integer(), nullable=False),
        sa.Column("given_up", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(128), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=True),
        sa.Column("store_id", ID, nullable=False),
        sa.CheckConstraint("arrived + given_up <= expected", name=op.f("ck_return_line_arrived_once")),
        sa.CheckConstraint("arrived >= 0 AND given_up >= 0", name=op.f("ck_return_line_counters_not_negative")),
        sa.CheckConstraint("expected > 0", name=op.f("ck_return_line_expected_positive")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_return_line_line_id_order_line")),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"], name=op.f("fk_return_line_return_id_returns")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_return_line_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_line")),
        sa.UniqueConstraint("return_id", "line_id", name=op.f("uq_return_line_return_id_line_id")),
    )
    op.create_index("ix_return_line_line", "return_line", ["line_id"])
    op.create_index(op.f("ix_return_line_store_id"), "return_line", ["store_id"])


def _return_waybill() -> None:
    op.create_table(
        "return_waybill",
        sa.Column("id", ID, nullable=False),
        sa.Column("return_id", ID, nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("carrier", sa.String(64), nullable=True),
        sa.Column("told_by_id", ID, nullable=True),
        sa.Column("told_at", AT, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"], name=op.f("fk_return_waybill_return_id_returns")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_return_waybill_store_id_store")),
        sa.ForeignKeyConstraint(["told_by_id"], ["person.id"], name=op.f("fk_return_waybill_told_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_waybill")),
        sa.UniqueConstraint("return_id", "number", name=op.f("uq_return_waybill_return_id_number")),
    )
    op.create_index("ix_return_waybill_number", "return_waybill", ["number"])
    op.create_index(op.f("ix_return_waybill_store_id"), "return_waybill", ["store_id"])


def _arrival() -> None:
    op.create_table(
        "arrival",
        sa.Column("id", ID, nullable=False),
        sa.Column("warehouse_id", ID, nullable=False),
        sa.Column("waybill", sa.String(64), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("is_matched", sa.Boolean(), nullable=False),
        sa.Column("place", sa.String(64), nullable=True),
        sa.Column("sender", sa.Text(), nullable=True),
        sa.Column("sender_phone", sa.Text(), nullable=True),
        sa.Column("inside", sa.Text(), nullable=True),
        sa.Column("signed_in_by_id", ID, nullable=True),
        sa.Column("signed_in_at", AT, nullable=False),
        sa.Column("opened_by_id", ID, nullable=True),
        sa.Column("opened_at", AT, nullable=True),
        sa.Column("inspected_by_id", ID, nullable=True),
        sa.Column("inspected_at", AT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('signed_in', 'opened', 'inspected')", name=op.f("ck_arrival_state_known")),
        sa.ForeignKeyConstraint(["inspected_by_id"], ["person.id"], name=op.f("fk_arrival_inspected_by_id_person")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["person.id"], name=op.f("fk_arrival_opened_by_id_person")),
        sa.ForeignKeyConstraint(["signed_in_by_id"], ["person.id"], name=op.f("fk_arrival_signed_in_by_id_person")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_arrival_warehouse_id_warehouse")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
        sa.UniqueConstraint("warehouse_id", "waybill", name=op.f("uq_arrival_warehouse_id_waybill")),
    )
    op.create_index("ix_arrival_unknown", "arrival", ["warehouse_id", "id"], **_where("is_matched = false"))
    op.create_index("ix_arrival_waiting", "arrival", ["warehouse_id", "id"], **_where("state <> 'inspected'"))
    op.create_index("ix_arrival_waybill", "arrival", ["waybill"])


def _arrival_match() -> None:
    op.create_table(
        "arrival_match",
        sa.Column("id", ID, nullable=False),
        sa.Column("arrival_id", ID, nullable=False),
        sa.Column("return_id", ID, nullable=False),
        sa.Column("matched_by_id", ID, nullable=True),
        sa.Column("matched_at", AT, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["arrival_id"], ["arrival.id"], name=op.f("fk_arrival_match_arrival_id_arrival")),
        sa.ForeignKeyConstraint(["matched_by_id"], ["person.id"], name=op.f("fk_arrival_match_matched_by_id_person")),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"], name=op.f("fk_arrival_match_return_id_returns")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_arrival_match_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival_match")),
        sa.UniqueConstraint("arrival_id", "return_id", name=op.f("uq_arrival_match_arrival_id_return_id")),
    )
    op.create_index("ix_arrival_match_return", "arrival_match", ["return_id"])
    op.create_index(op.f("ix_arrival_match_store_id"), "arrival_match", ["store_id"])


def _arrival_photo() -> None:
    op.create_table(
        "arrival_photo",
        sa.Column("id", ID, nullable=False),
        sa.Column("arrival_id", ID, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("added_by_id", ID, nullable=True),
        sa.Column("added_at", AT, nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0 AND bytes > 0", name=op.f("ck_arrival_photo_has_a_size")),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_arrival_photo_added_by_id_person")),
        sa.ForeignKeyConstraint(["arrival_id"], ["arrival.id"], name=op.f("fk_arrival_photo_arrival_id_arrival")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival_photo")),
        sa.UniqueConstraint("arrival_id", "sha256", name=op.f("uq_arrival_photo_arrival_id_sha256")),
    )


def _finding() -> None:
    op.create_table(
        "finding",
        sa.Column("id", ID, nullable=False),
        sa.Column("arrival_id", ID, nullable=False),
        sa.Column("return_line_id", ID, nullable=True),
        sa.Column("identity", sa.String(24), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("disposed", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(24), nullable=True),
        sa.Column("has_defect", sa.Boolean(), nullable=True),
        sa.Column("sku", sa.String(128), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("note", sa.String(500), nullable=True),
        sa.Column("found_by_id", ID, nullable=True),
        sa.Column("found_at", AT, nullable=False),
        sa.Column("replaced_at", AT, nullable=True),
        sa.Column("replaced_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("grade IN ('A', 'B', 'C', 'D')", name=op.f("ck_finding_grade_known")),
        sa.CheckConstraint("identity = 'missing' OR grade IS NOT NULL", name=op.f("ck_finding_graded")),
        sa.CheckConstraint(
            "identity IN ('right', 'wrong', 'unexpected', 'missing')", name=op.f("ck_finding_identity_known")
        ),
        sa.CheckConstraint("disposed >= 0 AND disposed <= quantity", name=op.f("ck_finding_disposed_once")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_finding_quantity_positive")),
        sa.ForeignKeyConstraint(["arrival_id"], ["arrival.id"], name=op.f("fk_finding_arrival_id_arrival")),
        sa.ForeignKeyConstraint(["found_by_id"], ["person.id"], name=op.f("fk_finding_found_by_id_person")),
        sa.ForeignKeyConstraint(
            ["return_line_id"], ["return_line.id"], name=op.f("fk_finding_return_line_id_return_line")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    op.create_index("ix_finding_arrival", "finding", ["arrival_id", "id"])
    op.create_index("ix_finding_return_line", "finding", ["return_line_id"])


def _disposition() -> None:
    op.create_table(
        "disposition",
        sa.Column("id", ID, nullable=False),
        sa.Column("finding_id", ID, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(24), nullable=False),
        sa.Column("shelf", sa.String(64), nullable=True),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("decided_at", AT, nullable=False),
        sa.CheckConstraint(
            "place IN ('restock', 'b_stock', 'repair', 'supplier', 'scrap', 'send_back')",
            name=op.f("ck_disposition_place_known"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_disposition_quantity_positive")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_disposition_decided_by_id_person")),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_disposition_finding_id_finding")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposition")),
    )
    op.create_index("ix_disposition_finding", "disposition", ["finding_id"])
