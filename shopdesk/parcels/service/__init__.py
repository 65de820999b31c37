"""Commands on parcels: made from orders, moved by facts and commands, held, recalled, released."""

from shopdesk.parcels.service.holding import end_hold, hold
from shopdesk.parcels.service.making import add_waybill, cover, readdress, take_out
from shopdesk.parcels.service.moving import Report, look_at, mark_known, print_parcels, record, void
from shopdesk.parcels.service.recalling import end_recalls, hand_out, recall
from shopdesk.parcels.service.relabelling import relabel, reprint
from shopdesk.parcels.service.scanning import pack, ship, ship_parcels

__all__ = [
    "Report",
    "add_waybill",
    "cover",
    "end_hold",
    "end_recalls",
    "hand_out",
    "hold",
    "look_at",
    "mark_known",
    "pack",
    "print_parcels",
    "readdress",
    "recall",
    "record",
    "relabel",
    "reprint",
    "ship",
    "ship_parcels",
    "take_out",
    "void",
]
