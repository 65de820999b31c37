"""Commands on cases."""

from shopdesk.cases.service.accepting import accept
from shopdesk.cases.service.closing import close
from shopdesk.cases.service.moving import move
from shopdesk.cases.service.opening import Application, open_case, record

__all__ = ["Application", "accept", "close", "move", "open_case", "record"]
