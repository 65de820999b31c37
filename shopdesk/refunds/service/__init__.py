"""Commands of refunds: decided, paid out, settled; reserve, send and settle are three commits (trust.md rule 1)."""

from shopdesk.refunds.service.by_hand import confirm, follow_up, give_up, verify
from shopdesk.refunds.service.deciding import Wish, approve, note_look, reject, request, withdraw
from shopdesk.refunds.service.paying import Task, begin, hear, learn, look_again, settle, take_in

__all__ = [
    "Task",
    "Wish",
    "approve",
    "begin",
    "confirm",
    "follow_up",
    "give_up",
    "hear",
    "learn",
    "look_again",
    "note_look",
    "reject",
    "request",
    "settle",
    "take_in",
    "verify",
    "withdraw",
]
