"""Commands on cases."""

from shopdesk.cases.service.accepting import accept
from shopdesk.cases.service.closing import close
from shopdesk.cases.service.moving import move
from shopdesk.cases.service.opening import Application, open_case, record
from shopdesk.cases.service.platform import PlatformTold, follow_platform, note_of_file

__all__ = [
    "Application",
    "PlatformTold",
    "accept",
    "close",
    "follow_platform",
    "move",
    "note_of_file",
    "open_case",
    "record",
]
