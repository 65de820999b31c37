"""What is applied for and why: kinds, goals, sources, reasons, categories of an inquiry."""

from enum import StrEnum

from shopdesk.core.permissions import Role

MAX_WISH = 2000  # characters


class CaseKind(StrEnum):
    """The registers of domain.md §4, those of ours, and the invoice that was asked for after shipping."""

    INTERCEPT = "intercept"
    TRACE = "trace"
    EXTEND_RECEIPT = "extend_receipt"
    DAMAGE = "damage"
    RESHIP = "reship"
    EXCHANGE = "exchange"
    RETURN = "return"
    REFUND_ONLY = "refund_only"
    DISPUTE = "dispute"
    DELIVERY_FAILURE = "delivery_failure"
    COMPENSATION = "compensation"
    NOT_RECEIVED = "not_received"
    INVOICE = "invoice"


class Goal(StrEnum):
    """What an interception is to reach."""

    RETURN = "return"
    REDIRECT = "redirect"
    PHONE = "phone"
    HOLD_AT_STATION = "hold_at_station"


class CaseSource(StrEnum):
    ASKED = "asked"  # somebody recorded the application
    TOO_LATE = "too_late"  # a change that a fact overtook
    PLATFORM = "platform"  # an application that the platform told


class Reason(StrEnum):
    """Why the customer applies: the first level; the second stands in DETAILS."""

    QUALITY = "quality"
    DAMAGED = "damaged"
    SHORT = "short"
    WRONG_ITEM = "wrong_item"
    NOT_AS_DESCRIBED = "not_as_described"
    UNWANTED = "unwanted"  # within the days of the policy, without a reason
    LATE = "late"
    NOT_RECEIVED = "not_received"
    OTHER = "other"


class Detail(StrEnum):
    """The second level of a reason."""

    BROKEN = "broken"
    NOT_WORKING = "not_working"
    FLAW = "flaw"
    SMELL = "smell"
    BOX_CRUSHED = "box_crushed"
    LEAKED = "leaked"
    GOODS_BROKEN = "goods_broken"
    PART_MISSING = "part_missing"
    UNIT_MISSING = "unit_missing"
    GIFT_MISSING = "gift_missing"
    OTHER_COLOUR = "other_colour"
    OTHER_SIZE = "other_size"
    OTHER_GOODS = "other_goods"
    MATERIAL = "material"
    COLOUR = "colour"
    MEASURES = "measures"
    TOO_LARGE = "too_large"
    TOO_SMALL = "too_small"
    CHANGED_MIND = "changed_mind"
    NOT_SENT = "not_sent"
    STUCK = "stuck"
    SIGNED_BY_OTHERS = "signed_by_others"


D = Detail
DETAILS: dict[Reason, tuple[Detail, ...]] = {
    Reason.QUALITY: (D.BROKEN, D.NOT_WORKING, D.FLAW, D.SMELL),
    Reason.DAMAGED: (D.GOODS_BROKEN, D.BOX_CRUSHED, D.LEAKED),
    Reason.SHORT: (D.UNIT_MISSING, D.PART_MISSING, D.GIFT_MISSING),
    Reason.WRONG_ITEM: (D.OTHER_COLOUR, D.OTHER_SIZE, D.OTHER_GOODS),
    Reason.NOT_AS_DESCRIBED: (D.MATERIAL, D.COLOUR, D.MEASURES),
    Reason.UNWANTED: (D.TOO_LARGE, D.TOO_SMALL, D.CHANGED_MIND),
    Reason.LATE: (D.NOT_SENT, D.STUCK),
    Reason.NOT_RECEIVED: (D.SIGNED_BY_OTHERS, D.STUCK),
    Reason.OTHER: (),
}


class Inquiry(StrEnum):
    """What the customer's question is about (M106)."""

    PRODUCT = "product"
    COURIER = "courier"
    AFTER_SALE = "after_sale"
    PRICE = "price"
    ACTIVITY = "activity"
    PAYMENT = "payment"
    TRADE_DISPUTE = "trade_dispute"


#: Whose inbox a kind stands in; all others are after-sale's.
ROLE_OF = {CaseKind.INVOICE: Role.FINANCE}
#: Kinds that move no money by themselves: closed without an owner, also by pre-sale.
SIMPLE = frozenset({CaseKind.TRACE, CaseKind.EXTEND_RECEIPT})
#: Kinds that are about money.
MOVES_MONEY = frozenset({CaseKind.REFUND_ONLY, CaseKind.COMPENSATION, CaseKind.DISPUTE, CaseKind.INVOICE})
#: Kinds where the goods tell who is right: without them only a product defect is decided.
NEEDS_GOODS = frozenset({CaseKind.RETURN, CaseKind.EXCHANGE})
#: Reasons that say the goods are faulty: without a quality problem found, money or other goods are an exception.
CLAIMS_DEFECT = frozenset({Reason.QUALITY, Reason.DAMAGED})
#: What can be chosen: every kind, an interception with each of its goals.
CHOICES: tuple[tuple[CaseKind, Goal | None], ...] = (
    *((CaseKind.INTERCEPT, goal) for goal in Goal),
    *((kind, None) for kind in CaseKind if kind is not CaseKind.INTERCEPT),
)


def role_of(kind: CaseKind) -> Role:
    return ROLE_OF.get(kind, Role.AFTER_SALE)


def choice(kind: CaseKind, goal: Goal | None) -> str:
    """A choice as forms and addresses name it: `intercept:redirect`, `trace`."""
    return f"{kind}:{goal}" if goal else str(kind)
