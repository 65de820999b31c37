"""Command keys at the door: run a view's command once, answer a repeat with the first answer (I7).

The kept answer names the stores it is about: whoever lost one meanwhile gets what anybody without it gets.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, cast

from flask import Response, current_app, g, has_request_context, request

from shopdesk.core import idempotency
from shopdesk.core.db import command, db, housekeeping
from shopdesk.core.errors import Conflict, Malformed, NotFound
from shopdesk.core.idempotency import Answer
from shopdesk.core.permissions import Permission, require
from shopdesk.core.scope import touch, touched
from shopdesk.web.guard import actor

KEY = re.compile(rf"[!-~]{{1,{idempotency.MAX_LENGTH}}}\Z")
View = Callable[..., Any]


def once(key: str, print_: str, act: Callable[[], Answer]) -> Answer:
    """Run `act` and keep its answer in the same transaction; a repeat gets the kept one.

    Two at the same moment: the loser's unique violation sends it back here, where it finds the winner's answer.
    """
    who = actor().id or 0
    first = _recall(who, key, print_)
    if first is None:
        try:
            return _run(who, key, print_, act)
        except Exception:
            db.session.rollback()
            first = _recall(who, key, print_)
            if first is None:
                raise
    return first


def _recall(who: int, key: str, print_: str) -> Answer | None:
    """The first answer, for who may still read it.

    Raises NotFound for a store that is no longer theirs, NotAllowed where a permission was taken away since.
    """
    first = idempotency.recall(who, key, print_)
    for store, needed in first.needs.items() if first else ():
        store_id, held = int(store), actor().permissions(int(store))
        if not held & {Permission.ORDER_READ, *needed}:
            raise NotFound("There is no such thing here.")
        for permission in needed:
            require(actor(), Permission(permission), store_id)
        touch(store_id)
    return first


def _with_needs(answer: Answer, stores: set[int]) -> Answer:
    """The answer with what its reader needs: the view's permission, and `money:read` where figures were shown."""
    view = current_app.view_functions.get(request.endpoint or "") if has_request_context() else None
    permission, _scope = getattr(view, "needs", (None, ""))
    wanted = [p for p in (permission, Permission.MONEY_READ) if p is not None]
    needs = {str(store): [str(p) for p in wanted if actor().may(p, store)] for store in sorted(stores)}
    return replace(answer, needs=needs)


@command
def _run(who: int, key: str, print_: str, act: Callable[[], Answer]) -> Answer:
    again = _recall(who, key, print_)
    if again:
        return again
    with touched() as stores:
        answer = act()
    answer = _with_needs(answer, stores)
    db.session.flush()
    wrote = db.session.info.get("wrote")
    idempotency.remember(who, key, print_, answer)
    db.session.flush()
    db.session.info["wrote"] = wrote  # the key itself is machinery: only what `act` wrote must have left a trace
    return answer


def keyed(*, required: bool = False, private: bool = False) -> Callable[[View], View]:
    """Let an API view honour `Idempotency-Key`; `required` where money or goods move.  Between arguments and response.

    A `private` answer holds personal data: it is not kept, a repeat runs the view again (and leaves its trace again).
    """

    def mark(view: View) -> View:
        @wraps(view)
        def run(*args: Any, **kwargs: Any) -> Response:
            key = given_key(required=required)
            if key is None:
                return current_app.make_response(view(*args, **kwargs))
            print_ = _print()
            if private:
                return _run_private(key, print_, lambda: current_app.make_response(view(*args, **kwargs)))
            return _replay(once(key, print_, lambda: _answer(current_app.make_response(view(*args, **kwargs)))))

        return _documented(run, required=required)

    return mark


def _run_private(key: str, print_: str, act: Callable[[], Response]) -> Response:
    who = actor().id or 0
    idempotency.recall(who, key, print_)
    response = act()
    _keep(who, key, print_, Answer(response.status_code))
    return response


def once_in_parts(key: str, print_: str, act: Callable[[], Answer]) -> Answer:
    """`once` for what handles many in parts, each in a transaction of its own by `once_per_part`.

    Where the machine stops in the middle, a repeat with the same key does what is left.
    """
    who, g.command_key, g.request_print = actor().id or 0, key, print_
    first = _recall(who, key, print_)
    if first is None:
        with touched() as stores:
            first = act()
        first = _keep(who, key, print_, _with_needs(first, stores))
    return first


def keyed_rows(view: View) -> View:
    """`keyed` for a view that handles many rows in parts: `once_in_parts`."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Response:
        key = given_key(required=False)
        if key is None:
            return current_app.make_response(view(*args, **kwargs))
        act = lambda: _answer(current_app.make_response(view(*args, **kwargs)))  # noqa: E731
        return _replay(once_in_parts(key, _print(), act))

    return _documented(run, required=False)


def once_per_part(part: int | str, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run a part's command under the request's key, or plainly where it has none.  Refusals are not kept."""
    key = g.get("command_key")
    if key is None:
        return act()
    row_key = f"{hashlib.sha256(key.encode()).hexdigest()}#{part}"
    kept = once(row_key, _print(), lambda: Answer(200, act()))
    return dict(kept.body)


def given_key(*, required: bool) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None and required:
        raise Malformed("Send an Idempotency-Key with this request.", code="command_key_required")
    if key is not None and not KEY.match(key):
        raise Malformed("A command key has 1 to 128 characters.", code="bad_command_key")
    return key


def _documented(run: View, *, required: bool) -> View:
    run._apidoc = {**getattr(run, "_apidoc", {}), "keyed": {"required": required}}  # type: ignore[attr-defined]
    return run


def _print() -> str:
    """The request's fingerprint, taken once: a batch of 500 rows asks for it 500 times."""
    if "request_print" not in g:
        g.request_print = _fingerprint()
    found: str = g.request_print
    return found


def _fingerprint() -> str:
    """Method, address and body; of a form its parts, because each sending draws another boundary."""
    if request.mimetype == "multipart/form-data":
        files = [(name, f.filename, _sha(f.stream)) for name, f in request.files.items(multi=True)]
        return idempotency.fingerprint(request.method, request.full_path, sorted(request.form.lists()), files)
    body = hashlib.sha256(request.get_data(cache=True)).hexdigest()
    return idempotency.fingerprint(request.method, request.full_path, body)


def _sha(stream: Any) -> str:
    digest = hashlib.file_digest(stream, "sha256").hexdigest()
    stream.seek(0)
    return digest


@housekeeping
def _remember(who: int, key: str, print_: str, answer: Answer) -> None:
    idempotency.remember(who, key, print_, answer)


def _keep(who: int, key: str, print_: str, answer: Answer) -> Answer:
    if _recall(who, key, print_):
        return answer
    try:
        _remember(who, key, print_, answer)
    except Conflict:  # another sending of the same request was first
        return _recall(who, key, print_) or answer
    return answer


def _answer(response: Response) -> Answer:
    text = response.get_data(as_text=True)
    return Answer(response.status_code, json.loads(text) if text else None, response.headers.get("Location"))


def _replay(answer: Answer) -> Response:
    response = cast(Response, current_app.json.response(answer.body))
    response.status_code = answer.status
    if answer.location:
        response.headers["Location"] = answer.location
    return response
