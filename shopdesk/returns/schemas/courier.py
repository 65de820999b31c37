"""Shapes of what couriers are asked and tell, and of claims."""

from __future__ import annotations

from marshmallow import fields

from shopdesk.cases.states import MAX_SAID, ClaimState, CourierOutcome, Custody
from shopdesk.web.api import Amount, Answer, Body, Id, OneLine, Text, Time

MAX_LINE = 64


class CourierWordIn(Body):
    outcome = fields.Enum(CourierOutcome, by_value=True, required=True)
    said = Text(MAX_SAID, load_default=None)
    parcel_id = Id(load_default=None, allow_none=True, metadata={"description": "where one of several is meant"})


class ClaimIn(Body):
    amount = Amount(required=True, allow_none=False)
    carrier = OneLine(MAX_LINE, required=True)
    waybill = OneLine(MAX_LINE, load_default=None)
    due_at = Time(load_default=None, allow_none=True, metadata={"description": "without it in 15 days"})
    reference = OneLine(MAX_LINE, load_default=None)


class ClaimMoveIn(Body):
    state = fields.Enum(ClaimState, by_value=True, required=True)
    paid = Amount(load_default=None, metadata={"description": "with `paid`"})
    result = Text(MAX_SAID, load_default=None)


class ClaimOut(Answer):
    id = Id(required=True)
    case_id = Id(required=True)
    carrier = fields.String(required=True)
    waybill = fields.String(required=True, allow_none=True)
    state = fields.Enum(ClaimState, by_value=True, required=True)
    amount = Amount(required=True, allow_none=True)
    paid = Amount(required=True, allow_none=True)
    due_at = Time(required=True)
    reference = fields.String(required=True, allow_none=True)
    result = fields.String(required=True, allow_none=True)
    filed_at = Time(required=True)
    ended_at = Time(required=True, allow_none=True)


class CourierWordOut(Answer):
    outcome = fields.Enum(CourierOutcome, by_value=True, required=True)
    parcel_id = Id(required=True)
    return_id = Id(required=True, allow_none=True, metadata={"description": "the return that it led to"})
    said = fields.String(required=True, allow_none=True)
    told_at = Time(required=True)


class CourierOut(Answer):
    """What the courier was asked and told, oldest first, and who has the parcel."""

    custody = fields.Enum(Custody, by_value=True, required=True, allow_none=True)
    possible = fields.List(fields.Enum(CourierOutcome, by_value=True), required=True)
    words = fields.List(fields.Nested(CourierWordOut), required=True)
    claims = fields.List(fields.Nested(ClaimOut), required=True)
