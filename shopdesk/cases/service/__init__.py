"""Commands on cases."""

from shopdesk.cases.service.accepting import accept
from shopdesk.cases.service.assigning import assign
from shopdesk.cases.service.closing import close
from shopdesk.cases.service.moving import move
from shopdesk.cases.service.opening import Application, open_case, record
from shopdesk.cases.service.planning import set_due, set_waiting
from shopdesk.cases.service.reminding import answer_reminder, remind

__all__ = [
    "Application", "accept", "answer_reminder", "assign", "close", "move", "open_case", "record", "remind", "set_due",
    "set_waiting",
]  # fmt: skip
