"""Shapes of look-up, of one order whole, of memos and revealed values."""

from __future__ import annotations

from marshmallow import fields, validate

from shopdesk.cases.states import CaseKind, CasePhase, Goal
from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Role
from shopdesk.desk.schemas.changes import ChangeOut
from shopdesk.desk.schemas.knowledge import Knowledge, flag, stage
from shopdesk.desk.states import Revealable, RevealReason
from shopdesk.orders.states import AmendmentState, Field, LineKind, OrderStatus, Readiness
from shopdesk.parcels.states import HoldCause, Source, WaybillState
from shopdesk.staff.models import Platform
from shopdesk.web.api import Amount, Answer, Body, Id, Page, Text, Time

MIRRORED = {"description": "what the platform says, where the desk amended it"}


class LookUp(Page):
    """`q` is read as the search box does; without it the newest orders."""

    q = fields.String(load_default=None, validate=validate.Length(max=10_000), metadata={"example": "5678"})


class OpenChange(Answer):
    id = Id(required=True)
    kind = fields.Enum(Kind, by_value=True, required=True)
    next_code = fields.String(required=True, allow_none=True)
    next_role = fields.Enum(Role, by_value=True, required=True, allow_none=True)


class OpenCase(Answer):
    id = Id(required=True)
    number = fields.String(required=True)
    kind = fields.Enum(CaseKind, by_value=True, required=True)


class HitOut(Answer):
    """One row of a list; names are masked."""

    id = Id(required=True)
    number = fields.String(required=True)
    store = fields.String(required=True)
    platform = fields.Enum(Platform, by_value=True, required=True)
    status = fields.Enum(OrderStatus, by_value=True, required=True)
    readiness = fields.Enum(Readiness, by_value=True, required=True)
    ready_on = fields.Date(required=True, allow_none=True, metadata={"description": "of a pre-sale"})
    readiness_reason = fields.String(required=True, allow_none=True)
    flag = flag()
    buyer = fields.String(required=True, allow_none=True)
    recipient = fields.String(required=True, allow_none=True)
    first_title = fields.String(required=True, allow_none=True)
    line_count = fields.Integer(required=True)
    unit_count = fields.Integer(required=True)
    placed_at = Time(required=True, allow_none=True)
    paid = Amount(required=True, allow_none=True)
    stage = stage(metadata={"description": "of its least advanced parcel"})
    stage_at = Time(required=True, allow_none=True)
    knowledge = fields.Nested(Knowledge, required=True, allow_none=True)
    batch = fields.String(required=True, allow_none=True)
    holds = fields.Integer(required=True)
    parcel_count = fields.Integer(required=True)
    open_changes = fields.List(fields.Nested(OpenChange), required=True)
    open_cases = fields.List(fields.Nested(OpenCase), required=True)


class Hits(Answer):
    """`matched` says by what the orders were found, `missing` what of a pasted list was not."""

    items = fields.List(fields.Nested(HitOut), required=True)
    next = fields.String(required=True, allow_none=True)
    matched = fields.String(required=True, allow_none=True)
    missing = fields.List(fields.String(), required=True)


class AddressOut(Answer):
    """The phone is always masked; name and street are unless `is_clear`."""

    name = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    province = fields.String(required=True, allow_none=True)
    city = fields.String(required=True, allow_none=True)
    district = fields.String(required=True, allow_none=True)
    street = fields.String(required=True, allow_none=True)
    zip = fields.String(required=True, allow_none=True)
    is_clear = fields.Boolean(required=True)


class LineOut(Answer):
    id = Id(required=True)
    key = fields.String(required=True)
    kind = fields.Enum(LineKind, by_value=True, required=True)
    sku = fields.String(required=True, allow_none=True)
    title = fields.String(required=True, allow_none=True)
    attributes = fields.String(required=True, allow_none=True)
    mirrored_attributes = fields.String(required=True, allow_none=True)
    quantity = fields.Integer(required=True)
    remaining = fields.Integer(required=True)
    told_quantity = fields.Integer(required=True, allow_none=True)
    cancelled = fields.Integer(required=True)
    shipped = fields.Integer(required=True)
    is_incomplete = fields.Boolean(required=True)
    unit_price = Amount(required=True, allow_none=True)
    mirrored_unit_price = Amount(required=True, allow_none=True, metadata=MIRRORED)
    share = Amount(required=True, allow_none=True)
    refunded = Amount(required=True, allow_none=True)


class HoldOut(Answer):
    cause = fields.Enum(HoldCause, by_value=True, required=True)
    change_id = Id(required=True, allow_none=True)
    stop_id = Id(required=True, allow_none=True)
    expires_at = Time(required=True)
    is_overdue = fields.Boolean(required=True)


class WaybillOut(Answer):
    number = fields.String(required=True)
    carrier = fields.String(required=True, allow_none=True)
    state = fields.Enum(WaybillState, by_value=True, required=True)


class Contradiction(Answer):
    """What another source says of the stage; `knowledge` has who told the one that is shown."""

    stage = stage()
    happened_at = Time(required=True, allow_none=True)
    as_of = Time(required=True)
    source = fields.Enum(Source, by_value=True, required=True)
    origin = fields.String(required=True, allow_none=True)


