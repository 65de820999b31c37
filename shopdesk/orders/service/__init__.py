"""Commands on orders: mirroring what feeds say, amending what the desk decides, memos."""

from shopdesk.orders.service.amending import amend, cancel_units, note_done_by_hand, restore, ship_units
from shopdesk.orders.service.deciding import decide_readiness
from shopdesk.orders.service.lines import Cut
from shopdesk.orders.service.memos import tick_pasted, write_memo
from shopdesk.orders.service.mirroring import Contradiction, Mirrored, Sale, SaleLine, mirror
from shopdesk.orders.service.refunding import look_at_refunds

__all__ = [
    "Contradiction",
    "Cut",
    "Mirrored",
    "Sale",
    "SaleLine",
    "amend",
    "cancel_units",
    "decide_readiness",
    "look_at_refunds",
    "mirror",
    "note_done_by_hand",
    "restore",
    "ship_units",
    "tick_pasted",
    "write_memo",
]
