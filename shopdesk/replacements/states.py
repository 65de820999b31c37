"""Kinds of goods that go out again, what they wait for, how a difference of price was settled."""

from enum import StrEnum


class ReplacementKind(StrEnum):
    EXCHANGE = "exchange"
    RESHIP = "reship"
    SEND_BACK = "send_back"  # the customer's own goods, returned to them


class ReplacementState(StrEnum):
    """What stands between the decision and the printer; from there the parcel's stage tells."""

    WAITING = "waiting"  # for the goods to arrive, or for the difference to be settled
    RELEASED = "released"  # printing may print it
    CANCELLED = "cancelled"


REPLACEMENT_MOVES = frozenset(
    {
        (ReplacementState.WAITING, ReplacementState.RELEASED),
        (ReplacementState.WAITING, ReplacementState.CANCELLED),
        (ReplacementState.RELEASED, ReplacementState.CANCELLED),  # while its parcel is not printed
        (ReplacementState.RELEASED, ReplacementState.WAITING),  # charged for goods that never came, before it left
    }
)


class DifferenceSettled(StrEnum):
    """How a difference that the customer owes was settled; never charged by itself."""

    LINKED_ORDER = "linked_order"  # 补差价
    PAYMENT = "payment"
    WAIVED = "waived"


class NotBack(StrEnum):
    """What is decided of goods that something was sent ahead of and that never come."""

    CHARGED = "charged"  # the customer owes what was paid for them
    WAIVED = "waived"
