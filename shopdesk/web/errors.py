"""The one mapping from a refusal to HTTP: pages get a page, the API gets one error body."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, g, make_response, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from marshmallow import ValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from shopdesk.core import errors
from shopdesk.core.db import collided, db, is_away
from shopdesk.web.frame import here
from shopdesk.web.guard import in_api, set_actor
from shopdesk.web.labels import LABELS
from shopdesk.web.locale import money_text
from shopdesk.web.typed import readable, typed_again
from shopdesk.web.wording import by_field

log = structlog.get_logger()

STATUS: dict[type[errors.DomainError], int] = {
    errors.Malformed: 400,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.IllegalMove: 409,
    errors.Stale: 412,
    errors.RuleViolation: 422,
    errors.KeyReused: 422,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}
#: What a plain HTTP error is called in the error body.
CODES = {400: "malformed", 401: "not_signed_in", 403: "not_allowed", 404: "not_found", 405: "method_not_allowed",
         406: "not_acceptable", 412: "stale_version", 413: "too_large", 415: "wrong_content_type", 422: "invalid",
         428: "if_match_required", 429: "too_many", 500: "internal", 503: "unavailable"}  # fmt: skip
#: Fact → the enumeration its codes are of; the others are field names and units.
FACT_KINDS = {"state": "ChangeState", "stage": "Stage", "role": "Role", "kind": "Kind", "phase": "CasePhase",
              "waiting": "WaitingFor"}  # fmt: skip
WORDS = {
    400: _("The request cannot be understood."),
    404: _("There is no such thing here."),
    405: _("This cannot be done here."),
    413: _("That is too large."),
    415: _("Send JSON, with the content type application/json."),
    500: _("Something went wrong on our side. Nothing was changed."),
}
WORDS_ELSE = _("This request is refused.")


KEPT: dict[int | str, Any] = {
    "form_expired": _("Nothing was changed. What you typed comes back when you return to the form."),
    "database_away": _("What was being written is there whole or not at all; sent again, it has its effect once."),
    409: _("Nothing was written over. What you typed comes back when you return to the form."),
    413: _("Nothing of it was stored."),
    429: _("Everything is as it was."),
    500: _("Nothing was changed. What you typed comes back when you return to the form."),
    503: _("Nothing was changed. What you typed comes back when you return to the form."),
}
KEPT_ELSE = _("Nothing was changed.")
NEXT: dict[int | str, Any] = {
    "no_store": _(
        "On an empty desk, bring the first store's export in by the command line, then reload this page: "
        "python3 manage.py cli import FILES --store my-shop --create-store taobao,CNY,Asia/Shanghai. "
        "Where stores exist already, ask a supervisor for a role in one."
    ),
    "link_invalid": _("Ask a supervisor for a new one-time link, or sign in if you have a password already."),
    400: _("Go back, reload the page and try again."),
    401: _("Sign in and try again."),
    403: _("Ask a supervisor if you should be able to do this."),
    404: _("Check the number, or look it up: perhaps it belongs to a store that is not yours."),
    405: _("Go back and use the buttons of the page."),
    409: _("Look at it again: somebody may have been quicker."),
    412: _("Look at it again: somebody may have been quicker."),
    413: _("Send a smaller file, or split it."),
    429: _("Wait a little, then try again."),
    500: _("Try again; if it happens twice, tell us the number below."),
    503: _("Try again in a moment."),
}
NEXT_ELSE = _("Go back and correct what the message names.")


def message_of(error: errors.DomainError) -> str:
    """The refusal in the person's language."""
    text = gettext(error.message)
    currency = error.facts.get("currency")
    return text % {name: _worded(name, value, currency) for name, value in error.facts.items()} if error.facts else text


def _worded(name: str, value: object, currency: object) -> object:
    """A fact as people call it: codes of stages, roles, fields become words, minor units the store's money."""
    if isinstance(currency, str) and isinstance(value, int) and name.endswith("_minor"):
        return money_text(value, currency)
    if not isinstance(value, str):
        return value
    words = [LABELS.get((FACT_KINDS.get(name, ""), part)) for part in value.split(", ")]
    return gettext(", ").join(gettext(str(word)) for word in words) if words and all(words) else value


def register(app: Flask) -> None:
    app.register_error_handler(errors.DomainError, answer_domain_error)
    app.register_error_handler(ValidationError, answer_bad_body)
    app.register_error_handler(CSRFError, answer_expired_form)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(DBAPIError, answer_database_error)
    app.register_error_handler(Exception, answer_unexpected)


