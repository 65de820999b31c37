"""Shapes of pre-print checks."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import fields, validate

from shopdesk.changes.states import Group, Kind
from shopdesk.desk.schemas.changes import WishOut
from shopdesk.web.api import Answer, Body, Id, OneLine, Time

MOST_ROWS = 2000
PLAIN = re.compile("[0-9A-Za-z]{1,128}").fullmatch


class Numbers(fields.List):
    """A list of texts; where all are plain letters and digits there is nothing to clean in any of them."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, list) and all(type(text) is str and PLAIN(text) for text in value):
            return list(value)
        return super()._deserialize(value, *args, **kwargs)


class CheckIn(Body):
    """Order numbers or waybills, in the order in which they will be printed."""

    numbers = Numbers(OneLine(128, required=True), required=True, validate=validate.Length(min=1, max=MOST_ROWS))


class PrintedIn(Body):
    batch = OneLine(32, required=True, metadata={"example": "W231"})


class ShippedIn(Body):
    left_at = Time(required=True, metadata={"description": "of the truck; in the future it counts as now"})


class CheckedChange(Answer):
    id = Id(required=True)
    kind = fields.Enum(Kind, by_value=True, required=True)
    wishes = fields.List(fields.Nested(WishOut), required=True)


class RowMemo(Answer):
    """A memo that printing has not acknowledged yet; of a printed list, one that it acknowledged by printing."""

    order_id = Id(required=True)
    text = fields.String(required=True, metadata={"description": "personal values masked"})
    signed = fields.String(required=True)
    made_at = Time(required=True)


class RowOut(Answer):
    """One row as it stands now; `reasons` are codes."""

    position = fields.Integer(required=True)
    number = fields.String(required=True)
    group = fields.Enum(Group, by_value=True, required=True)
    reasons = fields.List(fields.String(), required=True)
    order_id = Id(required=True, allow_none=True)
    parcel_id = Id(required=True, allow_none=True)
    changes = fields.List(fields.Nested(CheckedChange), required=True)
    memos = fields.List(fields.Nested(RowMemo), required=True)


class CheckOut(Answer):
    id = Id(required=True)
    made_at = Time(required=True)
    printed_at = Time(required=True, allow_none=True, metadata={"description": "when it was said: printed, or shipped"})
    batch = fields.String(required=True, allow_none=True)
    left_at = Time(required=True, allow_none=True, metadata={"description": "of a pre-dispatch check"})
    rows = fields.List(fields.Nested(RowOut), required=True)
