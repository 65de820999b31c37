"""Commands on cases."""

from shopdesk.cases.service.accepting import accept
from shopdesk.cases.service.closing import close
from shopdesk.cases.service.moving import move
from shopdesk.cases.service.opening import Application, open_case, record
from shopdesk.cases.service.photographing import MOST_PHOTOS, add_photos

__all__ = ["MOST_PHOTOS", "Application", "accept", "add_photos", "close", "move", "open_case", "record"]
