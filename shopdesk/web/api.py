"""The API's frame: flask-smorest with our error body, our documents page, our statuses."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Flask, render_template, request
from flask.json.provider import DefaultJSONProvider
from flask_smorest import Api, Blueprint
from flask_wtf import CSRFProtect
from marshmallow import EXCLUDE, RAISE, Schema, fields
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from shopdesk.core.errors import Malformed
from shopdesk.web.guard import public
from shopdesk.web.security import is_storable

PREFIX = "/api/v1"


class BodyParser(FlaskParser):
    """Unknown fields are refused, everywhere; a body that is not JSON says so."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {
        **dict.fromkeys(("json", "query", "form", "files", "json_or_form", "view_args", "path"), RAISE),
        "headers": EXCLUDE,
        "cookies": EXCLUDE,
    }


class DeskBlueprint(Blueprint):
    ARGUMENTS_PARSER = BodyParser()


class DeskApi(Api):
    """Our error handlers answer, so that there is one error body."""

    def _register_error_handlers(self) -> None:
        pass


class ErrorSchema(Schema):
    """Every refusal: a stable code, words, and what they are about."""

    error = fields.Str(required=True)
    message = fields.Str(required=True)
    facts = fields.Dict(required=True)
    fields_ = fields.Dict(data_key="fields", required=True)


ERRORS = {
    400: "malformed",
    401: "no valid token",
    403: "not allowed",
    404: "not found, or not yours",
    409: "conflict or illegal move",
    412: "stale version",
    422: "refused by a rule",
    428: "If-Match is needed",
    429: "too many requests",
    503: "busy",
}


def init_app(app: Flask, csrf: CSRFProtect, blueprints: Iterable[Blueprint]) -> None:
    app.config.update(
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
            "security": [{"token": []}],
        },
    )
    app.json = StrictJson(app)
    api = DeskApi(app)
    for blueprint in blueprints:
        csrf.exempt(blueprint)
        api.register_blueprint(blueprint, url_prefix=PREFIX)
    document = app.view_functions["api-docs.openapi_json"]
    app.view_functions["api-docs.openapi_json"] = public(lambda: document())
    app.add_url_rule(f"{PREFIX}/docs", "api_docs", docs)
    app.before_request(check_content_type)


@public
def docs() -> str:
    """The documents page, from local files."""
    return render_template("api_docs.html")


class StrictJson(DefaultJSONProvider):
    """Reads JSON as the standard has it: no NaN, no Infinity, no number that becomes one."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return super().loads(s, parse_constant=_refuse, parse_float=_finite, **kwargs)


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


def check_content_type() -> None:
    """A body is JSON and says so, and its texts can be stored."""
    if not request.path.startswith(PREFIX) or request.mimetype == "multipart/form-data":
        return
    if not request.content_length:
        return
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        body = request.get_json(cache=True)
    except (ValueError, RecursionError, BadRequest) as error:
        raise Malformed("The body is not JSON.") from error
    if b"\\u" in request.get_data() and not all(map(is_storable, _texts(body))):
        raise Malformed("The body holds characters that are no text.")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


__all__ = ["ERRORS", "PREFIX", "DeskBlueprint", "ErrorSchema", "init_app"]
