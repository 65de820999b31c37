"""Shapes of stops."""

from __future__ import annotations

from marshmallow import fields, validate

from shopdesk.parcels.service import MOST_PHRASE, MOST_REASON
from shopdesk.parcels.states import STOP_EXPIRY, OnExpiry, Stage, StopReply, StopScope
from shopdesk.web.api import Answer, Body, Id, OneLine, Page, Text, Time

MOST_ORDERS = 500


class StopIn(Body):
    scope = fields.Enum(StopScope, by_value=True, required=True)
    sku = OneLine(128, load_default=None, allow_none=True)
    carrier = OneLine(64, load_default=None, allow_none=True)
    region = OneLine(200, load_default=None, allow_none=True, metadata={"example": "江苏省 苏州市"})
    batch = OneLine(32, load_default=None, allow_none=True)
    reason = OneLine(MOST_REASON, required=True)
    expires_at = Time(load_default=None, allow_none=True, metadata={"description": "null: the next cut-off"})
    on_expiry = fields.Enum(
        OnExpiry, by_value=True, load_default=OnExpiry.KEEP, validate=validate.OneOf(STOP_EXPIRY),
        metadata={"enum": [str(act) for act in STOP_EXPIRY]},
    )  # fmt: skip
    phrase = Text(MOST_PHRASE, load_default=None, allow_none=True)


class StopOut(Answer):
    id = Id(required=True)
    store = fields.String(required=True)
    scope = fields.Enum(StopScope, by_value=True, required=True)
    sku = fields.String(required=True, allow_none=True)
    carrier = fields.String(required=True, allow_none=True)
    region = fields.String(required=True, allow_none=True)
    batch = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    phrase = fields.String(required=True)
    made_at = Time(required=True)
    expires_at = Time(required=True)
    on_expiry = fields.Enum(OnExpiry, by_value=True, required=True)
    is_overdue = fields.Boolean(required=True)
    ended_at = Time(required=True, allow_none=True)
    held = fields.Integer(required=True, metadata={"description": "parcels that it holds now"})
    answers = fields.Integer(required=True)


class Stops(Answer):
    items = fields.List(fields.Nested(StopOut), required=True)
    next = fields.String(required=True, allow_none=True)


class AffectedPage(Page):
    pass


class AffectedOut(Answer):
    order_id = Id(required=True)
    number = fields.String(required=True)
    is_held = fields.Boolean(required=True)
    stages = fields.List(fields.Enum(Stage, by_value=True), required=True)
    reply = fields.Enum(StopReply, by_value=True, required=True, allow_none=True)
    answered_at = Time(required=True, allow_none=True)
    phrase = fields.String(required=True, metadata={"description": "to be sent to the customer, filled in"})


class AffectedList(Answer):
    items = fields.List(fields.Nested(AffectedOut), required=True)
    next = fields.String(required=True, allow_none=True)


class RepliesIn(Body):
    orders = fields.List(Id(), required=True, validate=validate.Length(min=1, max=MOST_ORDERS))
    reply = fields.Enum(StopReply, by_value=True, required=True)


class ReplyRefused(Answer):
    order = fields.String(required=True)
    error = fields.String(required=True)
    message = fields.String(required=True)
    facts = fields.Dict(required=True)


class RepliesOut(Answer):
    answered = fields.Integer(required=True)
    refused = fields.List(fields.Nested(ReplyRefused), required=True)
    left = fields.List(Id(), required=True, metadata={"description": "cancels not reached in time: send them again"})
