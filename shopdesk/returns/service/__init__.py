"""Commands on goods that come back."""

from shopdesk.returns.service.confirming import cancel, confirm
from shopdesk.returns.service.moving import close_if_all_here, follow, free_units, hold_units, step

__all__ = ["cancel", "close_if_all_here", "confirm", "follow", "free_units", "hold_units", "step"]
