"""Shapes that several resources share."""

from __future__ import annotations

from marshmallow import fields

from shopdesk.core.flags import Flag
from shopdesk.parcels.states import Freshness, Source, Stage
from shopdesk.web.api import Answer, Time


class Knowledge(Answer):
    """What is known of a stage: for which moment, from whom, how fresh; stale over twice the feed's rhythm."""

    as_of = Time(required=True, allow_none=True)
    source = fields.Enum(Source, by_value=True, required=True)
    origin = fields.String(required=True, allow_none=True)
    freshness = fields.Enum(Freshness, by_value=True, required=True)
    age_seconds = fields.Integer(required=True, allow_none=True)


def stage(**kwargs: object) -> fields.Enum:
    return fields.Enum(Stage, by_value=True, **{"required": True, **kwargs})  # type: ignore[arg-type]


def flag(**kwargs: object) -> fields.Enum:
    return fields.Enum(Flag, by_value=True, **{"required": True, **kwargs})  # type: ignore[arg-type]
