"""Shapes of scans."""

from __future__ import annotations

from marshmallow import fields, validate

from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Source, Stage
from shopdesk.warehouse.states import Mode, Result
from shopdesk.web.api import Answer, Body, Id, OneLine, RowRefusal, Time

MOST_ROWS = 500


class ScanIn(Body):
    """What the scanner read, with or without its prefixes and suffixes, in any digits."""

    code = OneLine(256, required=True, metadata={"example": "SF1020304050607"})
    mode = fields.Enum(Mode, by_value=True, required=True)
    happened_at = Time(
        allow_none=True,
        load_default=None,
        metadata={"description": "of a scan that is told late; in the future it counts as now"},
    )


class ScansIn(Body):
    items = fields.List(fields.Nested(ScanIn), required=True, validate=validate.Length(min=1, max=MOST_ROWS))


class HoldingStep(Answer):
    code = fields.String(required=True)
    role = fields.Enum(Role, by_value=True, required=True)


class HoldingChange(Answer):
    id = Id(required=True)
    kind = fields.Enum(Kind, by_value=True, required=True)
    asked_as = fields.String(required=True, metadata={"description": "the asker's name on memos"})
    opened_at = Time(required=True)
    next = fields.Nested(HoldingStep, required=True, allow_none=True)


class ScannedLine(Answer):
    sku = fields.String(required=True, allow_none=True)
    title = fields.String(required=True, allow_none=True)
    quantity = fields.Integer(required=True)


class ScannedParcel(Answer):
    """`changes` hold it; `done` are the kinds of changes that its contents and papers must show."""

    id = Id(required=True)
    store_id = Id(required=True)
    stage = fields.Enum(Stage, by_value=True, required=True)
    stage_at = Time(required=True, allow_none=True)
    stage_source = fields.Enum(Source, by_value=True, required=True)
    stage_origin = fields.String(required=True, allow_none=True)
    batch = fields.String(required=True, allow_none=True)
    position = fields.Integer(required=True, allow_none=True)
    waybill = fields.String(required=True, allow_none=True, metadata={"description": "the newest valid one"})
    hold_until = Time(required=True, allow_none=True)
    lines = fields.List(fields.Nested(ScannedLine), required=True)
    changes = fields.List(fields.Nested(HoldingChange), required=True)
    done = fields.List(fields.Enum(Kind, by_value=True), required=True)


class ScanOut(Answer):
    """ok: moved.  already: scanned twice.  stop: put it aside, `reasons` say why.  unknown: no parcel of your stores.

    `reasons` are codes: open_change, stopped, held, voided, superseded, old_papers, several, duplicate, foreign,
    nothing_left, readiness_…, overtaken (it moved, but carries old data), stage_… (where it stands already), not_found.
    """

    code = fields.String(required=True, metadata={"description": "cleaned"})
    mode = fields.Enum(Mode, by_value=True, required=True)
    result = fields.Enum(Result, by_value=True, required=True)
    reasons = fields.List(fields.String(), required=True)
    is_late = fields.Boolean(required=True)
    happened_at = Time(required=True)
    parcel = fields.Nested(ScannedParcel, required=True, allow_none=True)


class ScanRow(Answer):
    index = fields.Integer(required=True)
    scan = fields.Nested(ScanOut, required=True, allow_none=True)
    refused = fields.Nested(RowRefusal, required=True, allow_none=True)


class ScansOut(Answer):
    items = fields.List(fields.Nested(ScanRow), required=True)
