"""`warehouse …`: opening warehouses, own and of suppliers."""

from __future__ import annotations

import click
from flask_babel import gettext as _

from shopdesk.cli.group import commands, root
from shopdesk.staff import service
from shopdesk.staff.models import WarehouseKind


@commands.group("warehouse")
def warehouse() -> None:
    """Warehouses."""


@warehouse.command("add")
@click.argument("name")
@click.option("--supplier", is_flag=True, help="it is a supplier's: every physical step is a message and their answer")
@click.option("--serves", "stores", multiple=True, metavar="STORE", help="a store that it sends for; may be repeated")
@click.option("--cut-off", "cut_offs", multiple=True, metavar="HH:MM", help="when a round leaves; may be repeated")
def add(name: str, supplier: bool, stores: tuple[str, ...], cut_offs: tuple[str, ...]) -> None:  # noqa: FBT001 a flag
    """Open a warehouse."""
    kind = WarehouseKind.SUPPLIER if supplier else WarehouseKind.OWN
    service.add_warehouse(name, kind=kind, serves=stores, cut_offs=cut_offs, actor=root())
    click.echo(_("Done: %(name)s.", name=name))


@warehouse.command("serve")
@click.argument("name")
@click.argument("store")
def serve(name: str, store: str) -> None:
    """Say that a warehouse sends for a store, too."""
    service.serve_store(name, store, actor=root())
    click.echo(_("Done: %(name)s.", name=name))
