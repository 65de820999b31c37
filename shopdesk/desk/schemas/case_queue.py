"""Shapes of acts on many cases, and of reminders."""

from __future__ import annotations

from marshmallow import fields, validate

from shopdesk.cases.states import MAX_OUTCOME, WaitingFor
from shopdesk.desk.states import BulkAct
from shopdesk.web.api import Answer, Body, Id, RowRefusal, Text, Time

__all__ = ["CaseBulkIn", "CaseBulkOut", "CaseRemindIn", "CaseReminderOut", "ReminderAnswerIn"]
MOST_ROWS = 500
MAX_WORDS = 500  # characters


class CaseBulkIn(Body):
    """`to` with assign, `waiting_for` with waiting, `due_at` with due (null takes it away), `outcome` with close."""

    cases = fields.List(Id(), required=True, validate=validate.Length(min=1, max=MOST_ROWS))
    act = fields.Enum(BulkAct, by_value=True, required=True)
    to = Id(load_default=None, allow_none=True)
    waiting_for = fields.Enum(WaitingFor, by_value=True, load_default=None, allow_none=True)
    due_at = Time(load_default=None, allow_none=True)
    outcome = Text(MAX_OUTCOME, load_default=None)


class CaseBulkResult(Answer):
    """`answered_reminder`: a reminder stood open and is answered with the outcome."""

    index = fields.Integer(required=True)
    id = Id(required=True)
    is_done = fields.Boolean(required=True)
    answered_reminder = fields.Boolean(required=True)
    refused = fields.Nested(RowRefusal, required=True, allow_none=True)


class CaseBulkOut(Answer):
    items = fields.List(fields.Nested(CaseBulkResult), required=True)


class CaseRemindIn(Body):
    words = Text(MAX_WORDS, load_default=None)


class ReminderAnswerIn(Body):
    words = Text(MAX_WORDS, required=True)


class CaseReminderOut(Answer):
    """`to_id` null: whoever accepts the case."""

    id = Id(required=True)
    case_id = Id(required=True)
    to_id = Id(required=True, allow_none=True)
    sent_at = Time(required=True)
    answered_at = Time(required=True, allow_none=True)
