"""Routes that stand in for API routes that are not there yet: the same queries and commands, dumped plainly."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import Flask, Response, jsonify, request

from shopdesk.changes import queries as changes
from shopdesk.changes import service
from shopdesk.changes.service import Wished
from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Permission
from shopdesk.core.personal import Personal
from shopdesk.desk import queries
from shopdesk.web.guard import actor, needs

PREFIX = "/api/v1/bench"


def add_stand_in(app: Flask) -> None:
    routes = (
        ("/orders", "find", find, "GET"),
        ("/orders/<int:order_id>", "show", show, "GET"),
        ("/print-checks", "check", check, "POST"),
        ("/orders/<int:order_id>/changes", "ask", ask, "POST"),
    )
    for path, name, view, method in routes:
        app.add_url_rule(PREFIX + path, f"bench_{name}", view, methods=[method])
    csrf = app.extensions["csrf"]
    for _, _, view, _ in routes:
        csrf.exempt(view)


@needs(Permission.ORDER_READ)
def find() -> Response:
    found = queries.look_up(request.args["q"], actor())
    return jsonify(matched=found.matched, items=plain(queries.hits_of(found.order_ids, actor())))


@needs(Permission.ORDER_READ)
def show(order_id: int) -> Response:
    return jsonify(plain(queries.order_view(order_id, actor())))


@needs(Permission.PRINT_CHECK)
def check() -> Response:
    return jsonify(plain(changes.look(request.get_json()["numbers"], actor())))


@needs(Permission.CHANGE_ASK)
def ask(order_id: int) -> Response:
    made = service.ask(order_id, Wished(Kind.ADDRESS, request.get_json()), actor=actor())
    return jsonify(changes=[change.id for change in made])


def plain(value: Any) -> Any:
    """Dataclasses, rows and lists as JSON values; personal values masked."""
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Personal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if dataclasses.is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if hasattr(value, "_mapping"):
        return {k: plain(v) for k, v in value._mapping.items()}
    if hasattr(value, "__table__"):
        return {c.key: plain(getattr(value, c.key)) for c in value.__mapper__.column_attrs}
    return [plain(item) for item in value]
