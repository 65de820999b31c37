"""Shapes of mirrored orders and of import runs."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validate, validates_schema

from shopdesk.core.text import SCIENTIFIC, fold
from shopdesk.orders.states import LineKind, OrderStatus
from shopdesk.web.api import Amount, Answer, Body, Id, OneLine, Page, RowRefusal, Text, Time, YesNo

MOST_ROWS = 500  # orders of one batch
MOST_LINES = 200
MOST_UNITS = 100_000
OUTCOMES = ("created", "updated", "unchanged", "older")


class Recipient(Body):
    """Who it goes to; a part that is absent says nothing."""

    name = OneLine(64)
    phone = OneLine(64)
    province = OneLine(64)
    city = OneLine(64)
    district = OneLine(64)
    street = OneLine(500)
    zip = OneLine(16)


class WaybillIn(Body):
    number = OneLine(64, required=True)
    carrier = OneLine(64)


class LineIn(Body):
    """One line; `key` is the platform's sub-order number and must stay the same from one telling to the next."""

    key = OneLine(64, required=True)
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=MOST_UNITS))
    title = OneLine(500)
    sku = OneLine(128)
    attributes = OneLine(500)
    unit_price = Amount()
    share = Amount(metadata={"description": "what was paid for the line, as the platform shared it out"})
    refund_state = OneLine(64, metadata={"description": "the platform's word; SUCCESS or 退款成功 is a refund made"})
    refund_due_at = Time(allow_none=True, metadata={"description": "until when the platform waits for an answer"})
    kind = fields.Enum(LineKind, by_value=True, load_default=LineKind.GOODS)


class SaleIn(Body):
    """One order as its source tells it.  What is absent or null says nothing and changes nothing."""

    status = fields.Enum(OrderStatus, by_value=True, required=True)
    status_given = OneLine(64, metadata={"description": "the platform's own word"})
    buyer_id = OneLine(128)
    buyer_nick = OneLine(128)
    placed_at = Time(allow_none=True)
    paid_at = Time(allow_none=True)
    marked_shipped_at = Time(allow_none=True)
    goods = Amount()
    shipping = Amount()
    total = Amount()
    paid = Amount()
    received = Amount()
    recipient = fields.Nested(Recipient, load_default=dict)
    carrier = OneLine(64)
    invoice_title = OneLine(200)
    buyer_message = Text(2000)
    platform_memo = Text(5000)
    platform_flag = OneLine(8)
    waybills = fields.List(fields.Nested(WaybillIn), load_default=list, validate=validate.Length(max=20))
    lines = fields.List(
        fields.Nested(LineIn),
        load_default=list,
        validate=validate.Length(max=MOST_LINES),
        metadata={"description": "all lines of the order; empty: they are not known yet"},
    )
    refunding = YesNo(allow_none=True, load_default=None)

    @validates_schema
    def check_keys(self, data: dict[str, Any], **_kwargs: Any) -> None:
        keys = [line["key"] for line in data.get("lines", ())]
        if len(set(keys)) != len(keys):
            raise ValidationError({"lines": [str(_("Two lines have the same key."))]})


class Told(Body):
    """When the source told, and what it is called."""

    as_of = Time(required=True, metadata={"description": "when the source told it; in the future it counts as now"})
    origin = OneLine(64, load_default="api", metadata={"example": "ERP"})


class PutOrder(SaleIn, Told):
    """Body of PUT /stores/{store}/orders/{number}."""


class BatchRow(SaleIn):
    number = OneLine(64, required=True)

    @validates_schema
    def check_number(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if not is_number(data.get("number") or ""):
            raise ValidationError({"number": [str(_("This is not an order number."))]})


class Batch(Told):
    """Body of POST /stores/{store}/orders/batch."""

    covers = fields.String(
        load_default="some",
        validate=validate.OneOf(["store", "some"]),
        metadata={"description": "store: with these the source has told every order that it has, as of as_of"},
    )
    items = fields.List(fields.Nested(BatchRow), required=True, validate=validate.Length(min=1, max=MOST_ROWS))


def is_number(text: str) -> bool:
    """Whether an order can go by this number and be found by it; not what Excel leaves of a long one (4.1E+18)."""
    if SCIENTIFIC.match(text):
        return False
    return 0 < len(text) <= 64 and bool(fold(text)) and text == " ".join(text.split()) and text.isprintable()


class FeedWarning(Answer):
    """Something to look at; what was told was taken all the same."""

    code = fields.String(required=True, metadata={"example": "waybill_in_use"})
    message = fields.String(required=True)
    said = Time(required=True, allow_none=True, metadata={"description": "as_of_in_future: the time that was told"})
    waybill = fields.String(required=True, allow_none=True)
    order = fields.String(required=True, allow_none=True, metadata={"description": "the order that has it too"})


class Receipt(Answer):
    """What became of one order: `older` = an older telling, which filled gaps at most."""

    id = Id(required=True)
    number = fields.String(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    as_of = Time(required=True, metadata={"description": "of the values that stand now"})
    lines_not_taken = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "keys of told lines that agree with no known line for sure, where all are known"},
    )
    values_not_taken = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "fields told otherwise for the very `as_of` of what is known: only a later one wins"},
    )
    warnings = fields.List(fields.Nested(FeedWarning), required=True)


class PutReceipt(Receipt):
    """Answer of PUT /stores/{store}/orders/{number}."""


class BatchResult(Answer):
    index = fields.Integer(required=True, metadata={"description": "place of the row, from 0"})
    number = fields.String(required=True)
    receipt = fields.Nested(Receipt, required=True, allow_none=True)
    refused = fields.Nested(RowRefusal, required=True, allow_none=True)


class BatchAnswer(Answer):
    warnings = fields.List(fields.Nested(FeedWarning), required=True)
    items = fields.List(fields.Nested(BatchResult), required=True)


class RunPage(Page):
    """Which of the notes: a run's rows that need a word."""


class Note(Answer):
    id = Id(required=True)
    file = fields.String(required=True)
    row_no = fields.Integer(required=True, allow_none=True)
    severity = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)
    field = fields.String(required=True, allow_none=True)
    excerpt = fields.String(required=True, allow_none=True)
    order_number = fields.String(required=True, allow_none=True)
    facts = fields.Dict(required=True)


class Notes(Answer):
    items = fields.List(fields.Nested(Note), required=True)
    next = fields.String(required=True, allow_none=True)


class File(Answer):
    """rows = accepted + refused + duplicates."""

    name = fields.String(required=True)
    profile = fields.String(required=True, allow_none=True)
    encoding = fields.String(required=True, allow_none=True)
    as_of = Time(required=True, allow_none=True)
    rows = fields.Integer(required=True)
    accepted = fields.Integer(required=True)
    refused = fields.Integer(required=True)
    duplicates = fields.Integer(required=True)


class Failure(Answer):
    """The file that could not be read; nothing of the run was applied."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    file = fields.String(required=True)
    facts = fields.Dict(required=True)


class Run(Answer):
    id = Id(required=True)
    store = fields.String(required=True)
    state = fields.String(required=True)
    as_of = Time(required=True, allow_none=True)
    made_at = Time(required=True)
    done_at = Time(required=True, allow_none=True)
    orders_total = fields.Integer(required=True)
    orders_done = fields.Integer(required=True)
    created = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    refused = fields.Integer(required=True)
    failure = fields.Nested(Failure, required=True, allow_none=True)
    files = fields.List(fields.Nested(File), required=True)
    notes = fields.Nested(Notes, required=True)
