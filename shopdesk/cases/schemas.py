"""Shapes of cases."""

from __future__ import annotations

from marshmallow import fields, validate

from shopdesk.cases.states import MAX_OUTCOME, MAX_WISH, CaseKind, CasePhase, CaseSource, Goal
from shopdesk.core.permissions import Role
from shopdesk.web.api import Amount, Answer, Body, Id, Nothing, Page, Text, Time

__all__ = ["CaseIn", "CaseOut", "CaseRowOut", "Cases", "CasesPage", "ClosingIn", "Nothing"]


class CasesPage(Page):
    kind = fields.Enum(CaseKind, by_value=True, load_default=None)
    phase = fields.Enum(CasePhase, by_value=True, load_default=None)
    owner = fields.String(
        load_default=None,
        validate=validate.OneOf(["me", "none"]),
        metadata={"description": "of open ones: the caller's own, or those that nobody has accepted"},
    )


class CaseIn(Body):
    order_id = Id(required=True)
    parcel_id = Id(load_default=None, allow_none=True, metadata={"description": "where one of several is meant"})
    kind = fields.Enum(CaseKind, by_value=True, required=True)
    goal = fields.Enum(
        Goal,
        by_value=True,
        load_default=None,
        allow_none=True,
        metadata={"description": "of intercept, and only there"},
    )
    wish = Text(MAX_WISH, required=True)


class ClosingIn(Body):
    outcome = Text(MAX_OUTCOME, required=True)


class CaseRowOut(Answer):
    """A case in a list; its words are on the case itself."""

    id = Id(required=True)
    number = fields.String(required=True, metadata={"example": "C20261122-0007"})
    store = fields.String(required=True)
    order_id = Id(required=True)
    order_number = fields.String(required=True)
    kind = fields.Enum(CaseKind, by_value=True, required=True)
    goal = fields.Enum(Goal, by_value=True, required=True, allow_none=True)
    source = fields.Enum(CaseSource, by_value=True, required=True)
    phase = fields.Enum(CasePhase, by_value=True, required=True)
    role = fields.Enum(Role, by_value=True, required=True, metadata={"description": "whose inbox it stands in"})
    owner = fields.String(required=True, allow_none=True, metadata={"description": "null until somebody accepts it"})
    opened_at = Time(required=True)
    accepted_at = Time(required=True, allow_none=True)
    closed_at = Time(required=True, allow_none=True)


class CasePlatform(Answer):
    """What the platform's own list says of the case, as given."""

    number = fields.String(required=True)
    status = fields.String(required=True, allow_none=True)
    word = fields.String(required=True, metadata={"description": "running, closed or done: what the status comes to"})
    amount = Amount(required=True, allow_none=True)
    due_at = Time(required=True, allow_none=True)
    as_of = Time(required=True, allow_none=True)


class CaseOut(CaseRowOut):
    """One case.  `wish` and `outcome` are masked in the answer to a POST."""

    parcel_id = Id(required=True, allow_none=True)
    change_id = Id(required=True, allow_none=True, metadata={"description": "the change that came too late"})
    wish = fields.String(required=True)
    outcome = fields.String(required=True, allow_none=True)
    platform = fields.Nested(CasePlatform, required=True, allow_none=True)


class Cases(Answer):
    """Open ones oldest first, closed ones newest first."""

    items = fields.List(fields.Nested(CaseRowOut), required=True)
    next = fields.String(required=True, allow_none=True)
