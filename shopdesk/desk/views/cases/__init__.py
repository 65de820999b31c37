"""Pages of cases: the list, one case, the form that opens one."""

from shopdesk.desk.views.cases import commands, documents, lists, opening, page, resolve_commands, taking
from shopdesk.desk.views.cases.blueprint import bp

__all__ = ["bp", "commands", "documents", "lists", "opening", "page", "resolve_commands", "taking"]
