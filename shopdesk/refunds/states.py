"""States of a refund and of its payouts; what a place to pay promises, is told and answers (domain.md §5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class RefundKind(StrEnum):
    """Why money goes back."""

    DUPLICATE_PAYMENT = "duplicate_payment"  # paid twice: goods and total stay as they are
    PRICE_ADJUSTMENT = "price_adjustment"
    GOODWILL = "goodwill"
    CANCELLATION = "cancellation"
    CASE = "case"


#: Refunds that need neither a case nor a change.
DIRECT = frozenset({RefundKind.DUPLICATE_PAYMENT, RefundKind.PRICE_ADJUSTMENT, RefundKind.GOODWILL})


class Part(StrEnum):
    """What a line of a refund is for."""

    GOODS = "goods"  # paid share of units
    SHIPPING = "shipping"
    COMPENSATION = "compensation"
    OVERPAYMENT = "overpayment"
    FEE = "fee"  # kept by the shop


class CouponPolicy(StrEnum):
    """What happens to a coupon when a part of its order goes back: data of the store."""

    FREEZE = "freeze"  # the paid shares go back as they are: whoever gave the coupon bears it
    CLAW_BACK = "claw_back"  # what is kept is counted without the coupon once it is worth too little for it


class NotTaken(StrEnum):
    """Why nothing is taken back for a coupon, where the store takes it back."""

    PRICE_UNKNOWN = "price_unknown"  # nobody told the price or what was paid for each line
    NOTHING_STAYS = "nothing_stays"  # all goods go back, the paid shares are without the coupon
    WORTH_IT = "worth_it"  # what stays is worth enough for the coupon
    NOTHING_OWED = "nothing_owed"  # what was paid for what stays is its price, or no goods go back


class Cap(StrEnum):
    """Why not more goes back."""

    UNITS = "units"  # units that are refunded, replaced or cancelled already
    SHARE = "share"  # what was paid for the line and was not given back
    SHARE_UNKNOWN = "share_unknown"
    SHIPPING = "shipping"
    SHIPPING_UNKNOWN = "shipping_unknown"
    COMPENSATION = "compensation"  # the store's own limit
    FEES = "fees"  # no more is kept than goes back
    PAYMENTS = "payments"  # what the payments still hold
    PAID_UNKNOWN = "paid_unknown"


class RefundState(StrEnum):
    """The decision."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Stand(StrEnum):
    """How a refund stands, in true words: never refunded before it is."""

    AWAITING_APPROVAL = "awaiting_approval"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    AT_PLATFORM = "at_platform"  # to be agreed to on the platform, whose list of refunds confirms it
    BY_FINANCE = "by_finance"  # finance pays it by hand
    SENDING = "sending"
    TO_VERIFY = "to_verify"  # sent, and nobody knows whether it happened
    AGREED = "agreed"  # paid by the word of who agreed on the platform: its list has not said so yet
    SUCCEEDED = "succeeded"
    PARTLY = "partly"  # a part was paid, another was finally not
    FAILED = "failed"
    REVERSED = "reversed"  # it was paid, and the place took it back


class Shelf(StrEnum):
    """Lists of refunds."""

    TO_APPROVE = "to_approve"
    UNDER_WAY = "under_way"
    TROUBLE = "trouble"  # failed, taken back, or the result has to be verified
    ALL = "all"


class RefundMove(StrEnum):
    APPROVE = "approve"
    ASK_APPROVAL = "ask_approval"  # a limit applies; also when it was lowered before the payout
    REJECT = "reject"
    WITHDRAW = "withdraw"


S = RefundState
#: move → (from, to)
REFUND_MOVES: dict[RefundMove, tuple[frozenset[RefundState], RefundState]] = {
    RefundMove.APPROVE: (frozenset({S.DRAFT, S.AWAITING_APPROVAL}), S.APPROVED),
    RefundMove.ASK_APPROVAL: (frozenset({S.DRAFT, S.APPROVED}), S.AWAITING_APPROVAL),
    RefundMove.REJECT: (frozenset({S.AWAITING_APPROVAL}), S.REJECTED),
    RefundMove.WITHDRAW: (frozenset({S.DRAFT, S.AWAITING_APPROVAL}), S.WITHDRAWN),
}


