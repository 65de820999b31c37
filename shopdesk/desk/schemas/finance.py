"""Shapes of finance's table."""

from __future__ import annotations

from marshmallow import fields, validate

from shopdesk.cases.states import PaidTo
from shopdesk.reconciling.states import Desk
from shopdesk.refunds.states import FollowUp, PayoutState, RefundState
from shopdesk.web.api import Amount, Answer, Body, Id, Money, OneLine, Page, Time


class PayoutsPage(Page):
    tab = fields.Enum(Desk, by_value=True, load_default=Desk.PAY)


class PayoutOut(Answer):
    """A payout; `account` is masked."""

    id = Id(required=True)
    number = fields.String(required=True)
    store = fields.String(required=True)
    refund_id = Id(required=True)
    order_id = Id(required=True)
    order_number = fields.String(required=True)
    destination = fields.Enum(PaidTo, by_value=True, required=True)
    account = fields.String(required=True, allow_none=True)
    amount = fields.Nested(Money, required=True, allow_none=True)
    state = fields.Enum(PayoutState, by_value=True, required=True)
    follow_up = fields.Enum(FollowUp, by_value=True, required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)
    reference = fields.String(required=True, allow_none=True)
    receipts = fields.List(Id(), required=True)
    asked_at = Time(required=True)
    decided_at = Time(required=True, allow_none=True)
    ended_at = Time(required=True, allow_none=True)


class Payouts(Answer):
    items = fields.List(fields.Nested(PayoutOut), required=True)
    next = fields.String(required=True, allow_none=True)


class PayoutConfirmIn(Body):
    reference = OneLine(64, required=True, metadata={"description": "of the transfer"})


class PayoutVerifyIn(Body):
    state = fields.String(required=True, validate=validate.OneOf(["succeeded", "failed"]))
    evidence = OneLine(64, required=True)
    paid = Amount(load_default=None, metadata={"description": "where it was another"})


class PayoutFollowUpIn(Body):
    answer = fields.Enum(FollowUp, by_value=True, required=True)


class RefundLookOut(Answer):
    refund_id = Id(required=True)
    state = fields.Enum(RefundState, by_value=True, required=True)
    looked_at = Time(required=True)


class PayoutAccountOut(Answer):
    """In clear; the look is on the record."""

    account = fields.String(required=True, allow_none=True)
