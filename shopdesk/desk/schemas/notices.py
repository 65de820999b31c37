"""Shapes of notices, their answers, and the audit feed."""

from __future__ import annotations

from marshmallow import fields, validate

from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Role
from shopdesk.desk.schemas.changes import WishOut
from shopdesk.notices.models import Answer as Said
from shopdesk.notices.models import NoticeKind, NoticeState
from shopdesk.web.api import Answer, Body, Id, Limit, OneLine, Page, Query, RowRefusal, Time

MOST_ROWS = 500


class Inbox(Page):
    state = fields.Enum(NoticeState, by_value=True, load_default=NoticeState.OPEN)


class NoticeOut(Answer):
    """A message to a role; `body` holds the codes that word it."""

    id = Id(required=True)
    store = fields.String(required=True)
    role = fields.Enum(Role, by_value=True, required=True)
    person_id = Id(required=True, allow_none=True, metadata={"description": "of that role only this person's"})
    kind = fields.Enum(NoticeKind, by_value=True, required=True)
    state = fields.Enum(NoticeState, by_value=True, required=True)
    answer = fields.Enum(Said, by_value=True, required=True, allow_none=True)
    order_id = Id(required=True)
    order_number = fields.String(required=True)
    parcel_id = Id(required=True, allow_none=True)
    change_id = Id(required=True, allow_none=True)
    change_kind = fields.Enum(Kind, by_value=True, required=True, allow_none=True)
    wishes = fields.List(fields.Nested(WishOut), required=True, metadata={"description": "old → new of its change"})
    memo = fields.String(required=True, allow_none=True)
    body = fields.Dict(required=True)
    made_at = Time(required=True)
    opened_at = Time(required=True, allow_none=True)
    answered_at = Time(required=True, allow_none=True)


class Notices(Answer):
    """Oldest first: what nobody has answered stays on top."""

    items = fields.List(fields.Nested(NoticeOut), required=True)
    next = fields.String(required=True, allow_none=True)


class AnswerIn(Body):
    """printed and gone are facts; not_printed is printing's word; noted is for what asks nothing about the stage."""

    answer = fields.Enum(Said, by_value=True, required=True)
    batch = OneLine(32, load_default=None)


class AnswerRow(AnswerIn):
    id = Id(required=True)


class AnswersIn(Body):
    items = fields.List(fields.Nested(AnswerRow), required=True, validate=validate.Length(min=1, max=MOST_ROWS))


class AnswerResult(Answer):
    index = fields.Integer(required=True)
    id = Id(required=True)
    state = fields.Enum(NoticeState, by_value=True, required=True, allow_none=True)
    refused = fields.Nested(RowRefusal, required=True, allow_none=True)


class AnswersOut(Answer):
    items = fields.List(fields.Nested(AnswerResult), required=True)


class MatchingIn(Body):
    """`answer` is for what asks about the stage: without it such a notice is refused, the others are noted."""

    up_to = Id(required=True, metadata={"description": "the newest notice that was seen; later ones are left alone"})
    kind = fields.Enum(NoticeKind, by_value=True, load_default=None, allow_none=True)
    answer = fields.Enum(Said, by_value=True, load_default=None, allow_none=True)


class MatchingRefusal(RowRefusal):
    id = Id(required=True)


class MatchingOut(Answer):
    done = fields.List(Id(), required=True)
    refused = fields.List(fields.Nested(MatchingRefusal), required=True)
    left = fields.Integer(required=True, metadata={"description": "not reached in time; still open"})


class EventPage(Query):
    limit = Limit()
    after = fields.String(load_default=None, validate=validate.Length(max=6000))


class EventOut(Answer):
    """One event.  Figures of money in its `body` (`…_minor`) are null without money:read."""

    id = Id(required=True)
    store = fields.String(required=True)
    at = Time(required=True)
    action = fields.String(required=True)
    subject = fields.String(required=True)
    subject_id = Id(required=True)
    order_id = Id(required=True, allow_none=True)
    actor_id = Id(required=True, allow_none=True)
    role = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True)
    body = fields.Dict(required=True, allow_none=True)


class Events(Answer):
    """Oldest first.  `next` is null at the end; `after` is the place to go on from later."""

    items = fields.List(fields.Nested(EventOut), required=True)
    next = fields.String(required=True, allow_none=True)
    after = fields.String(required=True)
