"""flask-smorest with our error body, our documents page, our statuses."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, cast

from flask import Flask, Response, render_template, request
from flask.json.provider import DefaultJSONProvider
from flask_smorest import Api, Blueprint
from flask_wtf import CSRFProtect
from marshmallow import Schema, fields
from werkzeug.routing import BaseConverter

from shopdesk.core.idempotency import MAX_LENGTH
from shopdesk.web.api.answers import add_tag
from shopdesk.web.api.reading import BodyParser, check_address
from shopdesk.web.guard import public

PREFIX = "/api/v1"

ERRORS = {
    400: "malformed",
    401: "no valid token",
    403: "not allowed",
    404: "not found, or not yours",
    409: "conflict or illegal move; `facts` say what is possible now",
    412: "stale version",
    413: "too large",
    415: "wrong content type",
    422: "refused by a rule, or a command key that was used for another body",
    429: "too many requests; Retry-After says when",
    503: "busy; Retry-After says when",
}
#: What may happen, by method; a method's own view may add to it.
REFUSALS = {
    "get": (400, 401, 403, 404, 429, 503),
    "post": (400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
    "put": (400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503),
}
ABOUT = """\
Bearer tokens; JSON in UTF-8; times ISO 8601 with offset; ids are strings of digits; money is an object in minor units.
Unknown fields are refused. Lists are cursor pages. What belongs to another store does not exist (404).
A figure of money is null without the permission money:read: tokens of warehouse and printing see none.
The answer to a POST shows personal values masked; GET shows what the page shows to the same person."""


class ErrorSchema(Schema):
    """Every refusal: a stable code, words in the person's language, what they are about, and the fields concerned."""

    error = fields.Str(required=True, metadata={"example": "stage_moved"})
    message = fields.Str(required=True)
    facts = fields.Dict(required=True)
    fields_ = fields.Raw(data_key="fields", required=True, metadata={"type": ["object", "array"]})


class IdConverter(BaseConverter):
    """An id in a path: 1 to 18 digits, so that it fits every database."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)


class WordConverter(BaseConverter):
    """A store's short name or an order number in a path."""

    regex = r"[^/\x00-\x1f]{1,64}"


class DeskBlueprint(Blueprint):
    """A group of resources.  Documents every refusal, the command key and the ETag of each operation by itself."""

    ARGUMENTS_PARSER = BodyParser()

    def __init__(self, name: str, import_name: str, *, tag: str, description: str = "") -> None:
        super().__init__(name, import_name, description=description)
        self.tag = tag
        self._prepare_doc_cbks.append(self._document_frame)

    def add_url_rule(self, *args: Any, **kwargs: Any) -> None:
        super().add_url_rule(*args, **{**kwargs, "tags": [self.tag]})

    def arguments(self, schema: type[Schema], **kwargs: Any) -> Any:
        """As smorest's, with one schema for all requests: making one anew takes longer than using it."""
        return super().arguments(schema(), **kwargs)

    @staticmethod
    def _document_frame(doc: dict[str, Any], doc_info: dict[str, Any], *, method: str, **_kwargs: Any) -> Any:
        responses = doc.setdefault("responses", {})
        for status in REFUSALS[method]:
            responses[status] = f"Refused{status}"
        parameters = doc.setdefault("parameters", [])
        if method == "get":
            parameters.append("IfNoneMatch")
            responses[304] = {"description": "not modified"}
            _tagged(responses, 200)
        if method == "put":
            parameters.append("IfMatch")
            for status in (200, 201):
                _tagged(responses, status)
        keyed = doc_info.get("keyed")
        if keyed:
            parameters.append("CommandKeyRequired" if keyed["required"] else "CommandKey")
        return doc


def _tagged(responses: dict[Any, Any], status: int) -> None:
    if status in responses:
        responses[status].setdefault("headers", {})["ETag"] = {
            "schema": {"type": "string"},
            "description": "of the body without age_seconds",
        }


class DeskApi(Api):
    """Our error handlers answer, so that there is one error body."""

    ERROR_SCHEMA = ErrorSchema
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        pass


def init_app(app: Flask, csrf: CSRFProtect, blueprints: Iterable[Blueprint]) -> None:
    app.config.update(
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": ABOUT},
            "servers": [{"url": "/"}],
            "security": [{"token": []}],
        },
    )
    provider = cast(DefaultJSONProvider, app.json)
    provider.ensure_ascii, provider.sort_keys = False, False
    app.url_map.converters.update(id=IdConverter, word=WordConverter)
    api = DeskApi(app)
    api.register_converter(IdConverter, lambda _: {"type": "string", "pattern": "^[0-9]{1,18}$", "example": "17"})
    api.register_converter(WordConverter, lambda _: {"type": "string", "minLength": 1, "maxLength": 64})
    _document_shared(api)
    for blueprint in blueprints:
        csrf.exempt(blueprint)
        api.register_blueprint(blueprint, url_prefix=PREFIX)
    document = app.view_functions["api-docs.openapi_json"]
    app.view_functions["api-docs.openapi_json"] = public(lambda: document())
    app.add_url_rule(f"{PREFIX}/docs", "api_docs", docs)
    app.before_request(_check_request)
    app.after_request(_finish)


def _document_shared(api: DeskApi) -> None:
    """The parts that every operation refers to."""
    parts = api.spec.components
    parts.security_scheme("token", {"type": "http", "scheme": "bearer", "description": "made by the command line"})
    for status, words in ERRORS.items():
        shown: dict[str, Any] = {"description": words, "content": {"application/json": {"schema": ErrorSchema}}}
        if status in {429, 503}:
            shown["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "seconds"}}
        parts.response(f"Refused{status}", shown)
    key = {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH, "pattern": "^[!-~]+$"}
    about = "A second request with the same key gets the first answer; with another body it is refused (422)."
    for name, required in (("CommandKey", False), ("CommandKeyRequired", True)):
        shape = {"name": "Idempotency-Key", "required": required, "schema": key, "description": about}
        parts.parameter(name, "header", shape)
    for name in ("If-None-Match", "If-Match"):
        parts.parameter(name.replace("-", ""), "header", {"name": name, "schema": {"type": "string"}})


@public
def docs() -> str:
    """The documents page, from local files."""
    return render_template("api_docs.html")


def _in_api() -> bool:
    return request.path.startswith(f"{PREFIX}/")


def _check_request() -> None:
    if _in_api():
        check_address()


def _finish(response: Response) -> Response:
    if not _in_api():
        return response
    return add_tag(response)


def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI document as plain data (tests, documentation)."""
    found = app.test_client().get(f"{PREFIX}/openapi.json")
    return dict(json.loads(found.get_data()))
