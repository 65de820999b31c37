"""Shapes of the list of open changes, of reminders, and of handing on."""

from __future__ import annotations

from marshmallow import fields, validate

from shopdesk.changes.states import HANDED_ROLES, ChangeState, Code, Kind
from shopdesk.core.permissions import Role
from shopdesk.desk.schemas.changes import ChangeOut
from shopdesk.desk.states import Waits
from shopdesk.web.api import Answer, Body, Id, Nothing, Page, Text, Time

__all__ = ["AssignIn", "ChangeOut", "HandOverIn", "HandOverOut", "Nothing", "ReminderOut", "WaitingOut", "WatchPage"]


class WatchPage(Page):
    store = fields.String(load_default=None, validate=validate.Length(max=64))
    role = fields.Enum(Waits, by_value=True, load_default=None, metadata={"description": "whom it waits for"})
    step = fields.Enum(Code, by_value=True, load_default=None)
    kind = fields.Enum(Kind, by_value=True, load_default=None)
    asked_by = Id(load_default=None)
    mine = fields.Boolean(load_default=False)
    overdue = fields.Boolean(load_default=False)


class WaitingRow(Answer):
    """A step that is next in its change."""

    change_id = Id(required=True)
    n = fields.Integer(required=True, metadata={"description": "the step's number"})
    order_id = Id(required=True)
    order_number = fields.String(required=True)
    store = fields.String(required=True)
    kind = fields.Enum(Kind, by_value=True, required=True)
    state = fields.Enum(ChangeState, by_value=True, required=True)
    code = fields.Enum(Code, by_value=True, required=True)
    role = fields.Enum(Role, by_value=True, required=True)
    waits_for = fields.Enum(Waits, by_value=True, required=True)
    person_id = Id(required=True, allow_none=True, metadata={"description": "whose turn it is by name"})
    person = fields.String(required=True, allow_none=True)
    since = Time(required=True)
    hold_expires_at = Time(required=True, allow_none=True)
    is_overdue = fields.Boolean(required=True)
    asked_by_id = Id(required=True, allow_none=True)
    asked_by = fields.String(required=True, allow_none=True)
    reminders = fields.Integer(required=True)
    reminded_at = Time(required=True, allow_none=True)
    reminded_by = fields.String(required=True, allow_none=True)


class WaitingOut(Answer):
    items = fields.List(fields.Nested(WaitingRow), required=True)
    next = fields.String(required=True, allow_none=True)


class ReminderOut(Answer):
    notice_id = Id(required=True)
    role = fields.Enum(Role, by_value=True, required=True)
    person_id = Id(required=True, allow_none=True)
    made_at = Time(required=True)


class AssignIn(Body):
    """Who has it from now on; the reason may be left out where one takes a task that nobody has."""

    to = Id(required=True)
    role = fields.Enum(
        Role, by_value=True, load_default=Role.PRE_SALE, validate=validate.OneOf(HANDED_ROLES),
        metadata={"enum": [str(role) for role in HANDED_ROLES]},
    )  # fmt: skip
    reason = Text(500, load_default=None)


class HandOverIn(Body):
    to = Id(required=True)
    reason = Text(500, required=True)
    from_person = Id(load_default=None, allow_none=True, metadata={"description": "somebody else's, by a supervisor"})


class HandOverOut(Answer):
    changes = fields.List(Id(), required=True)
    stayed = fields.Integer(required=True, metadata={"description": "in stores where that person has not the role"})