class ParcelOut(Answer):
    id = Id(required=True)
    stage = stage()
    stage_at = Time(required=True, allow_none=True)
    knowledge = fields.Nested(Knowledge, required=True)
    batch = fields.String(required=True, allow_none=True)
    position = fields.Integer(required=True, allow_none=True)
    holds = fields.List(fields.Nested(HoldOut), required=True)
    waybills = fields.List(fields.Nested(WaybillOut), required=True)
    other_order_ids = fields.List(Id(), required=True, metadata={"description": "orders merged into this parcel"})
    warehouse = fields.String(required=True)
    is_supplied = fields.Boolean(required=True, metadata={"description": "a supplier sends it"})
    contradictions = fields.List(
        fields.Nested(Contradiction), required=True,
        metadata={"description": "until a scan or a person decides"},
    )  # fmt: skip


class AmendmentOut(Answer):
    id = Id(required=True)
    field = fields.Enum(Field, by_value=True, required=True)
    line_id = Id(required=True, allow_none=True)
    state = fields.Enum(AmendmentState, by_value=True, required=True)
    old = fields.String(required=True, allow_none=True, metadata={"description": "null of an amount"})
    new = fields.String(required=True, allow_none=True)
    old_amount = Amount(
        required=True, allow_none=True, metadata={"description": "of a price or freight; null: nobody told it"}
    )
    new_amount = Amount(required=True, allow_none=True)
    made_at = Time(required=True)


class MemoOut(Answer):
    id = Id(required=True)
    text = fields.String(required=True, metadata={"description": "personal values masked"})
    template = fields.String(required=True, allow_none=True)
    flag = flag()
    signed = fields.String(required=True)
    made_at = Time(required=True)
    pasted_at = Time(required=True, allow_none=True)


class MemoSize(Answer):
    """How long the whole text is against what the platform takes."""

    used = fields.Integer(required=True)
    limit = fields.Integer(required=True)
    unit = fields.String(required=True)


class CaseOfOrder(Answer):
    """A case on the order; GET /cases/{id} has its words."""

    id = Id(required=True)
    number = fields.String(required=True)
    kind = fields.Enum(CaseKind, by_value=True, required=True)
    goal = fields.Enum(Goal, by_value=True, required=True, allow_none=True)
    phase = fields.Enum(CasePhase, by_value=True, required=True)
    owner = fields.String(required=True, allow_none=True)
    opened_at = Time(required=True)


class OrderOut(Answer):
    """One order whole.  What the platform says is mirrored; what the desk decided stands before it."""

    id = Id(required=True)
    number = fields.String(required=True)
    store = fields.String(required=True)
    platform = fields.Enum(Platform, by_value=True, required=True)
    zone = fields.String(required=True)
    currency = fields.String(required=True)
    status = fields.Enum(OrderStatus, by_value=True, required=True)
    status_given = fields.String(required=True, allow_none=True)
    readiness = fields.Enum(Readiness, by_value=True, required=True)
    ready_on = fields.Date(required=True, allow_none=True, metadata={"description": "of a pre-sale"})
    readiness_reason = fields.String(required=True, allow_none=True)
    flag = flag()
    stage = stage()
    as_of = Time(required=True)
    source = fields.String(required=True)
    placed_at = Time(required=True, allow_none=True)
    paid_at = Time(required=True, allow_none=True)
    marked_shipped_at = Time(required=True, allow_none=True)
    goods = Amount(required=True, allow_none=True)
    shipping = Amount(required=True, allow_none=True)
    total = Amount(required=True, allow_none=True)
    mirrored_goods = Amount(required=True, allow_none=True, metadata=MIRRORED)
    mirrored_shipping = Amount(required=True, allow_none=True, metadata=MIRRORED)
    mirrored_total = Amount(required=True, allow_none=True, metadata=MIRRORED)
    paid = Amount(required=True, allow_none=True)
    received = Amount(required=True, allow_none=True)
    buyer = fields.String(required=True, allow_none=True)
    address = fields.Nested(AddressOut, required=True)
    mirrored_address = fields.Nested(AddressOut, required=True, allow_none=True)
    lines_complete = fields.Boolean(required=True)
    lines = fields.List(fields.Nested(LineOut), required=True)
    parcels = fields.List(fields.Nested(ParcelOut), required=True)
    changes = fields.List(fields.Nested(ChangeOut), required=True)
    cases = fields.List(fields.Nested(CaseOfOrder), required=True)
    amendments = fields.List(fields.Nested(AmendmentOut), required=True)
    memos = fields.List(fields.Nested(MemoOut), required=True)
    memo_size = fields.Nested(MemoSize, required=True)
    other_orders = fields.List(fields.Nested(HitOut), required=True)


class MemoIn(Body):
    text = Text(10_000, required=True)
    flag = flag()


class MemoTextIn(Body):
    shorter = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "a text that the platform takes, where the whole one is too long"},
    )


class MemoText(Answer):
    """The text for the platform's memo field, personal values written out, and how much of the field it takes."""

    text = fields.String(required=True)
    fits = fields.Boolean(required=True)
    used = fields.Integer(required=True)
    limit = fields.Integer(required=True)
    unit = fields.String(required=True, metadata={"enum": ["bytes", "characters"]})


class Pasted(Answer):
    memos = fields.Integer(required=True, metadata={"description": "how many were ticked"})


class RevealIn(Body):
    """`reason` may be left out within the person's own open work."""

    what = fields.Enum(Revealable, by_value=True, required=True)
    reason = fields.Enum(RevealReason, by_value=True, allow_none=True, load_default=None)


class Revealed(Answer):
    what = fields.Enum(Revealable, by_value=True, required=True)
    value = fields.String(required=True, allow_none=True)