def answer_domain_error(error: errors.DomainError) -> BaseResponse:
    status = STATUS[type(error)]
    if status == 401 and not in_api() and error.code == "not_signed_in":
        return _to_sign_in()
    facts = {k: v for k, v in error.facts.items() if k != "fields"}
    answer = _answer(status, error.code, message_of(error), facts=facts, fields=error.facts.get("fields"))
    if "retry_after_seconds" in error.facts:
        answer.headers["Retry-After"] = str(error.facts["retry_after_seconds"])
    elif status == 503:
        answer.headers["Retry-After"] = "1"
    return answer


def _to_sign_in() -> BaseResponse:
    """A page goes to the sign-in; a part of one makes the page that asked for it go there, and come back."""
    if request.headers.get("HX-Request"):
        response = make_response("", 401)
        asked_from = urlsplit(request.headers.get("HX-Current-URL", ""))
        response.headers["HX-Redirect"] = url_for("web.sign_in", next=asked_from.path or None)
        return response
    response = make_response("", 303)
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    response.headers["Location"] = url_for("web.sign_in", next=wanted)
    return response


def answer_bad_body(error: ValidationError) -> BaseResponse:
    return _answer(400, "malformed", str(WORDS[400]), fields=error.messages)


def answer_expired_form(error: CSRFError) -> BaseResponse:
    set_actor()  # forms are checked before anybody is known
    if request.headers.get("HX-Request") and not current_user.is_authenticated:
        return _to_sign_in()
    return _answer(
        400, "form_expired", gettext("This form has expired. Nothing was changed: go back, reload and send it again.")
    )


def answer_http_error(error: HTTPException) -> BaseResponse:
    status = error.code or 500
    if 300 <= status < 400:
        return make_response(error.get_response())
    data = getattr(error, "data", None) or {}
    if in_api() and status == 422 and "messages" in data:  # webargs' name for a body that does not fit its schema
        return _answer(400, "malformed", str(WORDS[400]), fields=_flat(data["messages"]))
    words = str(getattr(error, "words", None) or WORDS.get(status, WORDS_ELSE))
    answer = _answer(status, CODES.get(status, "refused"), words)
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after"}:
            answer.headers[name] = value
    return answer


def answer_database_error(error: DBAPIError) -> BaseResponse:
    if collided(error):
        return answer_domain_error(errors.Unavailable("The desk is very busy. Nothing was changed; please try again."))
    if is_away(error):
        log.warning("database_away", kind=type(error.orig).__name__, endpoint=request.endpoint)
        away = errors.Unavailable("The desk's database cannot be reached at the moment.", code="database_away")
        return answer_domain_error(away)
    return answer_unexpected(error)


def answer_unexpected(error: Exception) -> BaseResponse:
    # The type and place only: a message may quote personal data.
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    log.error("unexpected", kind=type(error).__name__, where=where, endpoint=request.endpoint)
    if current_app.config["TESTING"] or current_app.debug:
        raise error
    return _answer(500, "internal", str(WORDS[500]))


def _flat(messages: dict[str, Any]) -> dict[str, Any]:
    """webargs groups by place ("json": {...}); the reader wants field names."""
    return messages["json"] if set(messages) == {"json"} and isinstance(messages["json"], dict) else messages


def _answer(status: int, code: str, message: str, *, facts: Any = None, fields: Any = None) -> Response:
    if in_api():
        body = {"error": code, "message": message, "facts": facts or {}, "fields": by_field(fields)}
        text = json.dumps(body, ensure_ascii=False, default=str)
        response = current_app.response_class(text, status=status, mimetype="application/json")
        if status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response
    return make_response(_page(status, code, message), status)


def _came_from() -> str:
    """The desk's own page that held the form; else the nearest page above the address."""
    asked = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer", ""))
    if asked.netloc != request.host or not asked.path.startswith("/") or asked.path.startswith("//"):
        return here().path
    return f"{asked.path}?{asked.query}" if asked.query else asked.path


def _page(status: int, code: str, message: str) -> str:
    """The page of a refusal; of an expired form with what was typed, to be sent again (ui: nothing typed is lost)."""
    g.setdefault("actor", None)
    g.setdefault("person", None)
    again = typed_again() if code == "form_expired" else []
    words = {
        "kept": str(KEPT.get(code) or KEPT.get(status, KEPT_ELSE)),
        "what_next": str(NEXT.get(code) or NEXT.get(status, NEXT_ELSE)),
        "request_id": g.get("request_id", ""),
        "back": None if request.method in {"GET", "HEAD"} else _came_from(),
        "again": again,
        "typed": readable(again),
        "address": request.full_path.rstrip("?"),
    }
    try:
        return render_template("error.html", status=status, code=code, message=message, **words)
    except SQLAlchemyError:
        # The frame wanted the database, which may be what failed: say it as to nobody in particular.
        db.session.rollback()
        g.actor = g.person = None
        return render_template("error.html", status=status, code=code, message=message, **words)
