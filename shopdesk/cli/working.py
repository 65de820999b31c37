"""`worker`: does what must happen after commit, until it is told to stop."""

from __future__ import annotations

from flask import Flask, current_app
from flask_babel import gettext as _
from huey.exceptions import ConfigurationError

from shopdesk.cli.group import commands, fail
from shopdesk.outbound import jobs
from shopdesk.web import selfcheck


@commands.command("worker")
def worker() -> None:
    """Run the outbox and the clockwork until SIGTERM."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        selfcheck.check_at_start(app)
    except RuntimeError as error:
        fail(f"{error}.", code=1)
    try:
        jobs.run(app)
    except ConfigurationError:
        fail(_("The queue named in SHOPDESK_HUEY_URL cannot be used: install the Python package redis."))
