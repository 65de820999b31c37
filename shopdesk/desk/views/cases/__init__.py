"""Pages of cases: the list, one case, the form that opens one."""

from shopdesk.desk.views.cases import (
    bulk,
    commands,
    courier_commands,
    documents,
    goods_commands,
    left,
    lists,
    opening,
    overdue,
    page,
    policies,
    registers,
    resolve_commands,
    saved,
    supervising,
    taking,
    working,
)
from shopdesk.desk.views.cases.blueprint import bp
from shopdesk.desk.views.cases.documents import invoices_bp

__all__ = [
    "bp",
    "bulk",
    "commands",
    "courier_commands",
    "documents",
    "goods_commands",
    "invoices_bp",
    "left",
    "lists",
    "opening",
    "overdue",
    "page",
    "policies",
    "registers",
    "resolve_commands",
    "saved",
    "supervising",
    "taking",
    "working",
]
