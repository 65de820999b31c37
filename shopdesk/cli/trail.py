"""`audit …`: whether the trail still holds."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask_babel import gettext as _

from shopdesk.cli.group import commands, fail
from shopdesk.core import audit

BROKEN = 1


@commands.group("audit")
def trail() -> None:
    """The trail of events: verify, heads."""


@trail.command("verify")
@click.option("--heads", "path", type=click.Path(path_type=Path), help="heads that were kept off this machine")
def verify(path: Path | None) -> None:
    """Walk every chain; exit 1 when one does not hold."""
    examined, breaks = audit.verify(_read_heads(path) if path else None)
    for found in breaks:
        click.echo(_("Chain %(chain)s, event %(seq)s: %(what)s", chain=found.chain, seq=found.seq, what=found.what))
    click.echo(_("%(count)s events examined, %(breaks)s breaks.", count=examined, breaks=len(breaks)))
    if breaks:
        raise click.exceptions.Exit(BROKEN)


@trail.command("heads")
def heads() -> None:
    """The newest link of each chain as JSON: keep it on another machine."""
    found = {str(chain): {"seq": seq, "hash": digest} for chain, (seq, digest) in sorted(audit.heads().items())}
    click.echo(json.dumps(found, indent=1))


def _read_heads(path: Path) -> dict[int, tuple[int, str]]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return {int(chain): (int(head["seq"]), str(head["hash"])) for chain, head in told.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        fail(_("%(file)s holds no heads as `audit heads` prints them.", file=path))
