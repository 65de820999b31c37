"""Shapes of the print queue and of runs."""

from __future__ import annotations

from marshmallow import fields, validate

from shopdesk.changes.queries.sight import SIZE
from shopdesk.changes.states import Group
from shopdesk.orders.states import Flag
from shopdesk.printing.states import MOST_PARCELS, Paper, Parts, Why
from shopdesk.web.api import Answer, Body, Id, OneLine, Time


class QueuePage(Body):
    """`group` is changed, ready, held or a readiness."""

    group = OneLine(32, load_default=None, allow_none=True)
    courier = OneLine(64, load_default=None, allow_none=True)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    cursor = OneLine(200, load_default=None, allow_none=True)


class QueueOrder(Answer):
    id = Id(required=True)
    number = fields.String(required=True)
    units = fields.Integer(required=True)


class QueueParcel(Answer):
    """`is_first`: changed, or changed since yesterday's last cut-off; `reasons` are codes why it may not be printed."""

    parcel_id = Id(required=True)
    group = fields.Enum(Group, by_value=True, required=True)
    reasons = fields.List(fields.String(), required=True)
    is_first = fields.Boolean(required=True)
    courier = fields.String(required=True, allow_none=True)
    flags = fields.List(fields.Enum(Flag, by_value=True), required=True)
    memos = fields.Integer(required=True)
    shown = fields.String(
        required=True, metadata={"description": "what was asked for on the parcel, in short: send it back to print it"}
    )
    may_be_printed_elsewhere = fields.Boolean(
        required=True, metadata={"description": "the stage is stale, or the platform calls it shipped: check first"}
    )
    change_ids = fields.List(Id(), required=True)
    orders = fields.List(fields.Nested(QueueOrder), required=True)
    hold_until = Time(required=True, allow_none=True)


class QueueOut(Answer):
    items = fields.List(fields.Nested(QueueParcel), required=True)
    next = fields.String(required=True, allow_none=True)
    total = fields.Integer(required=True)
    groups = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    couriers = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class OnPaper(Body):
    paper = fields.Enum(Paper, by_value=True, load_default=Paper.A4)
    parts = fields.Enum(Parts, by_value=True, load_default=Parts.BOTH)


class OneIn(OnPaper):
    """Without a name the batch gets the next one."""

    batch = OneLine(32, load_default=None, allow_none=True, metadata={"example": "W231"})


class RunIn(OneIn):
    """Parcels of one store, in the order in which they are printed."""

    parcels = fields.List(Id(required=True), required=True, validate=validate.Length(min=1, max=MOST_PARCELS))
    shown = fields.Dict(
        keys=Id(),
        values=OneLine(SIZE, required=True),
        load_default=dict,
        validate=validate.Length(max=MOST_PARCELS),
        metadata={"description": "parcel → its `shown` in the queue: what has moved since is not printed (409)"},
    )


class ReprintIn(OnPaper):
    """`waybill`: the new number, where the change whose step this is changes the label."""

    why = fields.Enum(Why, by_value=True, required=True)
    waybill = OneLine(64, load_default=None, allow_none=True)


class RunParcel(Answer):
    """`code` is what the papers of this version carry; it counts while `is_valid`."""

    parcel_id = Id(required=True)
    version = fields.Integer(required=True)
    position = fields.Integer(required=True, allow_none=True)
    code = fields.String(required=True)
    is_valid = fields.Boolean(required=True)


class RunOut(Answer):
    id = Id(required=True)
    store = fields.String(required=True)
    batch = fields.String(required=True, allow_none=True)
    paper = fields.Enum(Paper, by_value=True, required=True)
    parts = fields.Enum(Parts, by_value=True, required=True)
    why = fields.Enum(Why, by_value=True, required=True, allow_none=True)
    change_id = Id(required=True, allow_none=True)
    made_at = Time(required=True)
    parcels = fields.List(fields.Nested(RunParcel), required=True)
