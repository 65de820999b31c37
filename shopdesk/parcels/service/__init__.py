"""Commands on parcels: made from orders, moved by facts and commands, held, recalled, released."""

from shopdesk.parcels.rules.recalls import differences
from shopdesk.parcels.rules.stops import Criteria, check_criteria, written
from shopdesk.parcels.service.holding import end_hold, hold, on_expiry_in
from shopdesk.parcels.service.leaving import mark_found, pull_back
from shopdesk.parcels.service.making import add_waybill, cover, readdress, send_to, take_out
from shopdesk.parcels.service.moving import Report, look_at, mark_known, print_parcels, record, void
from shopdesk.parcels.service.recalling import end_recalls, hand_out, recall
from shopdesk.parcels.service.relabelling import relabel, reprint
from shopdesk.parcels.service.scanning import pack, ship, ship_parcels
from shopdesk.parcels.service.stops import StopWanted, answer, catch, end_stop, expire_stop, let_leave, stop

__all__ = [
    "Criteria",
    "Report",
    "StopWanted",
    "add_waybill",
    "answer",
    "catch",
    "check_criteria",
    "cover",
    "differences",
    "end_hold",
    "end_recalls",
    "end_stop",
    "expire_stop",
    "hand_out",
    "hold",
    "let_leave",
    "look_at",
    "mark_found",
    "mark_known",
    "on_expiry_in",
    "pack",
    "print_parcels",
    "pull_back",
    "readdress",
    "recall",
    "record",
    "relabel",
    "reprint",
    "send_to",
    "ship",
    "ship_parcels",
    "stop",
    "take_out",
    "void",
    "written",
]
