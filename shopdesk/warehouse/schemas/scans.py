"""Shapes of scans."""

from __future__ import annotations

from marshmallow import fields, validate

from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import RecallKind, RecallState, Source, Stage, StopScope
from shopdesk.warehouse.states import Mode, Result
from shopdesk.web.api import Answer, Body, Id, OneLine, RowRefusal, Time

MOST_ROWS = 500
MOST_GRAMS = 1_000_000
MOST_COUNTED = 1_000_000


class Counted(Body):
    """Units of one line that lay on the table."""

    line_id = Id(required=True)
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(0, MOST_COUNTED))


class ScanIn(Body):
    """What the scanner read, with or without its prefixes and suffixes, in any digits."""

    code = OneLine(256, required=True, metadata={"example": "SF1020304050607"})
    mode = fields.Enum(
        Mode,
        by_value=True,
        required=True,
        metadata={
            "description": "pack, ship: moves the parcel.  recall: only looks what is due.  hand_out, take_back: does "
            "the step of the change that waits for it; what cannot be done is refused, in words, and an old waybill "
            "is a `stop` as in every mode"
        },
    )
    to = Id(allow_none=True, load_default=None, metadata={"description": "hand_out: id of the person who gets it"})
    grams = fields.Integer(
        allow_none=True, load_default=None, strict=True, validate=validate.Range(1, MOST_GRAMS),
        metadata={"description": "take_back of a parcel that is packed again; needed where other units are in it now"},
    )  # fmt: skip
    counted = fields.List(
        fields.Nested(Counted), allow_none=True, load_default=None, validate=validate.Length(max=MOST_ROWS),
        metadata={"description": "take_back of goods that are booked in, a scan of its own: what was counted"},
    )  # fmt: skip
    version = fields.Integer(
        allow_none=True, load_default=None, strict=True, metadata={"description": "of the change, as you saw it"}
    )
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
    position = fields.Integer(required=True)


class HoldingChange(Answer):
    id = Id(required=True)
    kind = fields.Enum(Kind, by_value=True, required=True)
    asked_as = fields.String(required=True, metadata={"description": "the asker's name on memos"})
    opened_at = Time(required=True)
    next = fields.Nested(HoldingStep, required=True, allow_none=True)
    version = fields.Integer(required=True, metadata={"description": "sent back with a step as seen_version"})


class ScannedRecall(Answer):
    """Papers or a parcel that are fetched or out; where nothing is, the last recall and who answered it when."""

    id = Id(required=True)
    change_id = Id(required=True)
    change_kind = fields.Enum(Kind, by_value=True, required=True, allow_none=True)
    asked_as = fields.String(required=True, allow_none=True)
    kind = fields.Enum(RecallKind, by_value=True, required=True)
    state = fields.Enum(RecallState, by_value=True, required=True)
    requested_at = Time(required=True)
    until = Time(required=True, allow_none=True, metadata={"description": "of a pull-back; then it is too late"})
    found_at = Time(required=True, allow_none=True)
    found_by = fields.String(required=True, allow_none=True)
    handed_out_at = Time(required=True, allow_none=True)
    handed_out_by = fields.String(required=True, allow_none=True)
    handed_to = fields.String(required=True, allow_none=True, metadata={"description": "who holds it"})
    ended_at = Time(required=True, allow_none=True)
    ended_by = fields.String(required=True, allow_none=True)
    next = fields.Nested(HoldingStep, required=True, allow_none=True)
    version = fields.Integer(required=True, allow_none=True)


class ScannedStop(Answer):
    """A stop that holds it."""

    id = Id(required=True)
    scope = fields.Enum(StopScope, by_value=True, required=True)
    reason = fields.String(required=True)
    made_at = Time(required=True)
    made_by = fields.String(required=True, allow_none=True)
    expires_at = Time(required=True)


class ScannedLine(Answer):
    line_id = Id(required=True)
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
    recalls = fields.List(fields.Nested(ScannedRecall), required=True)
    stops = fields.List(fields.Nested(ScannedStop), required=True)


class ScanOut(Answer):
    """ok: moved, or the step is done.  already: scanned twice, nothing is due.  stop: put it aside, `reasons` say why.
    due: it is recalled, `parcel.recalls` say what is next.  unknown: no parcel of your stores.

    `reasons` are codes: open_change, stopped, held, voided, cancelled, superseded, old_papers, several, duplicate,
    foreign, nothing_left, ships_from_supplier, readiness_…, overtaken (it moved, but carries old data), stage_…
    (where it stands already), not_found, pull_back (it is wanted back before the courier collects it), recall_answered,
    nothing_recalled, shipped_but_here (ok: packed, though somebody outside had reported it as shipped), found_before
    (ok: too late, though somebody had said that it is found).
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
