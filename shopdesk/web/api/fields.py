"""Field types of the API: each reads exactly one form, and documents it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import RAISE, Schema, ValidationError, fields, missing, post_load, validate

from shopdesk.core import paging
from shopdesk.core.money import EXPONENT
from shopdesk.core.text import strip_controls

MAX_MINOR = 10**11  # minor units: larger amounts are mistakes
ID = re.compile(r"[0-9]{1,18}\Z", re.ASCII)
TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)
YEARS = range(1990, 2100)


class Body(Schema):
    """Base of what is sent to us: unknown fields are refused."""

    class Meta:
        unknown = RAISE


class Query(Body):
    """Base of query parameters: single values, each read by its own field, no rule between them."""

    def each(self, given: Mapping[str, str]) -> dict[str, Any] | None:
        """What `load` gives, for a tenth of a look-up's time less; None where something is unknown or does not fit."""
        if not self.load_fields.keys() >= given.keys():
            return None
        found = {}
        try:
            for name, field in self.load_fields.items():
                value = field.deserialize(given.get(name, missing), name, given)
                if value is not missing:
                    found[name] = value
        except ValidationError:
            return None
        return found


class Answer(Schema):
    """Base of what we answer.  These schemas document; the values are built as plain JSON (docs/performance.md)."""

    class Meta:
        unknown = RAISE


class Nothing(Body):
    """No body, or an empty object."""


class RowRefusal(Answer):
    """Why one row was refused; the others are not touched by it."""

    error = fields.String(required=True)
    message = fields.String(required=True)
    facts = fields.Dict(required=True)


class Id(fields.String):
    """An id: digits in a string, both ways."""

    default_error_messages = {"invalid": _("An id is a string of 1 to 18 digits.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"pattern": "^[0-9]{1,18}$", "example": "17", **kwargs.pop("metadata", {})}, **kwargs)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> int:  # type: ignore[override]
        if not isinstance(value, str) or not ID.match(value):
            raise self.make_error("invalid")
        return int(value)


class Time(fields.String):
    """A moment: ISO 8601 with its offset; read into UTC."""

    default_error_messages = {"invalid": _("A time is ISO 8601 with an offset, like 2026-11-01T14:30:00+08:00.")}

    def __init__(self, **kwargs: Any) -> None:
        known = {"format": "date-time", "example": "2026-11-01T14:30:00+08:00", **kwargs.pop("metadata", {})}
        super().__init__(metadata=known, **kwargs)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> datetime:  # type: ignore[override]
        try:
            if not isinstance(value, str) or not TIME.match(value):
                raise ValueError(value)
            found = datetime.fromisoformat(value.upper().replace(" ", "T")).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise self.make_error("invalid") from error
        if found.year not in YEARS:
            raise self.make_error("invalid")
        return found


class Text(fields.String):
    """Text of at most `most` characters, without control characters, trimmed; empty is None, or refused if required."""

    default_error_messages = {
        "too_long": _("At most {most} characters."),
        "empty": _("Please fill this in."),
    }

    def __init__(self, most: int, **kwargs: Any) -> None:
        self.most = most
        known: dict[str, Any] = {"maxLength": most, **kwargs.pop("metadata", {})}
        if kwargs.get("required"):
            known.setdefault("minLength", 1)
        else:
            kwargs.setdefault("allow_none", True)
        super().__init__(metadata=known, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str | None:  # type: ignore[override]
        text: str = super()._deserialize(value, *args, **kwargs)
        if len(text) > self.most:
            # Not make_error: it fills only plain text, and these words wait for the reader's language.
            raise ValidationError(str(self.error_messages["too_long"]).format(most=self.most))
        text = self.clean(text)
        if not text and self.required:
            raise self.make_error("empty")
        return text or None

    def clean(self, text: str) -> str:
        return strip_controls(text).strip()


class OneLine(Text):
    """Text without line breaks."""

    def clean(self, text: str) -> str:
        return " ".join(strip_controls(text).split())


class YesNo(fields.Boolean):
    """true or false, nothing else."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if value is not True and value is not False:
            raise self.make_error("invalid", input=value)
        return value


class Limit(fields.Integer):
    """How many items a page has: 1 to 200."""

    default_error_messages = {"range": _("A page has 1 to 200 items.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(load_default=50, metadata={"minimum": 1, "maximum": paging.MAX_LIMIT, "default": 50}, **kwargs)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch("[0-9]{1,3}", value, re.ASCII):
            raise self.make_error("range")
        if not 1 <= int(value) <= paging.MAX_LIMIT:
            raise self.make_error("range")
        return int(value)


class Page(Query):
    """A cursor page."""

    limit = Limit()
    cursor = fields.String(load_default=None, validate=validate.Length(max=6000))


class Money(Body):
    """An amount in minor units (cents, fen) with its currency."""

    amount_minor = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=0, max=MAX_MINOR), metadata={"example": 1250}
    )
    currency = fields.String(
        required=True, validate=validate.Length(equal=3), metadata={"pattern": "^[A-Z]{3}$", "example": "CNY"}
    )

    @post_load
    def check(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        if data["currency"] not in EXPONENT:
            raise ValidationError({"currency": [str(_("There is no such currency."))]})
        return data


class Amount(fields.Nested):
    """A money object; None where the feed says nothing, or where the reader has no `money:read`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Money, allow_none=kwargs.pop("allow_none", not kwargs.get("required")), **kwargs)
