"""Shapes of returns, their slips and the policy."""

from __future__ import annotations

from marshmallow import fields, validate

from shopdesk.returns.rules import MAX_CONDITION, MAX_REASON, MAX_RECEIVER, MOST_DAYS
from shopdesk.returns.states import FreightPayer, ReturnOrigin, ReturnStands, ReturnState
from shopdesk.web.api import Answer, Body, Id, OneLine, Text, Time

MOST_UNITS = 9_999_999
MOST_LINES = 200


class UnitsIn(Body):
    line_id = Id(required=True)
    units = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_UNITS))


def _lines(**kwargs: object) -> fields.List:
    kwargs.setdefault("metadata", {"description": "the same line twice counts together"})
    return fields.List(fields.Nested(UnitsIn), validate=validate.Length(1, MOST_LINES), **kwargs)  # type: ignore[arg-type]


class ReturnIn(Body):
    lines = _lines(required=True)
    freight = fields.Enum(
        FreightPayer, by_value=True, load_default=None, allow_none=True,
        metadata={"description": "customer or shop; without it the policy and the reason decide"},
    )  # fmt: skip
    exception = Text(MAX_REASON, load_default=None, metadata={"description": "a supervisor's, with the reason"})
    until = Time(load_default=None, allow_none=True, metadata={"description": "the customer is to have sent by then"})


class WaybillsIn(Body):
    numbers = Text(2000, required=True, metadata={"description": "as pasted; several lines are several waybills"})
    carrier = OneLine(64, load_default=None)


class CancellationIn(Body):
    reason = Text(MAX_REASON, required=True)


class ExtensionIn(Body):
    until = Time(required=True, metadata={"description": "later than now and than the day given so far"})
    reason = Text(MAX_REASON, required=True)


class GivingUpIn(Body):
    reason = Text(MAX_REASON, required=True)
    lines = _lines(load_default=None, allow_none=True, metadata={"description": "without it all that is awaited"})


class PolicyIn(Body):
    days = fields.Integer(required=True, strict=True, validate=validate.Range(0, MOST_DAYS))
    condition = OneLine(MAX_CONDITION, required=True)
    freight = fields.Enum(FreightPayer, by_value=True, required=True)
    receiver = Text(MAX_RECEIVER, load_default=None, metadata={"description": "where customers send to"})


class PolicyOut(Answer):
    """The policy that orders placed now will keep; `from` null: the desk's own."""

    store = fields.String(required=True)
    from_ = Time(required=True, allow_none=True, data_key="from")
    days = fields.Integer(required=True)
    condition = fields.String(required=True)
    freight = fields.Enum(FreightPayer, by_value=True, required=True)
    receiver = fields.String(required=True, allow_none=True, metadata={"description": "masked in answers to a POST"})


class ReturnLineOut(Answer):
    line_id = Id(required=True)
    sku = fields.String(required=True, allow_none=True)
    title = fields.String(required=True, allow_none=True)
    attributes = fields.String(required=True, allow_none=True)
    expected = fields.Integer(required=True)
    arrived = fields.Integer(required=True)
    given_up = fields.Integer(required=True)


class ReturnWaybillOut(Answer):
    number = fields.String(required=True)
    carrier = fields.String(required=True, allow_none=True)
    told_at = Time(required=True)


class ReturnOut(Answer):
    """A return; its words are masked in answers to a POST."""

    id = Id(required=True)
    case_id = Id(required=True)
    order_id = Id(required=True)
    parcel_id = Id(required=True, allow_none=True, metadata={"description": "of ours, that comes back itself"})
    origin = fields.Enum(ReturnOrigin, by_value=True, required=True)
    state = fields.Enum(ReturnState, by_value=True, required=True)
    stands = fields.Enum(
        ReturnStands, by_value=True, required=True, metadata={"description": "the state, or that a parcel lies here"}
    )
    freight = fields.Enum(FreightPayer, by_value=True, required=True)
    policy_days = fields.Integer(required=True)
    policy_condition = fields.String(required=True)
    exception = fields.String(required=True, allow_none=True)
    ended_why = fields.String(required=True, allow_none=True)
    confirmed_at = Time(required=True)
    until = Time(required=True, allow_none=True)
    extended = fields.Integer(required=True, metadata={"description": "how often that day was moved"})
    sent_at = Time(required=True, allow_none=True)
    arrived_at = Time(required=True, allow_none=True)
    ended_at = Time(required=True, allow_none=True)
    lines = fields.List(fields.Nested(ReturnLineOut), required=True)
    waybills = fields.List(fields.Nested(ReturnWaybillOut), required=True)


class GoodsOut(Answer):
    """Units of the case over all its returns; `found` and `disposed` count wrong ones too."""

    expected = fields.Integer(required=True)
    arrived = fields.Integer(required=True)
    given_up = fields.Integer(required=True)
    found = fields.Integer(required=True)
    disposed = fields.Integer(required=True)


class Returns(Answer):
    goods = fields.Nested(GoodsOut, required=True)
    last_day = fields.String(
        required=True, allow_none=True, metadata={"description": "of the policy's days, in the store's zone"}
    )
    is_estimated = fields.Boolean(required=True, metadata={"description": "the delivery was not told"})
    items = fields.List(fields.Nested(ReturnOut), required=True)


class SlipOut(Answer):
    text = fields.String(required=True)
