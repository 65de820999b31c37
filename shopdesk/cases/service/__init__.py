"""Commands on cases."""

from shopdesk.cases.service.accepting import accept
from shopdesk.cases.service.claims import Claimed, file_claim, move_claim
from shopdesk.cases.service.closing import close
from shopdesk.cases.service.moving import move
from shopdesk.cases.service.opening import Application, open_case, record
from shopdesk.cases.service.photographing import MOST_PHOTOS, add_photos

__all__ = [
    "MOST_PHOTOS",
    "Application",
    "Claimed",
    "accept",
    "add_photos",
    "close",
    "file_claim",
    "move",
    "move_claim",
    "open_case",
    "record",
]
