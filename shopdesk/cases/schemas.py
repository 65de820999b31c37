"""Shapes of cases."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from marshmallow import fields, validate

from shopdesk.cases.states import (
    MAX_ANSWER,
    MAX_OUTCOME,
    MAX_WISH,
    Appraisal,
    CaseKind,
    CasePhase,
    CaseSource,
    Detail,
    DueSource,
    Ending,
    Goal,
    Inquiry,
    Question,
    Reason,
    Resolution,
    WaitingFor,
)
from shopdesk.core.permissions import Role
from shopdesk.web.api import Amount, Answer, Body, Id, Nothing, Page, Text, Time

__all__ = ["CaseIn", "CaseOut", "CaseRowOut", "Cases", "CasesPage", "ClosingIn", "Nothing"]


class CasesPage(Page):
    kind = fields.Enum(CaseKind, by_value=True, load_default=None)
    phase = fields.Enum(CasePhase, by_value=True, load_default=None)
    owner = fields.String(
        load_default=None,
        validate=validate.OneOf(["me", "none", "left"]),
        metadata={"description": "of open ones: one's own, those that nobody accepted, those whose owner has left"},
    )
    waiting = fields.Enum(WaitingFor, by_value=True, load_default=None, metadata={"description": "whom it waits for"})
    due = Time(load_default=None, metadata={"description": "those whose due time is before it"})


def one_of(kind: type[StrEnum], **kwargs: Any) -> fields.Enum:
    """A code of an enumeration that may be left out."""
    return fields.Enum(kind, by_value=True, **{"load_default": None, "allow_none": True, **kwargs})


class CaseUnitsIn(Body):
    line_id = Id(required=True)
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=100_000))


class CaseAnswerIn(Body):
    question = fields.Enum(Question, by_value=True, required=True)
    answer = Text(MAX_ANSWER, required=True)


class CaseIn(Body):
    order_id = Id(required=True)
    parcel_id = Id(load_default=None, allow_none=True, metadata={"description": "where one of several is meant"})
    kind = fields.Enum(CaseKind, by_value=True, required=True)
    goal = fields.Enum(
        Goal,
        by_value=True,
        load_default=None,
        allow_none=True,
        metadata={"description": "of intercept, and only there"},
    )
    wish = Text(MAX_WISH, load_default=None, metadata={"description": "may be left out where a reason is given"})
    reason = one_of(Reason)
    detail = one_of(Detail, metadata={"description": "one of the reason's"})
    inquiry = one_of(Inquiry)
    wanted = fields.List(fields.Enum(Resolution, by_value=True), load_default=[], validate=validate.Length(max=6))
    units = fields.List(fields.Nested(CaseUnitsIn), load_default=[], validate=validate.Length(max=200))
    answers = fields.List(fields.Nested(CaseAnswerIn), load_default=[], validate=validate.Length(max=10))


class ClosingIn(Body):
    outcome = Text(MAX_OUTCOME, required=True)


class CaseRowOut(Answer):
    """A case in a list; its words are on the case itself."""

    id = Id(required=True)
    number = fields.String(required=True, metadata={"example": "C20261122-0007"})
    store = fields.String(required=True)
    order_id = Id(required=True)
    order_number = fields.String(required=True)
    kind = fields.Enum(CaseKind, by_value=True, required=True)
    goal = fields.Enum(Goal, by_value=True, required=True, allow_none=True)
    source = fields.Enum(CaseSource, by_value=True, required=True)
    phase = fields.Enum(CasePhase, by_value=True, required=True)
    role = fields.Enum(Role, by_value=True, required=True, metadata={"description": "whose inbox it stands in"})
    owner = fields.String(required=True, allow_none=True, metadata={"description": "null until somebody accepts it"})
    opened_at = Time(required=True)
    accepted_at = Time(required=True, allow_none=True)
    closed_at = Time(required=True, allow_none=True)
    waiting_for = fields.Enum(WaitingFor, by_value=True, required=True, allow_none=True)
    due_at = Time(required=True, allow_none=True)


class CaseUnits(Answer):
    """Units of an order line, as it was called when the case was opened."""

    line_id = Id(required=True)
    quantity = fields.Integer(required=True)
    sku = fields.String(required=True, allow_none=True)
    title = fields.String(required=True, allow_none=True)
    attributes = fields.String(required=True, allow_none=True)


class CaseAnswerOut(Answer):
    question = fields.Enum(Question, by_value=True, required=True)
    answer = fields.String(required=True)


class CasePlatform(Answer):
    """What the platform's own list says of the case, as given."""

    number = fields.String(required=True)
    status = fields.String(required=True, allow_none=True)
    word = fields.String(required=True, metadata={"description": "running, closed or done: what the status comes to"})
    amount = Amount(required=True, allow_none=True)
    due_at = Time(required=True, allow_none=True)
    as_of = Time(required=True, allow_none=True)


class CaseOut(CaseRowOut):
    """One case.  `wish`, `outcome` and the answers are masked in the answer to a POST."""

    parcel_id = Id(required=True, allow_none=True)
    change_id = Id(required=True, allow_none=True, metadata={"description": "the change that came too late"})
    wish = fields.String(required=True)
    outcome = fields.String(required=True, allow_none=True)
    reason = fields.Enum(Reason, by_value=True, required=True, allow_none=True)
    detail = fields.Enum(Detail, by_value=True, required=True, allow_none=True)
    inquiry = fields.Enum(Inquiry, by_value=True, required=True, allow_none=True)
    wanted = fields.List(fields.Enum(Resolution, by_value=True), required=True)
    appraisal = fields.Enum(Appraisal, by_value=True, required=True, allow_none=True)
    waiting_for = fields.Enum(WaitingFor, by_value=True, required=True, allow_none=True)
    due_at = Time(required=True, allow_none=True)
    due_source = fields.Enum(DueSource, by_value=True, required=True, allow_none=True)
    ending = fields.Enum(Ending, by_value=True, required=True, allow_none=True)
    parent_id = Id(required=True, allow_none=True)
    merged_into_id = Id(required=True, allow_none=True)
    units = fields.List(fields.Nested(CaseUnits), required=True)
    answers = fields.List(fields.Nested(CaseAnswerOut), required=True)
    platform = fields.Nested(CasePlatform, required=True, allow_none=True)


class Cases(Answer):
    """Open ones oldest first, closed ones newest first."""

    items = fields.List(fields.Nested(CaseRowOut), required=True)
    next = fields.String(required=True, allow_none=True)
