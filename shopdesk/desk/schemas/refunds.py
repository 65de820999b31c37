"""Shapes of refunds: what is asked for, what it comes to, how it stands."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from shopdesk.cases.states import AmountPart, PaidTo
from shopdesk.desk.schemas.resolving import InvoiceTaskOut
from shopdesk.refunds.states import DIRECT, Cap, NotTaken, Part, PayoutState, RefundKind, RefundState, Shelf, Stand
from shopdesk.web.api import MAX_MINOR, Amount, Answer, Body, Id, Nothing, OneLine, Page, Text, Time, YesNo

__all__ = ["Nothing"]
MOST_LINES = 50
MOST_FEES = 10
MOST_UNITS = 100_000


def _minor(**more: Any) -> fields.Integer:
    return fields.Integer(
        strict=True, validate=validate.Range(min=0, max=MAX_MINOR), metadata={"example": 1250}, **more
    )


class RefundUnits(Body):
    line_id = Id(required=True)
    units = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=MOST_UNITS))


class RefundFeeIn(Body):
    amount_minor = _minor(required=True)
    reason = Text(500, required=True)


class RefundCouponIn(Body):
    """A coupon of the order; counted only where the store takes it back."""

    from_minor = _minor(required=True)
    off_minor = _minor(required=True)


class CaseRefundQuoteIn(Body):
    """Beside what was decided before and nobody has asked for."""

    units = fields.List(fields.Nested(RefundUnits), load_default=list, validate=validate.Length(0, MOST_LINES))
    shipping_minor = _minor(load_default=0)
    compensation_minor = _minor(load_default=0)
    fees = fields.List(fields.Nested(RefundFeeIn), load_default=list, validate=validate.Length(0, MOST_FEES))
    coupon = fields.Nested(RefundCouponIn, load_default=None, allow_none=True)
    parts = fields.List(
        fields.Enum(AmountPart, by_value=True),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, len(AmountPart)),
        metadata={"description": "only these balances of the case; all of them where it is left out"},
    )


class RefundTargetIn(Body):
    destination = fields.Enum(PaidTo, by_value=True, required=True)
    account = OneLine(120, load_default=None, metadata={"description": "of a bank, Alipay or transfer"})
    reason = Text(500, load_default=None)


class CaseRefundAskIn(CaseRefundQuoteIn, RefundTargetIn):
    exception = Text(500, load_default=None, metadata={"description": "why, where no quality problem was found"})
    seen_minor = _minor(load_default=None, allow_none=True)


class DirectRefundQuoteIn(Body):
    kind = fields.Enum(RefundKind, by_value=True, required=True, validate=validate.OneOf(sorted(DIRECT)))
    amount_minor = _minor(required=True)


def _invoice_sent() -> YesNo:
    return YesNo(
        load_default=None, allow_none=True,
        metadata={"description": "whether an invoice was sent with the order; null: not known yet"},
    )  # fmt: skip


class DirectRefundIn(DirectRefundQuoteIn):
    destination = fields.Enum(PaidTo, by_value=True, required=True)
    account = OneLine(120, load_default=None, metadata={"description": "of a bank, Alipay or transfer"})
    reason = Text(500, required=True)
    invoice_sent = _invoice_sent()


class ChangeRefundIn(RefundTargetIn):
    amount_minor = _minor(load_default=None, allow_none=True)
    invoice_sent = _invoice_sent()


class RefundWhyIn(Body):
    reason = Text(500, required=True)


class RefundInvoiceIn(Body):
    sent = YesNo(required=True, metadata={"description": "whether an invoice was sent with the order"})


class RefundRowOut(Answer):
    part = fields.Enum(Part, by_value=True)
    amount = Amount(metadata={"description": "a fee is negative"})
    how = fields.String(metadata={"description": "its arithmetic, in figures", "example": "f(2) − f(0) = …"})
    line_id = Id(allow_none=True)
    title = fields.String()
    units = fields.Integer(allow_none=True)
    reason = fields.String(allow_none=True)


class RefundLimitOut(Answer):
    """A cap: why not more goes back."""

    cap = fields.Enum(Cap, by_value=True)
    most = Amount()
    line_id = Id(allow_none=True)
    is_over = fields.Boolean()


class RefundPartOut(Answer):
    payment = fields.String(metadata={"description": "what the place that took it in calls it"})
    amount = Amount()


class RefundQuoteOut(Answer):
    rows = fields.List(fields.Nested(RefundRowOut))
    total = Amount()
    limits = fields.List(fields.Nested(RefundLimitOut))
    payments = fields.List(fields.Nested(RefundPartOut), metadata={"description": "which payment it goes back from"})
    coupon_not_taken = fields.Enum(
        NotTaken,
        by_value=True,
        allow_none=True,
        metadata={"description": "why nothing is taken back for the coupon that was named"},
    )
    may_be_asked = fields.Boolean()


class RefundPayoutOut(Answer):
    id = Id()
    number = fields.String(metadata={"description": "born with the approval; the same for ever"})
    place = fields.String()
    state = fields.Enum(PayoutState, by_value=True)
    amount = Amount()
    place_reference = fields.String(allow_none=True)
    code = fields.String(allow_none=True)
    needs_person = fields.Boolean()
    ended_at = Time(allow_none=True)
    credit_note = fields.Integer(allow_none=True)


class RefundLineOut(Answer):
    part = fields.Enum(Part, by_value=True)
    amount = Amount()
    line_id = Id(allow_none=True)
    units = fields.Integer(allow_none=True)
    reason = fields.String(allow_none=True)


class ToldOtherwise(Answer):
    number = fields.String(metadata={"description": "the platform's own"})
    amount = Amount()


class RefundOut(Answer):
    id = Id()
    store = fields.String()
    order_id = Id()
    order_number = fields.String()
    case_id = Id(allow_none=True)
    change_id = Id(allow_none=True)
    kind = fields.Enum(RefundKind, by_value=True)
    state = fields.Enum(RefundState, by_value=True)
    stand = fields.Enum(Stand, by_value=True, metadata={"description": "how it stands, in true words"})
    amount = Amount()
    destination = fields.Enum(PaidTo, by_value=True)
    account = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    requested_at = Time()
    decided_at = Time(allow_none=True)
    looked_at = Time(allow_none=True)
    invoice_sent = fields.Boolean(
        allow_none=True, metadata={"description": "with the order; null: not answered, or its case answers"}
    )
    invoice_task = fields.Nested(
        InvoiceTaskOut, allow_none=True, metadata={"description": "finance's, of a refund without a case"}
    )
    lines = fields.List(fields.Nested(RefundLineOut))
    payouts = fields.List(fields.Nested(RefundPayoutOut))
    told_otherwise = fields.List(
        fields.Nested(ToldOtherwise),
        metadata={"description": "what the platform's list says was paid instead, counted as paid outside"},
    )
    paid_instead = fields.List(
        fields.Nested(ToldOtherwise),
        metadata={"description": "what the platform paid of a refund that was ended as paid otherwise"},
    )


class RefundRow(Answer):
    id = Id()
    store = fields.String()
    order_id = Id()
    order_number = fields.String()
    kind = fields.Enum(RefundKind, by_value=True)
    stand = fields.Enum(Stand, by_value=True)
    amount = Amount()
    destination = fields.Enum(PaidTo, by_value=True)
    requested_at = Time()


class RefundsPage(Page):
    shelf = fields.Enum(Shelf, by_value=True, load_default=Shelf.ALL)


class Refunds(Answer):
    items = fields.List(fields.Nested(RefundRow))
    next = fields.String(allow_none=True)
