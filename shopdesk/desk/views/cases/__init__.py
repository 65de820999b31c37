"""Pages of cases: the list, one case, the form that opens one."""

from shopdesk.desk.views.cases import commands, documents, lists, opening, page, resolve_commands
from shopdesk.desk.views.cases.blueprint import bp
from shopdesk.desk.views.cases.documents import invoices_bp

__all__ = ["bp", "commands", "documents", "invoices_bp", "lists", "opening", "page", "resolve_commands"]
