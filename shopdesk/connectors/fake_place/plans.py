"""How the fake place behaves: by default, for the next calls, or for one number."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any


class Mode(StrEnum):
    OK = "ok"
    DROP = "drop"  # nothing happens, the connection is closed without an answer
    COMMIT_THEN_DROP = "commit_then_drop"
    SLOW = "slow"  # the money moves at once, the answer comes after `delay_s`
    SLOW_COMMIT = "slow_commit"  # the money moves after `delay_s`
    ERROR_BEFORE = "error_before"  # `status` (503) and `code`, nothing happens
    ERROR_AFTER = "error_after"  # the money moves; then `status` and `code`
    DUPLICATE = "duplicate"  # the money moves; the answer is that it was refunded already
    DUPLICATE_OTHER = "duplicate_other"  # likewise, but another amount is booked under the number
    DUPLICATE_NOTHING = "duplicate_nothing"  # says so, and knows nothing
    ECHO = "echo"  # the money moves; the answer has `echo` written over it
    RAW = "raw"  # the money moves; the answer is the text `raw`
    LONG = "long"  # the money moves; the right answer stands in two megabytes of spaces
    DRIP = "drip"  # the money moves; the right answer comes a byte every `delay_s`
    REDIRECT = "redirect"  # nothing happens; another address would say *succeeded*
    PENDING = "pending"  # accepted; paid after `then_s`, or when told
    LATE_FAILURE = "late_failure"  # paid; the money comes back after `then_s`
    FAIL = "fail"  # refused for good with `code`


class Hooks(StrEnum):
    ONCE = "once"  # after the answer
    FIRST = "first"  # before the answer
    TWICE = "twice"
    NEVER = "never"
    FORGED = "forged"  # signed with another secret
    LATE = "late"  # after `hook_delay_s`


class On(StrEnum):
    SEND = "send"
    ASK = "ask"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Plan:
    mode: Mode = Mode.OK
    hooks: Hooks = Hooks.ONCE
    code: str = "SYSTEM_ERROR"
    status: int = 503
    delay_s: float = 1.0
    then_s: float | None = None
    hook_delay_s: float = 1.0
    echo: Mapping[str, Any] = field(default_factory=dict)
    raw: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Plan:
        """Raises ValueError for a word it does not know."""
        if odd := set(given) - {known.name for known in fields(cls)}:
            raise ValueError(f"unknown: {', '.join(sorted(odd))}")
        values = dict(given)
        for name, kind in (("mode", Mode), ("hooks", Hooks)):
            if name in values:
                values[name] = kind(values[name])
        return cls(**values)


class Plans:
    """One number's plan goes before that for the next calls, and that before the default."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self._default: dict[On, Plan] = {}
        self._next: dict[On, list[Plan]] = {}
        self._numbers: dict[tuple[On, str], list[Plan]] = {}

    def put(self, plan: Plan, on: On, when: str, times: int) -> None:
        """`when`: "default" (until changed), "next", or a number; the latter two `times` times."""
        with self._lock:
            if when == "default":
                self._default[on] = plan
            elif when == "next":
                self._next.setdefault(on, []).extend([plan] * times)
            else:
                self._numbers.setdefault((on, when), []).extend([plan] * times)

    def take(self, on: On, number: str | None = None) -> Plan:
        with self._lock:
            for waiting in (self._numbers.get((on, number or "")), self._next.get(on)):
                if waiting:
                    return waiting.pop(0)
            return self._default.get(on, Plan())
