"""Shapes of finance's table."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import fields, validate

from shopdesk.cases.states import PaidTo
from shopdesk.core.money import EXPONENT
from shopdesk.reconciling.states import Desk, DifferenceKind, RecoveryState
from shopdesk.refunds.states import FollowUp, PayoutState, RefundState
from shopdesk.web.api import MAX_MINOR, Amount, Answer, Body, Id, OneLine, Page, Query, RowRefusal, Text, Time


def _day(**more: Any) -> fields.Date:
    return fields.Date(validate=validate.Range(min=date(2000, 1, 1), max=date(2100, 12, 31)), **more)


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
    amount = Amount(required=True, allow_none=True)
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


class PayoutTakeBackIn(Body):
    reason = Text(500, required=True)


class PayoutFollowUpIn(Body):
    answer = fields.Enum(FollowUp, by_value=True, required=True)


class RefundLookOut(Answer):
    refund_id = Id(required=True)
    state = fields.Enum(RefundState, by_value=True, required=True)
    looked_at = Time(required=True)


class PayoutAccountOut(Answer):
    """In clear; the look is on the record."""

    account = fields.String(required=True, allow_none=True)


class RecoveriesPage(Page):
    """Oldest first."""


class RecoveryOut(Answer):
    """What a customer got beyond what they paid, to be recovered."""

    id = Id(required=True)
    store = fields.String(required=True)
    order_id = Id(required=True)
    order_number = fields.String(required=True)
    state = fields.Enum(RecoveryState, by_value=True, required=True)
    amount = Amount(required=True, allow_none=True)
    opened_at = Time(required=True)
    reference = fields.String(required=True, allow_none=True)
    ended_at = Time(required=True, allow_none=True)


class Recoveries(Answer):
    items = fields.List(fields.Nested(RecoveryOut), required=True)
    next = fields.String(required=True, allow_none=True)


class RecoveredIn(Body):
    reference = OneLine(64, required=True, metadata={"description": "of the money that came back"})


class WriteOffIn(Body):
    reason = Text(500, required=True)


class PlatformRefundIn(Body):
    number = OneLine(64, required=True, metadata={"description": "the platform's own"})
    order = OneLine(64, required=True, metadata={"description": "order number"})
    amount = Amount(load_default=None)
    state = fields.String(required=True, validate=validate.OneOf(["running", "paid", "closed"]))


class PlatformRefundsIn(Body):
    as_of = Time(required=True)
    origin = OneLine(40, load_default=None)
    covers = fields.String(
        load_default="some",
        validate=validate.OneOf(["store", "some"]),
        metadata={"description": "store: the whole list, so that what it does not name was not paid by then"},
    )
    items = fields.List(fields.Nested(PlatformRefundIn), required=True, validate=validate.Length(max=500))


class PlatformRefundResult(Answer):
    index = fields.Integer(required=True)
    is_news = fields.Boolean(required=True)
    refused = fields.Nested(RowRefusal, required=True, allow_none=True)


class PlatformRefundsOut(Answer):
    as_of = Time(required=True)
    items = fields.List(fields.Nested(PlatformRefundResult), required=True)


class CreditNotesPage(Page):
    """Newest first."""


class CreditNoteOut(Answer):
    """`takes_back`: the number of the note that this one counters."""

    id = Id(required=True)
    store = fields.String(required=True)
    number = fields.Integer(required=True)
    takes_back = fields.Integer(required=True, allow_none=True)
    amount = Amount(required=True, allow_none=True)
    order_id = Id(required=True)
    order_number = fields.String(required=True)
    payout = fields.String(required=True)
    destination = fields.Enum(PaidTo, by_value=True, required=True)
    issued_at = Time(required=True)


class CreditNotes(Answer):
    items = fields.List(fields.Nested(CreditNoteOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ReconciliationQuery(Query):
    """Without days the last seven in the store's zone."""

    destination = fields.Enum(PaidTo, by_value=True, load_default=PaidTo.ALIPAY)
    first = _day(load_default=None)
    last = _day(load_default=None)


class DifferenceOut(Answer):
    """`booked`: what our books say, `told`: what the statement says; negative came back."""

    key = fields.String(required=True)
    kind = fields.Enum(DifferenceKind, by_value=True, required=True)
    order_id = Id(required=True, allow_none=True)
    booked_minor = fields.Integer(required=True, allow_none=True)
    told_minor = fields.Integer(required=True, allow_none=True)
    currency = fields.String(required=True)
    reference = fields.String(required=True, allow_none=True)
    is_answered = fields.Boolean(required=True)


class ReconciledDay(Answer):
    """Sums in minor units of the store's currency."""

    day = fields.Date(required=True)
    booked_minor = fields.Integer(required=True)
    told_minor = fields.Integer(required=True)
    open = fields.Integer(required=True)
    differences = fields.List(fields.Nested(DifferenceOut), required=True)


class Reconciliation(Answer):
    items = fields.List(fields.Nested(ReconciledDay), required=True)


class DifferenceAnswerIn(Body):
    destination = fields.Enum(PaidTo, by_value=True, required=True)
    day = _day(required=True)
    key = OneLine(96, required=True)
    note = Text(500, required=True)


class DifferenceAnswerOut(Answer):
    key = fields.String(required=True)
    at = Time(required=True)


class StatementLineIn(Body):
    day = _day(required=True)
    reference = OneLine(64, required=True, metadata={"description": "the account's own"})
    number = OneLine(64, load_default=None, metadata={"description": "ours"})
    amount_minor = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=-MAX_MINOR, max=MAX_MINOR),
        metadata={"description": "what went out; negative came back", "example": 1250},
    )  # fmt: skip
    currency = fields.String(required=True, validate=validate.OneOf(sorted(EXPONENT)))


class StatementIn(Body):
    destination = fields.Enum(PaidTo, by_value=True, required=True)
    items = fields.List(fields.Nested(StatementLineIn), required=True, validate=validate.Length(min=1, max=500))


class StatementOut(Answer):
    """`refused`: places of the lines, from 0, that say something else than before, or nothing."""

    kept = fields.Integer(required=True)
    known = fields.Integer(required=True)
    refused = fields.List(fields.Integer(), required=True)
