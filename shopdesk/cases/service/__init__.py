"""Commands on cases."""

from shopdesk.cases.rules.settling import phases_for
from shopdesk.cases.service.accepting import accept
from shopdesk.cases.service.appraising import appraise, decide, may_decide
from shopdesk.cases.service.assigning import assign
from shopdesk.cases.service.claiming import credit, give_back_units, lock_order, owe, replace_units
from shopdesk.cases.service.claims import Claimed, file_claim, move_claim
from shopdesk.cases.service.closing import close, decline, outstanding, reopen
from shopdesk.cases.service.ending import Ended, end, to_end_open
from shopdesk.cases.service.handing import offer, people_for, refuse_offer, take_offer
from shopdesk.cases.service.invoicing import (
    PaidBack,
    answer_invoice,
    ask_buyer,
    do_invoice,
    look_at_task_of_refund,
)
from shopdesk.cases.service.joining import link, merge, split
from shopdesk.cases.service.moving import move
from shopdesk.cases.service.noting import note, open_mentions, see_mentions
from shopdesk.cases.service.opening import Application, open_case, record
from shopdesk.cases.service.photographing import MOST_PHOTOS, add_photos
from shopdesk.cases.service.planning import set_due, set_waiting
from shopdesk.cases.service.platform import PlatformTold, follow_platform, note_of_file
from shopdesk.cases.service.refunding import (
    Refunded,
    let_go,
    lock_with_order,
    note_refunded,
    set_aside,
    take_back_refunded,
)
from shopdesk.cases.service.reminding import answer_reminder, remind
from shopdesk.cases.service.resolving import UNDER_WAY, add_resolution, in_hand, needs, see_lines, take_back
from shopdesk.cases.service.settling import (
    Paid,
    check_invoice,
    decide_refund,
    expect,
    settle,
    take_back_refund,
    take_back_settlement,
)

__all__ = [
    "MOST_PHOTOS",
    "UNDER_WAY",
    "Application",
    "Claimed",
    "Ended",
    "Paid",
    "PaidBack",
    "PlatformTold",
    "Refunded",
    "accept",
    "add_photos",
    "add_resolution",
    "answer_invoice",
    "answer_reminder",
    "appraise",
    "ask_buyer",
    "assign",
    "check_invoice",
    "close",
    "credit",
    "decide",
    "decide_refund",
    "decline",
    "do_invoice",
    "end",
    "expect",
    "file_claim",
    "follow_platform",
    "give_back_units",
    "in_hand",
    "let_go",
    "link",
    "lock_order",
    "lock_with_order",
    "look_at_task_of_refund",
    "may_decide",
    "merge",
    "move",
    "move_claim",
    "needs",
    "note",
    "note_of_file",
    "note_refunded",
    "offer",
    "open_case",
    "open_mentions",
    "outstanding",
    "owe",
    "people_for",
    "phases_for",
    "record",
    "refuse_offer",
    "remind",
    "reopen",
    "replace_units",
    "see_lines",
    "see_mentions",
    "set_aside",
    "set_due",
    "set_waiting",
    "settle",
    "split",
    "take_back",
    "take_back_refund",
    "take_back_refunded",
    "take_back_settlement",
    "take_offer",
    "to_end_open",
]
