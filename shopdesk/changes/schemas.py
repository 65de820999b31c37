"""Shapes of reported stages, parsed addresses and amendments."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validate, validates_schema

from shopdesk.orders.states import AmendmentState
from shopdesk.parcels.states import FactEffect, Source, Stage
from shopdesk.web.api import Answer, Body, Id, OneLine, RowRefusal, Text, Time

MOST_ROWS = 500
SOURCES = (Source.API, Source.PLATFORM, Source.CARRIER)  # what others may say; our own hands have their own commands


class FactIn(Body):
    """A stage of the parcels of an order, or of the parcel with a waybill: one of the two is named."""

    order = OneLine(64, metadata={"description": "order number"})
    waybill = OneLine(64)
    stage = fields.Enum(Stage, by_value=True, required=True)
    happened_at = Time(
        allow_none=True,
        load_default=None,
        metadata={"description": "null: unknown, not after as_of; in the future it counts as now, with a warning"},
    )
    batch = OneLine(32)
    position = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(min=1, max=100_000),
        metadata={"description": "the parcel's place in the batch"},
    )  # fmt: skip

    @validates_schema
    def check_named(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if bool(data.get("order")) == bool(data.get("waybill")):
            raise ValidationError({"order": [str(_("Name the order or the waybill."))]})


class FactsIn(Body):
    as_of = Time(required=True, metadata={"description": "when the source said so; in the future it counts as now"})
    origin = OneLine(64, load_default="api", metadata={"example": "ERP"})
    source = fields.Enum(
        Source, by_value=True, load_default=Source.API, validate=validate.OneOf(SOURCES),
        metadata={"enum": [str(s) for s in SOURCES]},
    )  # fmt: skip
    covers = fields.String(
        load_default="some",
        validate=validate.OneOf(["store", "some"]),
        metadata={"description": "store: whatever is not named stood at as_of as it was known"},
    )
    items = fields.List(fields.Nested(FactIn), required=True, validate=validate.Length(min=0, max=MOST_ROWS))


class FactOut(Answer):
    """effect: moved; known (adds nothing); contradicted (against our own hands); asked (a reported void)."""

    parcel_id = Id(required=True)
    stage = fields.Enum(Stage, by_value=True, required=True)
    happened_at = Time(required=True, allow_none=True)
    effect = fields.Enum(FactEffect, by_value=True, required=True)


class FactWarning(Answer):
    """Something about a time that was told; what was told was taken all the same."""

    code = fields.String(required=True, metadata={"example": "happened_in_future"})
    message = fields.String(required=True)
    said = Time(required=True)


class FactResult(Answer):
    index = fields.Integer(required=True, metadata={"description": "place of the row, from 0"})
    facts = fields.List(fields.Nested(FactOut), required=True)
    warnings = fields.List(fields.Nested(FactWarning), required=True)
    refused = fields.Nested(RowRefusal, required=True, allow_none=True)


class FactsOut(Answer):
    as_of = Time(required=True)
    warnings = fields.List(fields.Nested(FactWarning), required=True)
    items = fields.List(fields.Nested(FactResult), required=True)


class AddressLine(Body):
    text = Text(4000, required=True, metadata={"example": "张伟,13812345678,江苏省苏州市虎丘区星澜街128号"})


class AddressParts(Answer):
    """The parts; `unsure` names those that were guessed or stayed open: a person looks at them."""

    name = fields.String(required=True)
    phone = fields.String(required=True)
    province = fields.String(required=True)
    city = fields.String(required=True)
    district = fields.String(required=True)
    street = fields.String(required=True)
    zip = fields.String(required=True)
    unsure = fields.List(fields.String(), required=True)
    not_known = fields.List(
        fields.String(), required=True,
        metadata={"description": "places as written that are not known where they stand: 苏州市 in 浙江省"},
    )  # fmt: skip


class Entered(Answer):
    id = Id(required=True)
    order_id = Id(required=True)
    state = fields.Enum(AmendmentState, by_value=True, required=True)
