"""Commands of refunds: decided, paid out, settled; reserve, send and settle are three commits (trust.md rule 1)."""

from shopdesk.refunds.rules.calculating import Asked, Coupon, Fee, Quote, Row, calculate
from shopdesk.refunds.service.asking import (
    CaseWish,
    Target,
    Wish,
    note_agreed,
    place_of,
    request,
    request_for_case,
    request_for_change,
)
from shopdesk.refunds.service.by_hand import confirm, end_paid_otherwise, follow_up, give_up, take_back, verify
from shopdesk.refunds.service.deciding import approve, note_look, reject, withdraw
from shopdesk.refunds.service.invoicing import answer_invoice
from shopdesk.refunds.service.limiting import RefundSettings, check_by_hand, set_refund_settings
from shopdesk.refunds.service.paying import Task, begin, hear, learn, look_again, settle, take_in
from shopdesk.refunds.service.quoting import quote_case, quote_direct

__all__ = [
    "Asked",
    "CaseWish",
    "Coupon",
    "Fee",
    "Quote",
    "RefundSettings",
    "Row",
    "Target",
    "Task",
    "Wish",
    "answer_invoice",
    "approve",
    "begin",
    "calculate",
    "check_by_hand",
    "confirm",
    "end_paid_otherwise",
    "follow_up",
    "give_up",
    "hear",
    "learn",
    "look_again",
    "note_agreed",
    "note_look",
    "place_of",
    "quote_case",
    "quote_direct",
    "reject",
    "request",
    "request_for_case",
    "request_for_change",
    "set_refund_settings",
    "settle",
    "take_back",
    "take_in",
    "verify",
    "withdraw",
]
