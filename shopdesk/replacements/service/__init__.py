"""Commands on goods that go out again."""

from shopdesk.replacements.service.ending import cancel, expect_back, undo
from shopdesk.replacements.service.labelling import tell_waybill
from shopdesk.replacements.service.making import LineWanted, Wanted, make
from shopdesk.replacements.service.missing import Missed, decide_not_back, is_decidable
from shopdesk.replacements.service.releasing import look_at, release_due, send_ahead
from shopdesk.replacements.service.settling import Settling, settle_difference

__all__ = [
    "LineWanted",
    "Missed",
    "Settling",
    "Wanted",
    "cancel",
    "decide_not_back",
    "expect_back",
    "is_decidable",
    "look_at",
    "make",
    "release_due",
    "send_ahead",
    "settle_difference",
    "tell_waybill",
    "undo",
]
