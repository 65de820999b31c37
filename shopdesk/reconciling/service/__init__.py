"""Commands of finance beside the refunds' own."""

from shopdesk.reconciling.service.paying import (
    MOST_RECEIPTS,
    add_receipts,
    confirm,
    end_paid_otherwise,
    note_export,
    reveal_account,
)
from shopdesk.reconciling.service.platform import Refunded, hear_platform, look, look_again, note_list, report_refund
from shopdesk.reconciling.service.recovering import recovered, write_off
from shopdesk.reconciling.service.statements import (
    MOST_BYTES,
    StatementRow,
    Taken,
    answer_difference,
    destination_of,
    is_statement,
    keep_lines,
    take_statement,
)

__all__ = [
    "MOST_BYTES",
    "MOST_RECEIPTS",
    "Refunded",
    "StatementRow",
    "Taken",
    "add_receipts",
    "answer_difference",
    "confirm",
    "destination_of",
    "end_paid_otherwise",
    "hear_platform",
    "is_statement",
    "keep_lines",
    "look",
    "look_again",
    "note_export",
    "note_list",
    "recovered",
    "report_refund",
    "reveal_account",
    "take_statement",
    "write_off",
]
