"""Commands on goods that come back."""

from shopdesk.returns.rules.findings import Found
from shopdesk.returns.rules.waybills import waybill_numbers
from shopdesk.returns.service.confirming import cancel, confirm, expect_units
from shopdesk.returns.service.courier import tell
from shopdesk.returns.service.disposing import Decided, dispose
from shopdesk.returns.service.extending import extend
from shopdesk.returns.service.finding import correct, inspect, open_arrival
from shopdesk.returns.service.following import follow_case, settle
from shopdesk.returns.service.giving_up import give_up
from shopdesk.returns.service.matching import describe, match, match_waiting, unmatch
from shopdesk.returns.service.moving import follow, free_units, hold_units, step
from shopdesk.returns.service.opening import open_for_goods
from shopdesk.returns.service.photographing import MOST_PHOTOS, add_photos
from shopdesk.returns.service.policies import set_policy
from shopdesk.returns.service.sending import announce, record_waybills
from shopdesk.returns.service.signing import SignedIn, sign_in
from shopdesk.returns.service.slipping import Slip, open_slip
from shopdesk.returns.service.strangers import still_apart
from shopdesk.returns.service.surplus import take_surplus

__all__ = [
    "MOST_PHOTOS",
    "Decided",
    "Found",
    "SignedIn",
    "Slip",
    "add_photos",
    "announce",
    "cancel",
    "confirm",
    "correct",
    "describe",
    "dispose",
    "expect_units",
    "extend",
    "follow",
    "follow_case",
    "free_units",
    "give_up",
    "hold_units",
    "inspect",
    "match",
    "match_waiting",
    "open_arrival",
    "open_for_goods",
    "open_slip",
    "record_waybills",
    "set_policy",
    "settle",
    "sign_in",
    "step",
    "still_apart",
    "take_surplus",
    "tell",
    "unmatch",
    "waybill_numbers",
]