class PayoutState(StrEnum):
    """The execution: one RefundPayment."""

    RESERVED = "reserved"  # the money is set aside, nothing was sent
    SENDING = "sending"  # a worker is at it, or died at it
    UNKNOWN = "unknown"  # sent, and nobody knows yet whether it happened; the money stays set aside
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # finally refused: the money is released
    REVERSED = "reversed"  # succeeded, and the place took it back


P = PayoutState
#: Where an answer may lead; the first state to be final stays, but for the place that takes a success back.
PAYOUT_MOVES: dict[PayoutState, frozenset[PayoutState]] = {
    P.RESERVED: frozenset({P.SENDING, P.SUCCEEDED, P.FAILED}),  # by hand and by a feed nothing is sent
    P.SENDING: frozenset({P.SENDING, P.UNKNOWN, P.SUCCEEDED, P.FAILED}),
    P.UNKNOWN: frozenset({P.SENDING, P.UNKNOWN, P.SUCCEEDED, P.FAILED}),
    P.SUCCEEDED: frozenset({P.REVERSED}),
    P.FAILED: frozenset(),
    P.REVERSED: frozenset(),
}
OPEN_PAYOUTS = frozenset({P.RESERVED, P.SENDING, P.UNKNOWN})
ENDED_BADLY = frozenset({P.FAILED, P.REVERSED})

#: Where people pay: nothing is sent there, and a person may say that it was paid.
BY_PEOPLE = frozenset({"manual", "platform"})


#: The code of a payout that was released or taken back, and was paid nevertheless.
PAID_AFTER_ALL = "paid_after_all"
#: The code of a payout of which somebody here says that they agreed to it on the platform.
AGREED = "agreed"
#: The code of a payout that was ended because the platform's list tells another amount for it.
PAID_OTHERWISE = "paid_otherwise"


class FollowUp(StrEnum):
    """What a person made of a payout that failed or was taken back."""

    ASKED_ANEW = "asked_anew"  # by another refund: it has to follow
    NOTHING_MORE = "nothing_more"  # the customer has the money otherwise, or does not want it


class Act(StrEnum):
    """What is done about an open payout next."""

    SEND = "send"
    ASK = "ask"


class Outcome(StrEnum):
    """What a place says of one payout.  Whatever is not in a place's table is UNKNOWN (trust.md rule 9)."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"  # finally: a documented code that the money was not and will not be paid
    PENDING = "pending"  # accepted; the result follows
    NOT_THERE = "not_there"  # asked by our number: the place knows no such payout
    UNKNOWN = "unknown"  # no answer, or one that says nothing sure


@dataclass(frozen=True, slots=True)
class PlaceRules:
    """What a place to pay promises; the desk acts by this alone."""

    sends: bool = True  # False: people or the platform pay, and what they did is told
    same_number_is_safe: bool = True  # the same number again never pays twice, as long as the place remembers it
    key_life: timedelta | None = None  # how long it remembers a number; None: for ever
    can_ask: bool = True  # by our own number
    most_parts: int | None = None  # refunds of one payment
    pause: timedelta = timedelta(0)  # between two refunds of one payment


@dataclass(frozen=True, slots=True)
class Payout:
    """What a place is asked to pay: the number is born once and is the idempotency key for ever."""

    number: str
    amount_minor: int
    currency: str
    payment_reference: str | None = None  # of the payment that is refunded, where the place took it in
    account: str | None = field(default=None, repr=False)  # the payee's, where money goes elsewhere
    captured_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a place said; `code` is its own word, `reference` its own number."""

    outcome: Outcome
    code: str = ""
    amount_minor: int | None = None
    currency: str | None = None
    reference: str | None = None
    look: bool = False  # asking again will hardly help: a person has to look


@dataclass(frozen=True, slots=True)
class Hint:
    """A verified webhook: something happened to `number` (None: not a payout of ours).  Ask, never believe."""

    source: str
    event_id: str
    number: str | None


@dataclass(frozen=True, slots=True)
class PlacePayout:
    """One line of a place's own list of refunds."""

    reference: str
    number: str | None  # ours; None: made elsewhere, e.g. in the place's own console
    payment_reference: str | None
    amount_minor: int
    currency: str
    at: datetime
    outcome: Outcome
