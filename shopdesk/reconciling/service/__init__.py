"""Commands of finance beside the refunds' own."""

from shopdesk.reconciling.service.paying import MOST_RECEIPTS, add_receipts, confirm, reveal_account

__all__ = ["MOST_RECEIPTS", "add_receipts", "confirm", "reveal_account"]
