"""Commands of refunds: decided, paid out, settled; reserve, send and settle are three commits (trust.md rule 1)."""

from shopdesk.refunds.service.by_hand import confirm, give_up, verify
from shopdesk.refunds.service.deciding import Wish, approve, note_look, reject, request, withdraw
from shopdesk.refunds.service.paying import Task, begin, hear, learn, settle, take_in

__all__ = [
    "Task",
    "Wish",
    "approve",
    "begin",
    "confirm",
    "give_up",
    "hear",
    "learn",
    "note_look",
    "reject",
    "request",
    "settle",
    "take_in",
    "verify",
    "withdraw",
]
