"""Shapes of parcels that come back."""

from __future__ import annotations

from marshmallow import fields, validate

from shopdesk.cases.states import CasePhase, Reason
from shopdesk.parcels.states import Stage
from shopdesk.returns.states import (
    ArrivalState,
    Clue,
    Disposal,
    Grade,
    Identity,
    ReturnOrigin,
    ReturnStands,
    ReturnState,
    SignIn,
    Whose,
)
from shopdesk.web.api import Answer, Body, Id, Limit, OneLine, Query, Text, Time, YesNo

MOST_ROWS = 200
MOST_UNITS = 100_000


class ArrivalIn(Body):
    """A returned parcel as it was scanned at the dock."""

    waybill = OneLine(256, required=True, metadata={"example": "SF1020304050607"})
    warehouse_id = Id(required=True)
    place = OneLine(64, load_default=None, metadata={"description": "the shelf where it lies"})
    happened_at = Time(
        allow_none=True, load_default=None, metadata={"description": "told late; in the future it counts as now"}
    )


class ArrivalsAsked(Query):
    state = fields.Enum(ArrivalState, by_value=True, load_default=None)
    which = fields.String(
        load_default=None, validate=validate.OneOf(["unknown"]),
        metadata={"description": "`unknown`: parcels that no return is matched with"},
    )  # fmt: skip
    limit = Limit()


class FoundIn(Body):
    """One line of an inspection."""

    identity = fields.Enum(Identity, by_value=True, required=True)
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_UNITS))
    line_id = Id(
        allow_none=True, load_default=None,
        metadata={"description": "of the return; of what is unexpected, of the return beside whose goods it lay"},
    )  # fmt: skip
    grade = fields.Enum(Grade, by_value=True, allow_none=True, load_default=None)
    has_defect = YesNo(allow_none=True, load_default=None, metadata={"description": "a quality problem, on the piece"})
    sku = OneLine(128, load_default=None)
    title = OneLine(200, load_default=None)
    note = Text(500, load_default=None, metadata={"description": "about the goods; no personal text"})
    whose = fields.Enum(
        Whose, by_value=True, allow_none=True, load_default=None,
        metadata={"description": "of units that nobody expected: `more` of this customer, or `others`"},
    )  # fmt: skip


class FindingsIn(Body):
    items = fields.List(fields.Nested(FoundIn), required=True, validate=validate.Length(min=1, max=MOST_ROWS))
    seen_version = fields.Integer(
        strict=True, allow_none=True, load_default=None,
        metadata={"description": "of the parcel: the inspection is corrected; without it, it is the first one"},
    )  # fmt: skip


class DecidedIn(Body):
    finding_id = Id(required=True)
    place = fields.Enum(Disposal, by_value=True, required=True)
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_UNITS))
    shelf = OneLine(64, load_default=None)


class DispositionsIn(Body):
    items = fields.List(fields.Nested(DecidedIn), required=True, validate=validate.Length(min=1, max=MOST_ROWS))


class MatchIn(Body):
    return_id = Id(required=True)


class BoxIn(Body):
    """What stands on the box and lies in it; only what is given is written."""

    sender = OneLine(64, load_default=None)
    phone = OneLine(32, load_default=None, metadata={"description": "whole, or its last four digits"})
    inside = Text(
        500, load_default=None,
        metadata={"description": "SKU, words, and the case or order number on the slip: candidates are found by each"},
    )  # fmt: skip
    place = OneLine(64, load_default=None)


class GoodsUnitsIn(Body):
    line_id = Id(required=True, metadata={"description": "of the order"})
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_UNITS))


class CaseForGoodsIn(Body):
    order_id = Id(required=True)
    units = fields.List(
        fields.Nested(GoodsUnitsIn), allow_none=True, load_default=None, validate=validate.Length(max=MOST_ROWS),
        metadata={"description": "without it, all units that can still come back"},
    )  # fmt: skip


class ArrivalOut(Answer):
    """A parcel at the dock."""

    id = Id(required=True)
    warehouse_id = Id(required=True)
    waybill = fields.String(required=True)
    state = fields.Enum(ArrivalState, by_value=True, required=True)
    is_matched = fields.Boolean(required=True)
    place = fields.String(required=True, allow_none=True)
    inside = fields.String(required=True, allow_none=True)
    signed_in_at = Time(required=True)
    opened_at = Time(required=True, allow_none=True)
    inspected_at = Time(required=True, allow_none=True)
    case_id = Id(required=True, allow_none=True, metadata={"description": "opened for its goods, return not confirmed"})
    version = fields.Integer(required=True)


