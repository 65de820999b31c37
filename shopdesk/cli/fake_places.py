"""`fake-place`: a place to pay for demonstrations and tests; it pays nobody."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask_babel import gettext as _

from shopdesk.cli.group import commands, fail
from shopdesk.connectors.fake_place import running
from shopdesk.connectors.fake_place.book import BookBroken


@commands.command("fake-place")
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--port", type=click.IntRange(0, 65535), default=0)
@click.option("--hook-url")
def fake_place(file: Path, port: int, hook_url: str | None) -> None:
    """Serve a place to pay that pays nobody, until SIGTERM; FILE says what it would have paid."""
    secret = current_app.config["FAKE_PLACE_SECRET"]
    if not secret:
        fail(_("SHOPDESK_FAKE_PLACE_SECRET is missing."))
    try:
        running.serve(file, port, secret, hook_url=hook_url)
    except (OSError, BookBroken) as error:
        fail(str(error), code=1)
