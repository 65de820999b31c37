"""`worker`: does what must happen after commit, until it is told to stop."""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext as _
from huey.exceptions import ConfigurationError

from shopdesk.cli.group import commands, fail
from shopdesk.outbound import jobs


@commands.command("worker")
def worker() -> None:
    """Run the outbox and the clockwork until SIGTERM."""
    try:
        jobs.run(current_app._get_current_object())  # type: ignore[attr-defined]
    except ConfigurationError:
        fail(_("The queue named in SHOPDESK_HUEY_URL cannot be used: install the Python package redis."))