class SignedOut(Answer):
    """What a scan came to; `stop` of a parcel that never left makes no arrival."""

    code = fields.String(required=True)
    result = fields.Enum(SignIn, by_value=True, required=True)
    reason = fields.String(
        required=True,
        metadata={"description": "return, own_parcel, nobody; signed_in, opened; not_left, voided"},
    )
    is_late = fields.Boolean(required=True)
    arrival = fields.Nested(ArrivalOut, required=True, allow_none=True)
    stage = fields.Enum(Stage, by_value=True, required=True, allow_none=True)
    returns = fields.List(Id(), required=True)
    elsewhere = fields.String(required=True, allow_none=True, metadata={"description": "where it was expected"})
    zone = fields.String(required=True)


class ArrivalsOut(Answer):
    items = fields.List(fields.Nested(ArrivalOut), required=True)


class AwaitedLineOut(Answer):
    id = Id(required=True)
    sku = fields.String(required=True, allow_none=True)
    title = fields.String(required=True, allow_none=True)
    attributes = fields.String(required=True, allow_none=True)
    part_of = fields.String(required=True, allow_none=True, metadata={"description": "the bundle it is a part of"})
    expected = fields.Integer(required=True)
    arrived = fields.Integer(required=True)
    given_up = fields.Integer(required=True)


class AwaitedReturnOut(Answer):
    id = Id(required=True)
    case_number = fields.String(required=True, allow_none=True)
    order_number = fields.String(required=True)
    state = fields.Enum(ReturnState, by_value=True, required=True)
    stands = fields.Enum(
        ReturnStands, by_value=True, required=True, metadata={"description": "the state, or that a parcel lies here"}
    )
    origin = fields.Enum(ReturnOrigin, by_value=True, required=True)
    reason = fields.Enum(Reason, by_value=True, required=True, allow_none=True)
    lines = fields.List(fields.Nested(AwaitedLineOut), required=True)


class DispositionOut(Answer):
    place = fields.Enum(Disposal, by_value=True, required=True)
    quantity = fields.Integer(required=True)
    shelf = fields.String(required=True, allow_none=True)
    decided_at = Time(required=True)


class FindingOut(Answer):
    id = Id(required=True)
    line_id = Id(required=True, allow_none=True)
    identity = fields.Enum(Identity, by_value=True, required=True)
    quantity = fields.Integer(required=True)
    disposed = fields.Integer(required=True)
    grade = fields.Enum(Grade, by_value=True, required=True, allow_none=True)
    has_defect = fields.Boolean(required=True, allow_none=True)
    sku = fields.String(required=True, allow_none=True)
    title = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    label = fields.String(required=True, metadata={"description": "what its barcode says"})
    found_at = Time(required=True)
    dispositions = fields.List(fields.Nested(DispositionOut), required=True)


class CandidateOut(Answer):
    return_id = Id(required=True)
    case_number = fields.String(required=True)
    order_number = fields.String(required=True)
    score = fields.Integer(required=True, metadata={"description": "1 to 100"})
    clues = fields.List(fields.Enum(Clue, by_value=True), required=True)


class WholeArrivalOut(ArrivalOut):
    """A parcel with what is expected in it, what was found, and what it may be for."""

    returns = fields.List(fields.Nested(AwaitedReturnOut), required=True)
    findings = fields.List(fields.Nested(FindingOut), required=True)
    taken_out = fields.List(
        Id(), required=True, metadata={"description": "arrivals of their own: what in it was somebody else's"}
    )
    candidates = fields.List(fields.Nested(CandidateOut), required=True)


class CaseForGoodsOut(Answer):
    case_id = Id(required=True)
    case_number = fields.String(required=True)
    phase = fields.Enum(CasePhase, by_value=True, required=True)


class ArrivalPhotoOut(Answer):
    id = Id(required=True)
    width = fields.Integer(required=True, metadata={"description": "pixels"})
    height = fields.Integer(required=True, metadata={"description": "pixels"})
    bytes = fields.Integer(required=True)
    added_at = Time(required=True)


class ArrivalPhotosOut(Answer):
    items = fields.List(fields.Nested(ArrivalPhotoOut), required=True)
