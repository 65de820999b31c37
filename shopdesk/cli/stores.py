"""`store …`: opening stores."""

from __future__ import annotations

import click
from flask_babel import gettext as _

from shopdesk.cli.group import commands, root
from shopdesk.core.money import parse_minor
from shopdesk.staff import queries, service


@commands.group("store")
def store() -> None:
    """Stores."""


@store.command("add")
@click.argument("slug")
@click.option("--platform", required=True, help="taobao, tmall, jd, pdd, douyin, …, phone, other")
@click.option("--currency", required=True, help="ISO code, e.g. CNY")
@click.option("--zone", required=True, help="IANA time zone, e.g. Asia/Shanghai")
@click.option("--name", help="what people see; default: the short name")
@click.option(
    "--memos", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="language of the memo templates"
)
def add(slug: str, platform: str, currency: str, zone: str, name: str | None, memos: str) -> None:
    """Open a store."""
    service.add_store(
        slug, platform=platform, currency=currency, zone=zone, name=name, memo_language=memos, actor=root()
    )
    click.echo(_("Done: %(name)s.", name=slug))


@store.command("expiry")
@click.argument("slug")
@click.argument("act", type=click.Choice(service.HOLD_EXPIRIES))
def expiry(slug: str, act: str) -> None:
    """Say what happens when the hold of a change expires: keep it, overdue; ship as changed; ship as ordered."""
    service.set_hold_expiry(slug, act, actor=root())
    click.echo(_("Done: %(name)s.", name=slug))


@store.command("pull-back")
@click.argument("slug")
@click.argument("minutes", type=int)
def pull_back(slug: str, minutes: int) -> None:
    """Say how many minutes the warehouse has to pull back what it handed over; 0 = never."""
    service.set_pull_back(slug, minutes, actor=root())
    click.echo(_("Done: %(name)s.", name=slug))


@store.command("compensation")
@click.argument("slug")
@click.argument("amount")
def compensation(slug: str, amount: str) -> None:
    """Say how much compensation one case may give, in the store's currency; 0 = none."""
    found = queries.store_named(slug)
    try:
        most_minor = parse_minor(amount, found.currency if found else "CNY")
    except ValueError as error:
        raise click.BadParameter(_("This is not an amount.")) from error
    service.set_compensation(slug, most_minor, actor=root())
    click.echo(_("Done: %(name)s.", name=slug))


@store.command("nudge")
@click.argument("slug")
@click.argument("minutes", type=int)
def nudge(slug: str, minutes: int) -> None:
    """Say how many minutes pass before the same step may be reminded of again (催办)."""
    service.set_nudge_minutes(slug, minutes, actor=root())
    click.echo(_("Done: %(name)s.", name=slug))


@store.command("extensions")
@click.argument("slug")
@click.argument("times", type=int)
def extensions(slug: str, times: int) -> None:
    """Say how often after-sale gives a customer longer to send goods back; beyond it a supervisor does."""
    service.set_return_extensions(slug, times, actor=root())
    click.echo(_("Done: %(name)s.", name=slug))
