"""Pages of cases: the list, one case, the form that opens one."""

from shopdesk.desk.views.cases import (
    bulk,
    commands,
    courier_commands,
    documents,
    goods_commands,
    lists,
    opening,
    overdue,
    page,
    policies,
    resolve_commands,
    saved,
    taking,
    working,
)
from shopdesk.desk.views.cases.blueprint import bp

__all__ = [
    "bp",
    "bulk",
    "commands",
    "courier_commands",
    "documents",
    "goods_commands",
    "lists",
    "opening",
    "overdue",
    "page",
    "policies",
    "resolve_commands",
    "saved",
    "taking",
    "working",
]
