"""Accounts of the ledger, and what a transaction in it is about."""

from enum import StrEnum


class Account(StrEnum):
    """Where money of one payment stands.  Over all accounts of a payment the entries add up to zero."""

    CUSTOMER = "customer"  # what the customer gave; negative
    HELD = "held"  # captured, and neither set aside nor given back
    RESERVED = "reserved"  # set aside for a refund that was approved
    REFUNDED = "refunded"  # given back
    ELSEWHERE = "elsewhere"  # paid out by the platform or another channel, beside us; negative
    OUTSIDE = "outside"  # what customers received that way


class Posting(StrEnum):
    """What a transaction of the ledger is about; each is a row of POSTINGS."""

    CAPTURE = "capture"
    CAPTURE_BACK = "capture_back"  # the feed lowers what it told was paid
    RESERVE = "reserve"
    RELEASE = "release"
    SETTLE = "settle"
    REVERSE = "reverse"  # the place said *paid*, and takes it back
    OUTSIDE = "outside"


#: posting → (account that falls, account that rises)
POSTINGS: dict[Posting, tuple[Account, Account]] = {
    Posting.CAPTURE: (Account.CUSTOMER, Account.HELD),
    Posting.CAPTURE_BACK: (Account.HELD, Account.CUSTOMER),
    Posting.RESERVE: (Account.HELD, Account.RESERVED),
    Posting.RELEASE: (Account.RESERVED, Account.HELD),
    Posting.SETTLE: (Account.RESERVED, Account.REFUNDED),
    Posting.REVERSE: (Account.REFUNDED, Account.HELD),
    Posting.OUTSIDE: (Account.ELSEWHERE, Account.OUTSIDE),
}
