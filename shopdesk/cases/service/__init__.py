"""Commands on cases."""

from shopdesk.cases.service.accepting import accept
from shopdesk.cases.service.claims import Claimed, file_claim, move_claim
from shopdesk.cases.service.closing import close
from shopdesk.cases.service.moving import move
from shopdesk.cases.service.opening import Application, open_case, record

__all__ = ["Application", "Claimed", "accept", "close", "file_claim", "move", "move_claim", "open_case", "record"]
