"""Shapes of feeds."""

from marshmallow import fields, validate

from shopdesk.web.api import Answer, Id, Time


class FeedAnswer(Answer):
    """How old one kind of truth is."""

    id = Id(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["orders", "stages", "refunds", "tracking"]))
    origin = fields.String(required=True)
    as_of = Time(required=True)
    known_at = Time(required=True)
    covers = fields.String(required=True, validate=validate.OneOf(["store", "some"]))
    rhythm_minutes = fields.Integer(required=True)
    freshness = fields.String(required=True, validate=validate.OneOf(["fresh", "late", "stale"]))
    age_seconds = fields.Integer(required=True)


class Feeds(Answer):
    items = fields.List(fields.Nested(FeedAnswer), required=True)
    next = fields.String(required=True, allow_none=True)
