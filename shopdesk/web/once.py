"""Command keys at the door: run a view's command once, answer a repeat with the first answer (I7)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, current_app, request

from shopdesk.core import idempotency
from shopdesk.core.db import command, db
from shopdesk.core.errors import Malformed
from shopdesk.core.idempotency import Answer
from shopdesk.web.guard import actor


def once(key: str, print_: str, act: Callable[[], Answer]) -> Answer:
    """Run `act` and keep its answer in the same transaction; a repeat gets the kept one.

    Two at the same moment: the loser's unique violation sends it back here, where it finds the winner's answer.
    """
    who = actor().id or 0
    first = idempotency.recall(who, key, print_)
    if first is None:
        try:
            return _run(who, key, print_, act)
        except Exception:
            db.session.rollback()
            first = idempotency.recall(who, key, print_)
            if first is None:
                raise
    return first


@command
def _run(who: int, key: str, print_: str, act: Callable[[], Answer]) -> Answer:
    again = idempotency.recall(who, key, print_)
    if again:
        return again
    answer = act()
    idempotency.remember(who, key, print_, answer)
    return answer


def keyed(*, required: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let an API view honour `Idempotency-Key`; `required` where money or goods move.  Outside `@bp.response`."""

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def run(*args: Any, **kwargs: Any) -> Response:
            actor()
            key = request.headers.get("Idempotency-Key")
            if key is None:
                if required:
                    raise Malformed("Send an Idempotency-Key with this request.", code="command_key_required")
                return current_app.make_response(view(*args, **kwargs))
            print_ = idempotency.fingerprint(request.method, request.full_path, request.get_data(as_text=True))
            return _replay(once(key, print_, lambda: _answer(current_app.make_response(view(*args, **kwargs)))))

        return run

    return mark


def _answer(response: Response) -> Answer:
    text = response.get_data(as_text=True)
    return Answer(response.status_code, json.loads(text) if text else None, response.headers.get("Location"))


def _replay(answer: Answer) -> Response:
    text = "" if answer.body is None else json.dumps(answer.body, ensure_ascii=False)
    response = current_app.response_class(text, status=answer.status, mimetype="application/json")
    if answer.location:
        response.headers["Location"] = answer.location
    return response
