"""Calls that begin at the same moment, each in a thread and a session of its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask

from shopdesk.core.db import db
from shopdesk.core.errors import DomainError

WAIT_SECONDS = 60


def rounds(in_ci: int) -> int:
    """How often a race is run: in CI as often as its test says, elsewhere twice."""
    return in_ci if os.environ.get("SHOPDESK_CI") == "1" else 2


def outcomes(app: Flask, *calls: Callable[[], Any]) -> list[Any]:
    """What each call came to: "ok" or its refusal.  Anything else is an error of the test."""
    db.session.rollback()
    start = threading.Barrier(len(calls))
    found: list[Any] = [None] * len(calls)

    def run(number: int, call: Callable[[], Any]) -> None:
        with app.app_context():
            try:
                start.wait(10)
                call()
                found[number] = "ok"
            except Exception as error:
                found[number] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_SECONDS)
    db.session.rollback()
    for outcome in found:
        if isinstance(outcome, Exception) and not isinstance(outcome, DomainError):
            raise outcome
    return found


def race(app: Flask, *calls: Callable[[], Any]) -> list[Any]:
    """The same, a refusal by its code."""
    return [found.code if isinstance(found, DomainError) else found for found in outcomes(app, *calls)]
