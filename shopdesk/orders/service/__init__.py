"""Commands on orders: mirroring what feeds say, amending what the desk decides, memos."""

from shopdesk.orders.rules.deciding import (
    DECISIONS,
    LIFTS_STOCK,
    MOST_REASON,
    OPENS_CHANGE,
    Wanted,
    check_lift,
    check_outcome,
    check_set,
)
from shopdesk.orders.service.amending import amend, cancel_units, note_done_by_hand, restore, ship_units
from shopdesk.orders.service.contacts import close_contact, open_contact
from shopdesk.orders.service.deciding import decide_readiness
from shopdesk.orders.service.lines import Cut
from shopdesk.orders.service.making import OwnLine, close_own, link, make_own, set_worth
from shopdesk.orders.service.memos import tick_pasted, write_memo
from shopdesk.orders.service.mirroring import Contradiction, Mirrored, Sale, SaleLine, mirror
from shopdesk.orders.service.paying import BY_HAND, Payment, note_payment
from shopdesk.orders.service.refunding import look_at_refunds

__all__ = [
    "BY_HAND",
    "DECISIONS",
    "LIFTS_STOCK",
    "MOST_REASON",
    "OPENS_CHANGE",
    "Contradiction",
    "Cut",
    "Mirrored",
    "OwnLine",
    "Payment",
    "Sale",
    "SaleLine",
    "Wanted",
    "amend",
    "cancel_units",
    "check_lift",
    "check_outcome",
    "check_set",
    "close_contact",
    "close_own",
    "decide_readiness",
    "link",
    "look_at_refunds",
    "make_own",
    "mirror",
    "note_done_by_hand",
    "note_payment",
    "open_contact",
    "restore",
    "set_worth",
    "ship_units",
    "tick_pasted",
    "write_memo",
]
