"""Shapes of readiness, of suppliers' answers, and of parcels that are split, merged or sent from elsewhere."""

from __future__ import annotations

from marshmallow import fields, validate

from shopdesk.changes.states import SupplierAnswer, SupplierChannel
from shopdesk.orders.service import DECISIONS, MOST_REASON
from shopdesk.orders.states import ContactOutcome, OrderStatus, PayMethod, Readiness
from shopdesk.parcels.service import BY_SKU
from shopdesk.parcels.states import Stage
from shopdesk.web.api import Amount, Answer, Body, Id, OneLine, RowRefusal, Text, Time

_DECIDED = [str(one) for one in DECISIONS]
_OF_SKU = sorted(str(one) for one in BY_SKU)


def _one_of(known: list[str], **more) -> fields.Enum:
    return fields.Enum(
        Readiness, by_value=True, validate=validate.OneOf([Readiness(one) for one in known]), metadata={"enum": known},
        **more,
    )  # fmt: skip


def _day(**more) -> fields.Date:
    return fields.Date(metadata={"example": "2026-12-01", "description": "in the store's zone"}, **more)


class ReadinessIn(Body):
    """`until` with pre_sale_until; `reason` with address_problem and halted."""

    readiness = _one_of(_DECIDED, required=True)
    until = _day(load_default=None, allow_none=True)
    reason = OneLine(MOST_REASON, load_default=None, allow_none=True)


class LiftIn(Body):
    """`readiness`: lifted only where it is still this."""

    readiness = _one_of(_DECIDED, load_default=None, allow_none=True)


class ReadinessOut(Answer):
    order_id = Id(required=True)
    number = fields.String(required=True)
    status = fields.Enum(OrderStatus, by_value=True, required=True)
    readiness = fields.Enum(Readiness, by_value=True, required=True)
    decided = fields.Enum(Readiness, by_value=True, required=True, allow_none=True)
    until = _day(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    contact_is_open = fields.Boolean(required=True, metadata={"description": "somebody has to contact the customer"})
    changes = fields.List(Id(), required=True, metadata={"description": "changes that this opened"})


class ContactIn(Body):
    """other_goods: `line_id` and `attributes` become a change; cancels becomes a cancel wish."""

    outcome = fields.Enum(ContactOutcome, by_value=True, required=True)
    text = Text(2000, load_default=None, allow_none=True)
    line_id = Id(load_default=None, allow_none=True)
    attributes = OneLine(500, load_default=None, allow_none=True)


class PaymentIn(Body):
    amount = Amount(required=True)
    method = fields.Enum(PayMethod, by_value=True, required=True)
    reference = OneLine(64, load_default=None, allow_none=True)


class OfSku(Body):
    sku = OneLine(128, required=True)
    readiness = _one_of(_OF_SKU, required=True)
    until = _day(load_default=None, allow_none=True)
    reason = OneLine(MOST_REASON, load_default=None, allow_none=True)
    after = Id(load_default=0, metadata={"description": "`next` of the answer before"})


class LiftSku(Body):
    sku = OneLine(128, required=True)
    readiness = _one_of(_OF_SKU, required=True)
    after = Id(load_default=0, metadata={"description": "`next` of the answer before"})


class MarkedOut(Answer):
    order_id = Id(required=True)
    number = fields.String(required=True)
    readiness = fields.Enum(Readiness, by_value=True, required=True)
    refused = fields.Nested(RowRefusal, required=True, allow_none=True)


class ManyOut(Answer):
    items = fields.List(fields.Nested(MarkedOut), required=True)
    next = Id(required=True, allow_none=True, metadata={"description": "there are more: send it again with it"})


class SplitUnits(Body):
    line_id = Id(required=True)
    units = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=10**6))


class SplitIn(Body):
    units = fields.List(fields.Nested(SplitUnits), required=True, validate=validate.Length(min=1, max=200))


class MergeIn(Body):
    parcels = fields.List(Id(), required=True, validate=validate.Length(min=1, max=19))


class FromIn(Body):
    warehouse_id = Id(required=True)


class PlacedUnits(Answer):
    order_id = Id(required=True)
    line_id = Id(required=True)
    units = fields.Integer(required=True)


class RegroupedOut(Answer):
    """The parcel that was made, merged into, or sent from elsewhere."""

    id = Id(required=True)
    warehouse_id = Id(required=True)
    warehouse = fields.String(required=True)
    is_supplied = fields.Boolean(required=True)
    units = fields.List(fields.Nested(PlacedUnits), required=True)


class StageSeenIn(Body):
    """The stage as it was shown, and the told one that stands where it is another."""

    stage = fields.Enum(Stage, by_value=True, required=True)
    chosen = fields.Enum(
        Stage, by_value=True, load_default=None, allow_none=True,
        metadata={"description": "one of `contradictions`; without it the shown stage stands"},
    )  # fmt: skip


class StageSeenOut(Answer):
    """The parcel whose stage stands."""

    id = Id(required=True)
    stage = fields.Enum(Stage, by_value=True, required=True)


class SentIn(Body):
    via = fields.Enum(SupplierChannel, by_value=True, required=True)
    version = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(min=0, max=10**9))


class ReplyIn(Body):
    """`waybill` with a re-print, `grams` with a re-pack."""

    answer = fields.Enum(SupplierAnswer, by_value=True, required=True)
    text = Text(2000, load_default=None, allow_none=True)
    at = Time(load_default=None, allow_none=True)
    waybill = OneLine(64, load_default=None, allow_none=True)
    grams = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(min=1, max=10**6))
    version = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(min=0, max=10**9))


class MessageText(Answer):
    """The message to the supplier, personal values written out."""

    text = fields.String(required=True)
