"""Structured logs: one JSON line a request, no personal data, no query string, no body."""

import logging
import secrets
import time

import structlog
from flask import Flask, Response, g, has_app_context, request
from structlog.typing import EventDict

from shopdesk.core.permissions import Actor

_is_written = True  # the line of a request, at the level that was configured


def configure(level: str) -> None:
    global _is_written
    _is_written = logging.getLevelNamesMapping()[level] <= logging.INFO
    structlog.configure(
        processors=[
            _add_request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,
    )


def begin() -> None:
    g.began = time.perf_counter()
    g.request_id = secrets.token_hex(8)


def _add_request_id(_logger: object, _method: str, line: EventDict) -> EventDict:
    if has_app_context() and "request_id" in g:
        line["request_id"] = g.request_id
    return line


def finish(response: Response) -> Response:
    response.headers.add("X-Request-ID", g.get("request_id", ""))
    if not _is_written or request.endpoint in {"static", "web.healthz"}:
        return response
    actor: Actor | None = g.get("actor")
    structlog.get_logger().info(
        "request",
        method=request.method,
        endpoint=request.endpoint,  # the name, not the path: paths may carry order numbers
        status=response.status_code,
        ms=round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
        person=actor.id if actor else None,
    )
    return response


def init_app(app: Flask) -> None:
    configure(app.config["LOG_LEVEL"])
    app.before_request(begin)
    app.after_request(finish)
