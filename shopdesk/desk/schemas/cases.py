"""Shapes of the work on cases."""

from __future__ import annotations

from marshmallow import fields

from shopdesk.web.api import Answer, Id, Time


class CasePhotoOut(Answer):
    """A photo; `case_id` is another case's where that one goes on in this."""

    id = Id(required=True)
    case_id = Id(required=True)
    width = fields.Integer(required=True, metadata={"description": "pixels"})
    height = fields.Integer(required=True, metadata={"description": "pixels"})
    bytes = fields.Integer(required=True)
    added_at = Time(required=True)


class CasePhotos(Answer):
    items = fields.List(fields.Nested(CasePhotoOut), required=True)
