"""`payouts`: pause and resume the sending of money, above all around a database that is put back from a backup."""

from __future__ import annotations

import click
from flask import current_app
from flask_babel import gettext as _

from shopdesk.cli.group import commands, root
from shopdesk.core import pausing
from shopdesk.outbound import paying


@commands.group("payouts")
def payouts() -> None:
    """Payouts of refunds: pause, resume, status."""


@payouts.command("pause")
def pause() -> None:
    """Send nothing from now on; what was sent is still asked for."""
    paying.pause(actor=root([]))
    _say()


@payouts.command("resume")
def resume() -> None:
    """Let payouts be sent again, those that waited at once."""
    due = paying.resume(actor=root([]))
    click.echo(_("Payouts are sent again; %(count)s waited.", count=due))


@payouts.command("status")
def status() -> None:
    """Whether payouts are sent."""
    _say()


def _say() -> None:
    there = pausing.paused(current_app.config["DATA"])
    if there is None:
        click.echo(_("Payouts are sent."))
        return
    said = {
        pausing.Why.BY_HAND: _("Payouts are paused since %(at)s.", at=f"{there.at:%Y-%m-%d %H:%M} UTC"),
        pausing.Why.RESTORED: _(
            "Payouts are paused since %(at)s: the database was put back from a backup.",
            at=f"{there.at:%Y-%m-%d %H:%M} UTC",
        ),
        pausing.Why.UNREADABLE: _("Payouts are paused: the file %(file)s cannot be read.", file=pausing.PAUSED),
    }
    click.echo(said[there.why])
