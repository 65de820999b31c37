"""Where a payout waits for finance, what a platform's refund counts as, and how what was overpaid is answered."""

from enum import StrEnum


class Desk(StrEnum):
    """The trays of finance's table: where a payout waits, and what was paid."""

    PAY = "pay"  # to be paid by hand
    LOOK = "look"  # the platform may have paid it itself: somebody looks there first
    PLATFORM = "platform"  # the platform pays it; nothing for finance to do but to see how long it takes
    VERIFY = "verify"  # nobody can tell whether it was paid
    FAILED = "failed"  # failed or taken back, and not followed up
    DONE = "done"


#: The trays that wait for finance.
FOR_FINANCE = (Desk.PAY, Desk.LOOK, Desk.VERIFY, Desk.FAILED)


class CountsAs(StrEnum):
    """What a refund in a platform's list is in our books; each is counted once."""

    NOTHING = "nothing"  # not paid, or withdrawn
    PAYOUT = "payout"  # it is a payout that we asked the platform for
    BY_HAND = "by_hand"  # somebody noted it by hand
    OUTSIDE = "outside"  # the platform paid it without us


class RecoveryState(StrEnum):
    """What was overpaid is got back, or given up with a reason."""

    OPEN = "open"
    RECOVERED = "recovered"
    WRITTEN_OFF = "written_off"
    GONE = "gone"  # the sums say no more that anything was overpaid


class DifferenceKind(StrEnum):
    """What our books and a statement say differently of one payment."""

    MISSING = "missing"  # in our books, not in the statement
    EXTRA = "extra"  # in the statement, not in our books
    AMOUNT = "amount"
    CURRENCY = "currency"
    OUTSIDE = "outside"  # the platform paid it without us
