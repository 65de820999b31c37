"""Shapes of how a case is resolved."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from shopdesk.cases.states import (
    MAX_OUTCOME,
    AmountPart,
    CaseKind,
    CasePhase,
    Ending,
    Fault,
    InvoiceTaskKind,
    PaidTo,
    Resolution,
)
from shopdesk.desk.states import BalancePart
from shopdesk.orders.states import Readiness
from shopdesk.parcels.states import Stage
from shopdesk.replacements.states import DifferenceSettled, NotBack, ReplacementKind, ReplacementState
from shopdesk.web.api import MAX_MINOR, Amount, Answer, Body, Id, Nothing, OneLine, Page, Text, Time, YesNo

__all__ = ["Nothing"]
MOST_LINES = 50
MOST_UNITS = 1000


def _minor(**more: Any) -> fields.Integer:
    return fields.Integer(
        strict=True, validate=validate.Range(min=0, max=MAX_MINOR), metadata={"example": 1250}, **more
    )


def _units() -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=MOST_UNITS))


class CaseWayIn(Body):
    resolution = fields.Enum(Resolution, by_value=True, required=True)
    exception = Text(500, load_default=None, metadata={"description": "why, where no quality problem was found"})


class CaseWayBackIn(Body):
    resolution = fields.Enum(Resolution, by_value=True, required=True)


class CaseInvoiceIn(Body):
    sent = YesNo(required=True, metadata={"description": "whether an invoice was sent with the order"})


class RefundUnitsIn(Body):
    line_id = Id(required=True)
    units = _units()


class CaseRefundIn(Body):
    units = fields.List(fields.Nested(RefundUnitsIn), required=True, validate=validate.Length(1, MOST_LINES))
    amount_minor = _minor(load_default=None, allow_none=True)


class CaseExpectIn(Body):
    part = fields.Enum(AmountPart, by_value=True, required=True)
    amount_minor = _minor(required=True)


class CaseSettlementIn(Body):
    part = fields.Enum(AmountPart, by_value=True, required=True)
    amount_minor = _minor(required=True)
    destination = fields.Enum(PaidTo, by_value=True, required=True)
    account = OneLine(120, load_default=None, metadata={"description": "of a bank or Alipay; shown masked afterwards"})
    reference = OneLine(64, load_default=None)


class CaseWhyIn(Body):
    reason = Text(500, required=True)


class CaseShipToIn(Body):
    name = OneLine(64, required=True)
    phone = OneLine(32, required=True)
    province = OneLine(64, load_default=None)
    city = OneLine(64, load_default=None)
    district = OneLine(64, load_default=None)
    street = OneLine(200, required=True)
    zip = OneLine(16, load_default=None)


class ReplacementLineIn(Body):
    line_id = Id(required=True)
    quantity = _units()
    sku = OneLine(128, load_default=None)
    title = OneLine(500, load_default=None)
    attributes = OneLine(500, load_default=None)
    price_minor = _minor(load_default=None, allow_none=True)
    is_extra = YesNo(load_default=False, metadata={"description": "a part or a gift: takes no unit's place"})


class ReplacementIn(Body):
    kind = fields.Enum(ReplacementKind, by_value=True, required=True)
    lines = fields.List(fields.Nested(ReplacementLineIn), required=True, validate=validate.Length(1, MOST_LINES))
    ship_to = fields.Nested(CaseShipToIn, load_default=None, allow_none=True)
    waits_for_goods = fields.Boolean(load_default=None, allow_none=True, truthy={True}, falsy={False})
    due_at = Time(load_default=None, allow_none=True)


class SendAheadIn(Body):
    due_at = Time(required=True)


class ReplacementWaybillIn(Body):
    number = OneLine(128, required=True, metadata={"description": "as pasted; cleaned as in every field for a waybill"})
    carrier = OneLine(64, load_default=None)


class GoodsNotBackIn(Body):
    """`charged` without an amount: all that was paid for the units that did not come."""

    how = fields.Enum(NotBack, by_value=True, required=True)
    reason = Text(500, required=True)
    amount_minor = _minor(load_default=None, allow_none=True)


class ReplacementDifferenceIn(Body):
    how = fields.Enum(DifferenceSettled, by_value=True, required=True)
    order_number = OneLine(64, load_default=None)
    reference = OneLine(64, load_default=None)
    reason = Text(500, load_default=None)


class CaseEndIn(Body):
    outcome = Text(MAX_OUTCOME, required=True)
    fault = fields.Enum(Fault, by_value=True, required=True)
    fault_person_id = Id(load_default=None, allow_none=True)
    fault_said = Text(500, load_default=None)


class CaseRefundEndIn(CaseEndIn):
    """`exception`: why used goods, or goods without the fault that was claimed, are refunded all the same."""

    exception = Text(500, load_default=None)


class InvoiceDocumentIn(Body):
    reference = OneLine(64, required=True)


class InvoiceFormIn(Body):
    number = OneLine(64, required=True, metadata={"description": "of the form that the buyer confirms"})


class CaseLineOut(Answer):
    line_id = Id(required=True)
    title = fields.String(required=True, allow_none=True)
    quantity = fields.Integer(required=True)
    refunding = fields.Integer(required=True)
    replacing = fields.Integer(required=True)
    refund = Amount(required=True, allow_none=True)
    refunded = Amount(required=True, allow_none=True)


class CaseBalanceOut(Answer):
    part = fields.Enum(BalancePart, by_value=True, required=True)
    is_open = fields.Boolean(required=True)


class CasePartOut(Answer):
    part = fields.Enum(AmountPart, by_value=True, required=True)
    expected = Amount(required=True, allow_none=True)
    settled = Amount(required=True, allow_none=True)


class CaseSettlementOut(Answer):
    """`account` is masked."""

    id = Id(required=True)
    part = fields.Enum(AmountPart, by_value=True, required=True)
    amount = Amount(required=True, allow_none=True)
    destination = fields.Enum(PaidTo, by_value=True, required=True)
    account = fields.String(required=True, allow_none=True)
    reference = fields.String(required=True, allow_none=True)
    noted_at = Time(required=True)
    taken_back_at = Time(required=True, allow_none=True)


class InvoiceTaskOut(Answer):
    id = Id(required=True)
    kind = fields.Enum(InvoiceTaskKind, by_value=True, required=True)
    reference = fields.String(required=True, allow_none=True)
    done_at = Time(required=True, allow_none=True)
    confirmation = fields.String(required=True, allow_none=True)
    confirm_by = Time(required=True, allow_none=True)


class ReplacementOut(Answer):
    id = Id(required=True)
    number = fields.String(required=True, metadata={"description": "of the order that goes out"})
    order_id = Id(required=True)
    kind = fields.Enum(ReplacementKind, by_value=True, required=True)
    state = fields.Enum(ReplacementState, by_value=True, required=True)
    readiness = fields.Enum(Readiness, by_value=True, required=True)
    stages = fields.List(fields.Enum(Stage, by_value=True), required=True)
    waits_for_goods = fields.Boolean(required=True)
    waybills = fields.List(fields.String(), required=True)
    due_at = Time(required=True, allow_none=True)
    difference_minor = fields.Integer(
        required=True, allow_none=True, metadata={"description": "positive: the customer owes it"}
    )
    settled_how = fields.Enum(DifferenceSettled, by_value=True, required=True, allow_none=True)
    undone_at = Time(required=True, allow_none=True)


class CaseResolutionOut(Answer):
    """How a case is resolved.  Amounts are null without `money:read`."""

    case_id = Id(required=True)
    phase = fields.Enum(CasePhase, by_value=True, required=True)
    resolutions = fields.List(fields.Enum(Resolution, by_value=True), required=True)
    invoice_sent = fields.Boolean(required=True, allow_none=True)
    lines = fields.List(fields.Nested(CaseLineOut), required=True)
    amounts = fields.List(fields.Nested(CasePartOut), required=True)
    settlements = fields.List(fields.Nested(CaseSettlementOut), required=True)
    invoice_tasks = fields.List(fields.Nested(InvoiceTaskOut), required=True)
    replacements = fields.List(fields.Nested(ReplacementOut), required=True)
    balances = fields.List(fields.Nested(CaseBalanceOut), required=True)
    ending = fields.Enum(Ending, by_value=True, required=True, allow_none=True)
    fault = fields.Enum(Fault, by_value=True, required=True, allow_none=True)


class InvoicesPage(Page):
    """By whose turn it is: the longest waiting first, what the buyer may confirm by when that ends."""


class InvoiceRowOut(Answer):
    id = Id(required=True)
    store = fields.String(required=True)
    kind = fields.Enum(InvoiceTaskKind, by_value=True, required=True)
    case_number = fields.String(required=True, allow_none=True)
    refund_id = Id(required=True, allow_none=True, metadata={"description": "of a refund without a case"})
    order_id = Id(required=True)
    order_number = fields.String(required=True)
    opened_at = Time(required=True)
    confirmation = fields.String(required=True, allow_none=True)
    confirm_by = Time(required=True, allow_none=True)


class Invoices(Answer):
    items = fields.List(fields.Nested(InvoiceRowOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ChainOutOut(Answer):
    """Goods that went out again for a case, and how a difference of price was settled; null: it was not."""

    number = fields.String(required=True)
    order_id = Id(required=True)
    kind = fields.Enum(ReplacementKind, by_value=True, required=True)
    units = fields.Integer(required=True)
    shipped = fields.Integer(required=True)
    is_undone = fields.Boolean(required=True)
    difference_minor = fields.Integer(
        required=True, allow_none=True, metadata={"description": "positive: the customer owes it"}
    )
    settled_how = fields.Enum(DifferenceSettled, by_value=True, required=True, allow_none=True)
    settled_by = fields.String(
        required=True, allow_none=True, metadata={"description": "number of the difference order, or the payment's"}
    )


class ChainLinkOut(Answer):
    """One case of a chain, with its units and amounts."""

    case_id = Id(required=True)
    number = fields.String(required=True)
    kind = fields.Enum(CaseKind, by_value=True, required=True)
    phase = fields.Enum(CasePhase, by_value=True, required=True)
    order_id = Id(required=True)
    units = fields.Integer(required=True)
    units_refunded = fields.Integer(required=True)
    units_replaced = fields.Integer(required=True)
    units_back = fields.Integer(required=True)
    went_out = fields.List(fields.Nested(ChainOutOut), required=True)
    amounts = fields.List(fields.Nested(CasePartOut), required=True)


class CaseStatementOut(Answer):
    cases = fields.List(fields.Nested(ChainLinkOut), required=True)
    totals = fields.List(fields.Nested(CasePartOut), required=True)
