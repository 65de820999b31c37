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
from shopdesk.refunds.service.by_hand import confirm, give_up, verify
from shopdesk.refunds.service.deciding import approve, note_look, reject, withdraw
from shopdesk.refunds.service.paying import Task, begin, hear, learn, settle, take_in

__all__ = [
    "Asked",
    "CaseWish",
    "Coupon",
    "Fee",
    "Quote",
    "Row",
    "Target",
    "Task",
    "Wish",
    "approve",
    "begin",
    "calculate",
    "confirm",
    "give_up",
    "hear",
    "learn",
    "note_agreed",
    "note_look",
    "place_of",
    "reject",
    "request",
    "request_for_case",
    "request_for_change",
    "settle",
    "take_in",
    "verify",
    "withdraw",
]
