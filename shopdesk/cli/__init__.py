"""`flask shopdesk …`: the command line.  Each module adds its commands to the one group."""

from shopdesk.cli import (
    fake_places,
    importing,
    keeping,
    payouts,
    people,
    preparing,
    stores,
    tokens,
    trail,
    warehouses,
    working,
)
from shopdesk.cli.group import commands

__all__ = [
    "commands",
    "fake_places",
    "importing",
    "keeping",
    "payouts",
    "people",
    "preparing",
    "stores",
    "tokens",
    "trail",
    "warehouses",
    "working",
]
