"""Commands on goods that come back."""

from shopdesk.returns.service.confirming import cancel, confirm
from shopdesk.returns.service.courier import tell
from shopdesk.returns.service.giving_up import give_up
from shopdesk.returns.service.moving import close_if_all_here, follow, free_units, hold_units, step
from shopdesk.returns.service.policies import set_policy
from shopdesk.returns.service.sending import announce, record_waybills
from shopdesk.returns.service.slipping import Slip, open_slip

__all__ = [
    "Slip",
    "announce",
    "cancel",
    "close_if_all_here",
    "confirm",
    "follow",
    "free_units",
    "give_up",
    "hold_units",
    "open_slip",
    "record_waybills",
    "set_policy",
    "step",
    "tell",
]
