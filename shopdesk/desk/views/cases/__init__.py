"""Pages of cases: the list, one case, the form that opens one."""

from shopdesk.desk.views.cases import (
    commands,
    courier_commands,
    goods_commands,
    lists,
    opening,
    overdue,
    page,
    policies,
)
from shopdesk.desk.views.cases.blueprint import bp

__all__ = ["bp", "commands", "courier_commands", "goods_commands", "lists", "opening", "overdue", "page", "policies"]
