"""Leaves a service alone for a while after it did not answer several times in a row."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Breaker:
    """Of one service in one process; shared by its threads."""

    def __init__(self, *, after: int = 5, rest_s: float = 30.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._after, self._rest_s, self._clock = after, rest_s, clock
        self._lock = threading.Lock()
        self._failures, self._until = 0, 0.0

    def may_call(self) -> bool:
        """After the rest one caller may try; the others wait for what it meets."""
        with self._lock:
            if self._failures < self._after:
                return True
            if self._clock() < self._until:
                return False
            self._until = self._clock() + self._rest_s
            return True

    def answered(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._until = self._clock() + self._rest_s
