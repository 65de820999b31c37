"""Commands on parcels: made from orders, moved by facts and commands, held and released."""

from shopdesk.parcels.rules.stops import Criteria, check_criteria, written
from shopdesk.parcels.service.holding import end_hold, hold, on_expiry_in
from shopdesk.parcels.service.making import add_waybill, cover, readdress, take_out
from shopdesk.parcels.service.moving import Report, look_at, mark_known, print_parcels, record, void
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
    "end_hold",
    "end_stop",
    "expire_stop",
    "hold",
    "let_leave",
    "look_at",
    "mark_known",
    "on_expiry_in",
    "print_parcels",
    "readdress",
    "record",
    "stop",
    "take_out",
    "void",
    "written",
]
