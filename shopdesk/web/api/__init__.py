"""The API's frame: blueprints, strict JSON, field types, answers, documents.  docs/api.md is its guide."""

from shopdesk.web.api.answers import answer, at_text, money
from shopdesk.web.api.fields import (
    MAX_MINOR,
    Amount,
    Answer,
    Body,
    Id,
    Limit,
    Money,
    Nothing,
    OneLine,
    Page,
    Query,
    RowRefusal,
    Text,
    Time,
    YesNo,
)
from shopdesk.web.api.frame import ERRORS, PREFIX, DeskBlueprint, ErrorSchema, init_app

__all__ = [
    "ERRORS",
    "MAX_MINOR",
    "PREFIX",
    "Amount",
    "Answer",
    "Body",
    "DeskBlueprint",
    "ErrorSchema",
    "Id",
    "Limit",
    "Money",
    "Nothing",
    "OneLine",
    "Page",
    "Query",
    "RowRefusal",
    "Text",
    "Time",
    "YesNo",
    "answer",
    "at_text",
    "init_app",
    "money",
]
