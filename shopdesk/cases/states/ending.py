"""How a case is resolved and how it ended: resolutions, endings, causes, money, invoices, claims."""

from enum import StrEnum

MAX_OUTCOME = 2000  # characters


class Resolution(StrEnum):
    """How a case is resolved: one or several of them."""

    REFUND = "refund"
    EXCHANGE = "exchange"
    RESHIP = "reship"
    COMPENSATION = "compensation"
    SEND_BACK = "send_back"
    NONE = "none"


class Ending(StrEnum):
    """How a case ended."""

    SOLVED = "solved"
    DECLINED = "declined"
    SETTLED = "settled"
    LEFT_OPEN = "left_open"  # closed by a supervisor with a balance open
    MERGED = "merged"


class Fault(StrEnum):
    """责任方; a person only by a supervisor, with that person's answer."""

    SHOP = "shop"
    WAREHOUSE = "warehouse"
    COURIER = "courier"
    PLATFORM = "platform"
    CUSTOMER = "customer"


class AmountPart(StrEnum):
    """The balances of a case that are money."""

    MONEY = "money"
    FREIGHT = "freight"
    COMPENSATION = "compensation"


class PaidTo(StrEnum):
    """Where money went to (domain.md §5); entered by hand until the desk pays."""

    PLATFORM = "platform"
    ORIGINAL = "original"
    ALIPAY = "alipay"
    BANK = "bank"
    BALANCE = "balance"
    GIFT_CARD = "gift_card"
    TRANSFER = "transfer"


class InvoiceTaskKind(StrEnum):
    RED_LETTER = "red_letter"  # of a return (M116)
    ENDORSEMENT = "endorsement"  # of an exchange (M117)


class ClaimState(StrEnum):
    FILED = "filed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    PAID = "paid"
    WITHDRAWN = "withdrawn"


#: (from, to) of a claim against a courier.
CLAIM_MOVES = frozenset(
    {
        (ClaimState.FILED, ClaimState.ACCEPTED),
        (ClaimState.FILED, ClaimState.REFUSED),
        (ClaimState.FILED, ClaimState.PAID),
        (ClaimState.FILED, ClaimState.WITHDRAWN),
        (ClaimState.ACCEPTED, ClaimState.PAID),
        (ClaimState.ACCEPTED, ClaimState.REFUSED),
        (ClaimState.REFUSED, ClaimState.FILED),
    }
)
