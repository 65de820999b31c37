"""What counts as a JSON body: UTF-8, no repeated keys, no NaN, not deep, no text that a database cannot keep."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from flask import Request, request
from flask_babel import gettext
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError
from webargs import missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType

from shopdesk.core.errors import Malformed
from shopdesk.web.api.fields import Query

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 12
#: NUL, which PostgreSQL refuses, and halves of surrogate pairs, which are no text at all.
UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


class BodyParser(FlaskParser):
    """Unknown fields are refused, everywhere; a body that does not fit its schema is 400."""

    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {
        **dict.fromkeys(("json", "query", "form", "files", "json_or_form", "view_args", "path"), RAISE),
        "headers": EXCLUDE,
        "cookies": EXCLUDE,
    }

    def parse(self, argmap: Any, req: Request | None = None, *, location: str | None = None, **kwargs: Any) -> Any:
        """Parameters of an address, each by its own field; what does not fit is told by the long way."""
        if location == "query" and isinstance(argmap, Query):
            found = argmap.each(request.args)
            if found is not None:
                return found
        return super().parse(argmap, req, location=location, **kwargs)

    def load_json(self, req: Request, schema: Schema) -> Any:
        req.max_content_length = MAX_BYTES
        content = req.get_data(cache=True)
        if not content:
            return missing
        if not req.is_json:
            raise UnsupportedMediaType
        return loads(content)

    def handle_error(self, error: ValidationError, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise Malformed("The request cannot be understood.", fields=_by_field(error.messages))


def _by_field(messages: Any) -> Any:
    """webargs groups by place ("json": {...}); the reader wants field names."""
    if not isinstance(messages, dict) or len(messages) != 1:
        return messages
    place, inner = next(iter(messages.items()))
    return inner if place in {"json", "query"} and isinstance(inner, dict) else messages


def loads(content: bytes) -> Any:
    """The value of a JSON text.  Raises Malformed."""
    try:
        value = json.loads(
            content.decode("utf-8"), object_pairs_hook=_without_repeats, parse_float=_finite, parse_constant=_refuse
        )
        check_keepable(value)
    except (ValueError, RecursionError) as error:
        raise Malformed("The body is not JSON.", why=_why(error)) from error
    return value


def _why(error: ValueError | RecursionError) -> str:
    if isinstance(error, _Refused):
        return str(error)
    if isinstance(error, UnicodeDecodeError):
        return gettext("It is not in UTF-8.")
    if isinstance(error, json.JSONDecodeError):
        return gettext("It cannot be read from line %(line)d, character %(column)d on.", line=error.lineno,
                       column=error.colno)  # fmt: skip
    if isinstance(error, RecursionError):
        return gettext("The body is nested too deeply.")
    return gettext("A number is too large.")


class _Refused(ValueError):
    """A reason of ours, worded for the reader."""


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused(gettext("A key stands there twice."))
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _Refused(gettext("A number is too large."))
    return number


def _refuse(_name: str) -> NoReturn:
    raise _Refused(gettext("NaN and Infinity are not JSON."))


def check_keepable(value: Any) -> None:
    """Raise ValueError for text that cannot be stored and for nesting beyond MAX_DEPTH."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        deeper: list[Any] = []
        for item in level:
            if isinstance(item, str) and UNKEEPABLE.search(item):
                raise _Refused(gettext("A text holds characters that cannot be kept."))
            if isinstance(item, dict):
                deeper += [*item.keys(), *item.values()]
            elif isinstance(item, list):
                deeper += item
        if not deeper:
            return
        level = deeper
    raise _Refused(gettext("The body is nested too deeply."))


def check_address() -> None:
    """The path and the query hold no text that cannot be stored, and no parameter twice."""
    bad = [
        name for name, text in (request.view_args or {}).items() if isinstance(text, str) and UNKEEPABLE.search(text)
    ]
    for name, values in request.args.lists():
        if len(values) > 1:
            raise Malformed("The request cannot be understood.", fields={name: [gettext("Give it once.")]})
        if any(UNKEEPABLE.search(text) for text in (name, *values)):
            bad.append(UNKEEPABLE.sub("\N{REPLACEMENT CHARACTER}", name))
    if bad:
        why = gettext("A text holds characters that cannot be kept.")
        raise Malformed("The request cannot be understood.", fields={name: [why] for name in bad})
