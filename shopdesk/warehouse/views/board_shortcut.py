"""An unchanged board is answered before anything else is asked (ADR 0014).

A signed mark that is a few seconds old, sent with the cookies that it was given to, gets 304 as long as the board of
its stores still shows what the mark says: no session, no rights, no log line.  Everything else goes the long way.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import SecurityError
from werkzeug.wsgi import get_host

from shopdesk.core import clock
from shopdesk.core.audit import DESK
from shopdesk.warehouse import queries
from shopdesk.warehouse.views import board_kept, board_mark
from shopdesk.web import security

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

PATH = "/warehouse/board/now"
ASK_AGAIN_SECONDS = 15  # then session and rights are asked again, whatever the mark says
SHARED_SECONDS = 0.1  # how long one read of the newest events serves all boards of a process
Heads = dict[int, tuple[int, str]]


class SharedHeads:
    """The newest event of every chain, read at most once in a while for all threads."""

    def __init__(self, app: Flask, seconds: float) -> None:
        self._app, self._seconds = app, seconds
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._heads: Heads = {}

    def now(self) -> Heads:
        """As of `seconds` ago or newer."""
        with self._lock:
            began = time.monotonic()
            if began - self._read_at >= self._seconds:
                with self._app.app_context():
                    self._heads = queries.heads()
                self._read_at = began
            return self._heads


class Shortcut:
    """Stands before the application and behind the proxies that it trusts."""

    def __init__(self, app: Flask) -> None:
        self._app, self._then = app, app.wsgi_app
        # The tests write and look within one process and one moment.
        self._heads = SharedHeads(app, 0 if app.testing else SHARED_SECONDS)
        self._fixed = [
            *security.FIXED.items(),
            *(() if app.config["LOOPBACK"] else security.STRICT_TRANSPORT.items()),
            ("Content-Security-Policy", security.NO_PAGE),
            ("Cache-Control", "no-store"),
            ("Vary", "Cookie"),
        ]

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH or not self._stands(environ):
            return self._then(environ, start)
        known = [
            ("ETag", environ["HTTP_IF_NONE_MATCH"].strip()),
            ("X-Now", clock.now().isoformat()),
            ("X-Request-ID", secrets.token_hex(8)),
        ]
        start("304 NOT MODIFIED", [*known, *self._fixed])
        return []

    def _stands(self, environ: dict[str, Any]) -> bool:
        """Whether the board that asks may be told that nothing has changed."""
        cookies = environ.get("HTTP_COOKIE", "")
        header = environ.get("HTTP_IF_NONE_MATCH", "").strip()
        if environ["REQUEST_METHOD"] != "GET" or environ.get("QUERY_STRING") or not cookies or header[:1] != '"':
            return False
        mark = board_mark.read(header.strip('"'), self._app.config["SECRET_KEY"], cookies)
        if mark is None or not 0 <= clock.now().timestamp() - mark.asked_at < ASK_AGAIN_SECONDS:
            return False
        try:
            get_host(environ, self._app.config["TRUSTED_HOSTS"])
            heads = self._heads.now()
        except (SecurityError, SQLAlchemyError):
            return False
        found = board_kept.kept((self._app.config["SQLALCHEMY_DATABASE_URI"], mark.stores, mark.language))
        return (
            found is not None
            and found.mark == mark.shown
            and not found.is_out_of_time
            and heads.get(DESK, (0, ""))[0] == mark.desk_seq
            and _is_as_new(found.version, heads, mark.stores)
        )


def _is_as_new(version: queries.Version, heads: Heads, stores: tuple[int, ...]) -> bool:
    """Whether a board was made from these newest events, or newer ones: another thread may have read since."""
    made = {chain: (seq, link) for chain, seq, link in version}
    for store in stores:
        seq, link = made.get(store, (0, ""))
        now, newest = heads.get(store, (0, ""))
        if seq < now or (seq == now and link != newest):
            return False
    return True


def init_app(app: Flask) -> None:
    app.wsgi_app = Shortcut(app)  # type: ignore[assignment, method-assign]
