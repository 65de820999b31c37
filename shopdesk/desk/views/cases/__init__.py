"""Pages of cases: the queue, one case, the form that opens one."""

from shopdesk.desk.views.cases import bulk, commands, left, lists, opening, page, registers, saved, supervising
from shopdesk.desk.views.cases.blueprint import bp

__all__ = ["bp", "bulk", "commands", "left", "lists", "opening", "page", "registers", "saved", "supervising"]
