"""Pages of cases: the queue, one case, the form that opens one."""

from shopdesk.desk.views.cases import bulk, commands, lists, opening, page, saved
from shopdesk.desk.views.cases.blueprint import bp

__all__ = ["bp", "bulk", "commands", "lists", "opening", "page", "saved"]
