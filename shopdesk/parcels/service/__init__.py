"""Commands on parcels: made from orders, moved by facts and commands, held, recalled, released."""

from shopdesk.parcels.rules.recalls import differences
from shopdesk.parcels.rules.regrouping import check_merged, check_units
from shopdesk.parcels.rules.stops import MOST_PHRASE, MOST_REASON, Criteria, check_criteria, written
from shopdesk.parcels.service.holding import end_hold, hold, on_expiry_in
from shopdesk.parcels.service.leaving import confirm, found_here, mark_found, pull_back, put_back
from shopdesk.parcels.service.making import add_waybill, cover, readdress, send_to, take_out
from shopdesk.parcels.service.moving import Report, look_at, mark_known, print_parcels, record, void
from shopdesk.parcels.service.readying import (
    BY_SKU,
    Many,
    Marked,
    end_pre_sales,
    lift_readiness,
    lift_sku,
    mark_sku,
    set_readiness,
)
from shopdesk.parcels.service.recalling import end_recalls, hand_out, recall
from shopdesk.parcels.service.regrouping import merge_into, send_from, split_off
from shopdesk.parcels.service.relabelling import check_free, relabel, reprint
from shopdesk.parcels.service.scanning import pack, ship, ship_parcels
from shopdesk.parcels.service.stops import (
    MOST_ANSWERS,
    StopWanted,
    answer,
    catch,
    end_stop,
    expire_stop,
    let_leave,
    stop,
)
from shopdesk.parcels.service.waybills import check_waybill, not_a_waybill

__all__ = [
    "BY_SKU",
    "MOST_ANSWERS",
    "MOST_PHRASE",
    "MOST_REASON",
    "Criteria",
    "Many",
    "Marked",
    "Report",
    "StopWanted",
    "add_waybill",
    "answer",
    "catch",
    "check_criteria",
    "check_free",
    "check_merged",
    "check_units",
    "check_waybill",
    "confirm",
    "cover",
    "differences",
    "end_hold",
    "end_pre_sales",
    "end_recalls",
    "end_stop",
    "expire_stop",
    "found_here",
    "hand_out",
    "hold",
    "let_leave",
    "lift_readiness",
    "lift_sku",
    "look_at",
    "mark_found",
    "mark_known",
    "mark_sku",
    "merge_into",
    "not_a_waybill",
    "on_expiry_in",
    "pack",
    "print_parcels",
    "pull_back",
    "put_back",
    "readdress",
    "recall",
    "record",
    "relabel",
    "reprint",
    "send_from",
    "send_to",
    "set_readiness",
    "ship",
    "ship_parcels",
    "split_off",
    "stop",
    "take_out",
    "void",
    "written",
]
