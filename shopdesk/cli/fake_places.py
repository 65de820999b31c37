"""`fake-place`: a place to pay for demonstrations and tests; it pays nobody."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask_babel import gettext as _

from shopdesk.cli.group import commands, fail
from shopdesk.connectors.fake_place import running
from shopdesk.connectors.fake_place.book import BookBroken
from shopdesk.connectors.fake_place.plans import Mode
from shopdesk.connectors.fake_place.telling import tell

#: Where `manage.py run` says how the demo's own place is reached, in the data folder.
URL_FILE, SECRET_FILE = "fake-place.url", "fake-place.secret"
MODES = [str(mode) for mode in Mode]


@commands.group("fake-place", invoke_without_command=True)
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=0)
@click.option("--hook-url")
@click.pass_context
def fake_place(context: click.Context, file: Path | None, port: int, hook_url: str | None) -> None:
    """Serve a place to pay that pays nobody, until SIGTERM; FILE says what it would have paid."""
    if context.invoked_subcommand:
        return
    if file is None:
        raise click.UsageError("Missing option '--file'.")
    secret = current_app.config["FAKE_PLACE_SECRET"]
    if not secret:
        fail(_("SHOPDESK_FAKE_PLACE_SECRET is missing."))
    try:
        running.serve(file, port, secret, hook_url=hook_url)
    except (OSError, BookBroken) as error:
        fail(str(error), code=1)


@fake_place.command("mode")
@click.argument("mode", type=click.Choice(MODES))
@click.option("--next", "times", type=click.IntRange(1, 1000), help="only for so many sendings; else until changed")
def change_mode(mode: str, times: int | None) -> None:
    """How the running place treats what it is sent: ok, drop, commit_then_drop, pending, late_failure …"""
    plan = {"plan": {"mode": mode, **MORE.get(Mode(mode), {})}, "on": "send"}
    _tell({**plan, "when": "next", "times": times} if times else {**plan, "when": "default"})
    click.echo(_("The place to pay is in the mode %(mode)s.", mode=mode))


#: What a mode needs beside its name to be what it says; what follows by itself comes late enough to be watched.
MORE: dict[Mode, dict[str, object]] = {
    Mode.PENDING: {"then_s": 20},
    Mode.LATE_FAILURE: {"then_s": 20},
    Mode.ECHO: {"echo": {"amount_minor": 1}},
    Mode.FAIL: {"code": "REFUSED_BY_BANK"},
}


def _tell(order: dict[str, object]) -> None:
    url, secret = _reached()
    if not url or not secret:
        fail(_("No place to pay runs here: `run` starts one for the demo shop."))
    if not tell(url, secret, order):
        fail(_("The place to pay does not answer at %(url)s.", url=url), code=1)


def _reached() -> tuple[str, str]:
    config, data = current_app.config, Path(current_app.config["DATA"])
    if config["FAKE_PLACE_URL"]:
        return config["FAKE_PLACE_URL"], config["FAKE_PLACE_SECRET"]
    if not (data / URL_FILE).exists():
        return "", ""
    return (data / URL_FILE).read_text().strip(), config["FAKE_PLACE_SECRET"] or (
        data / SECRET_FILE
    ).read_text().strip()
