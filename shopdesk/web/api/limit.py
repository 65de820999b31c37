"""Requests of one token within a minute of the clock, counted in each process.

Plain counters: the usual library starts a thread for its memory store every few requests, which took a fifth of a
look-up's time (docs/performance.md).
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter

from flask import current_app, g, request

from shopdesk.core.errors import TooMany
from shopdesk.web.guard import in_api

WINDOW_SECONDS = 60


class Counters:
    """How often each asked in the window of now; a new window begins with nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._counts: Counter[bytes] = Counter()

    def count(self, who: bytes, now: float) -> int:
        """The number of this request within its window."""
        window = int(now // WINDOW_SECONDS)
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, Counter()
            self._counts[who] += 1
            return self._counts[who]


class Limit:
    """Counts known tokens each for itself, and callers without one by address: what they invent opens no new count."""

    def __init__(self) -> None:
        self._known, self._strangers = Counters(), Counters()

    def count(self) -> None:
        """When the actor is known.  Raises TooMany."""
        if not in_api() or not current_app.config.get("API_LIMITED", not current_app.testing):
            return
        now = time.time()
        counters, who = (self._strangers, _address()) if g.actor is None else (self._known, _token())
        if counters.count(who, now) > current_app.config["API_PER_MINUTE"]:
            wait = WINDOW_SECONDS - int(now % WINDOW_SECONDS)
            raise TooMany("Too many requests. Please wait a little, then try again.", retry_after_seconds=wait)


def _token() -> bytes:
    return hashlib.sha256(request.headers["Authorization"].encode()).digest()


def _address() -> bytes:
    return (request.remote_addr or "").encode()
