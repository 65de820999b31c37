"""Pages of cases: the list, one case, the form that opens one."""

from shopdesk.desk.views.cases import commands, lists, opening, page, taking, working
from shopdesk.desk.views.cases.blueprint import bp

__all__ = ["bp", "commands", "lists", "opening", "page", "taking", "working"]
