"""Commands of finance beside the refunds' own."""

from shopdesk.reconciling.service.paying import MOST_RECEIPTS, add_receipts, confirm, note_export, reveal_account
from shopdesk.reconciling.service.platform import Refunded, hear_platform, look, look_again, note_list, report_refund
from shopdesk.reconciling.service.recovering import recovered, write_off

__all__ = [
    "MOST_RECEIPTS",
    "Refunded",
    "add_receipts",
    "confirm",
    "hear_platform",
    "look",
    "look_again",
    "note_export",
    "note_list",
    "recovered",
    "report_refund",
    "reveal_account",
    "write_off",
]
