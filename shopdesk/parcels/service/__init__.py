"""Commands on parcels: made from orders, moved by facts and commands, held and released."""

from shopdesk.parcels.service.holding import end_hold, hold
from shopdesk.parcels.service.making import add_waybill, cover, readdress, take_out
from shopdesk.parcels.service.moving import Report, look_at, mark_known, print_parcels, record, void
from shopdesk.parcels.service.scanning import pack, ship, ship_parcels

__all__ = [
    "Report",
    "add_waybill",
    "cover",
    "end_hold",
    "hold",
    "look_at",
    "mark_known",
    "pack",
    "print_parcels",
    "readdress",
    "record",
    "ship",
    "ship_parcels",
    "take_out",
    "void",
]
