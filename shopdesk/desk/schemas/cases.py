"""Shapes of the work on cases."""

from __future__ import annotations

from marshmallow import fields, validate

from shopdesk.cases.states import (
    MAX_OUTCOME,
    MAX_WISH,
    Appraisal,
    CaseKind,
    CasePhase,
    DueSource,
    Ending,
    Goal,
    WaitingFor,
)
from shopdesk.web.api import Answer, Body, Id, OneLine, Text, Time, YesNo


class CasePhotoOut(Answer):
    """A photo; `case_id` is another case's where that one goes on in this."""

    id = Id(required=True)
    case_id = Id(required=True)
    width = fields.Integer(required=True, metadata={"description": "pixels"})
    height = fields.Integer(required=True, metadata={"description": "pixels"})
    bytes = fields.Integer(required=True)
    added_at = Time(required=True)


class CasePhotos(Answer):
    items = fields.List(fields.Nested(CasePhotoOut), required=True)


class CaseState(Answer):
    """How a case stands after what was done; its words are on the case itself."""

    id = Id(required=True)
    number = fields.String(required=True)
    phase = fields.Enum(CasePhase, by_value=True, required=True)
    owner = fields.String(required=True, allow_none=True)
    offered_to = fields.String(required=True, allow_none=True)
    appraisal = fields.Enum(Appraisal, by_value=True, required=True, allow_none=True)
    waiting_for = fields.Enum(WaitingFor, by_value=True, required=True, allow_none=True)
    due_at = Time(required=True, allow_none=True)
    due_source = fields.Enum(DueSource, by_value=True, required=True, allow_none=True)
    ending = fields.Enum(Ending, by_value=True, required=True, allow_none=True)
    parent_id = Id(required=True, allow_none=True)
    merged_into_id = Id(required=True, allow_none=True)


class EverydayReturnIn(Body):
    """`wish`: in the customer's words; without them it says that the unit is not wanted."""

    wish = Text(MAX_WISH, load_default=None)
    exception = Text(
        500, load_default=None, metadata={"description": "why it comes back out of time; by who may make exceptions"}
    )


class EverydayReturnOut(CaseState):
    return_id = Id(required=True)


class AppraisalIn(Body):
    appraisal = fields.Enum(Appraisal, by_value=True, required=True)


class CaseReasonIn(Body):
    reason = Text(MAX_OUTCOME, required=True)


class CaseNoteIn(Body):
    text = Text(MAX_OUTCOME, required=True)
    mentions = fields.List(Id(), load_default=[], validate=validate.Length(max=20))


class CaseNoteOut(Answer):
    """An internal note; masked in the answer to a POST."""

    id = Id(required=True)
    case_id = Id(required=True)
    by = fields.String(required=True, allow_none=True)
    at = Time(required=True)
    text = fields.String(required=True)


class CaseNotes(Answer):
    items = fields.List(fields.Nested(CaseNoteOut), required=True)


class CaseDueIn(Body):
    at = Time(required=True)


class CaseWaitIn(Body):
    waiting_for = fields.Enum(WaitingFor, by_value=True, required=True, allow_none=True)


class CaseOfferIn(Body):
    to = Id(required=True)
    words = Text(MAX_OUTCOME, load_default=None)


class CaseOfferAnswerIn(Body):
    accept = YesNo(required=True)
    words = Text(MAX_OUTCOME, load_default=None, metadata={"description": "where it is not accepted"})


class CaseAssignIn(Body):
    to = Id(required=True)


class CaseNumberIn(Body):
    number = OneLine(24, required=True)


class TakenUnitsIn(Body):
    line_id = Id(required=True)
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=100_000))


class CaseSplitIn(Body):
    kind = fields.Enum(CaseKind, by_value=True, required=True)
    goal = fields.Enum(Goal, by_value=True, load_default=None, allow_none=True)
    units = fields.List(fields.Nested(TakenUnitsIn), required=True, validate=validate.Length(min=1, max=200))
