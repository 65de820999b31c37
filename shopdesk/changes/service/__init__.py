"""Commands of the heart: wishes, their steps, the answers and facts that move them, the pre-print check."""

from shopdesk.changes.rules import truck_left_at
from shopdesk.changes.service import turning as turning  # it listens
from shopdesk.changes.service.acknowledging import Acknowledged, acknowledge, acknowledge_matching
from shopdesk.changes.service.answering import answer_notice
from shopdesk.changes.service.asking import Confirmation, Wished, ask
from shopdesk.changes.service.assigning import Moved, assign, hand_over
from shopdesk.changes.service.checking import acknowledge_printing, make_check, mark_printed
from shopdesk.changes.service.contacting import Contacted, end_contact
from shopdesk.changes.service.deciding import confirm_stage
from shopdesk.changes.service.dispatching import mark_shipped
from shopdesk.changes.service.ending import end_by_hand, withdraw
from shopdesk.changes.service.entering import tick_amendment
from shopdesk.changes.service.expiring import expire_holds
from shopdesk.changes.service.facts import after_mirroring, compare_late, record_fact, take_report
from shopdesk.changes.service.hearing import Heard, Whereabouts, hear, hear_left, whereabouts
from shopdesk.changes.service.marks import ship_marked
from shopdesk.changes.service.noting import write_note
from shopdesk.changes.service.nudging import nudge
from shopdesk.changes.service.paying import mark_paid
from shopdesk.changes.service.pulling import answered, expire_pull_backs, found, too_late, why_not_answered
from shopdesk.changes.service.refunding import (
    PaidOut,
    let_go_refund,
    lock_with_orders,
    note_refunded,
    refund_shares,
    refund_turn,
    take_back_refunded,
    take_refund,
)
from shopdesk.changes.service.regrouping import merge_parcels, ship_from, split_parcel
from shopdesk.changes.service.reporting import note_stage_feed
from shopdesk.changes.service.steps import Evidence, do_step
from shopdesk.changes.service.stop_answers import SECONDS, Answered, answer_stop, parts_of
from shopdesk.changes.service.supplying import Reply, ask_supplier, note_reply

__all__ = [
    "SECONDS",
    "Acknowledged",
    "Answered",
    "Confirmation",
    "Contacted",
    "Evidence",
    "Heard",
    "Moved",
    "PaidOut",
    "Reply",
    "Whereabouts",
    "Wished",
    "acknowledge",
    "acknowledge_matching",
    "acknowledge_printing",
    "after_mirroring",
    "answer_notice",
    "answer_stop",
    "answered",
    "ask",
    "ask_supplier",
    "assign",
    "compare_late",
    "confirm_stage",
    "do_step",
    "end_by_hand",
    "end_contact",
    "expire_holds",
    "expire_pull_backs",
    "found",
    "hand_over",
    "hear",
    "hear_left",
    "let_go_refund",
    "lock_with_orders",
    "make_check",
    "mark_paid",
    "mark_printed",
    "mark_shipped",
    "merge_parcels",
    "note_refunded",
    "note_reply",
    "note_stage_feed",
    "nudge",
    "parts_of",
    "record_fact",
    "refund_shares",
    "refund_turn",
    "ship_from",
    "ship_marked",
    "split_parcel",
    "take_back_refunded",
    "take_refund",
    "take_report",
    "tick_amendment",
    "too_late",
    "truck_left_at",
    "whereabouts",
    "why_not_answered",
    "withdraw",
    "write_note",
]
