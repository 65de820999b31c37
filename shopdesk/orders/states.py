"""What an order, a line, an amendment can be; readiness; flags."""

from enum import StrEnum

from shopdesk.core.flags import Flag
from shopdesk.core.text import fold

OWN_SOURCE = "case"  # of an order that the desk made itself: goods that go out again
TAIL = 4  # characters of an order number that lists and notices show

__all__ = [
    "NO_REFUND",
    "AmendmentState",
    "ContactOutcome",
    "Field",
    "Flag",
    "KeyKind",
    "LineKind",
    "LinkKind",
    "OrderStatus",
    "PayMethod",
    "Readiness",
]

#: The platforms' words for a line of which no refund is wanted (any more).
NO_REFUND = frozenset(
    {"没有申请退款", "无退款申请", "未申请退款", "退款关闭", "无售后或售后取消", "无售后", "售后取消"}
)
#: The same words as sources without an export write them, folded; and those for a refund that was made.
NO_REFUND_CODES = frozenset({"-", "no_refund", "closed", "none", "售后关闭"})
REFUNDED = frozenset({"退款成功", "success", "refunded"})


class OrderStatus(StrEnum):
    """The platform's status, mapped; statuses never run backwards by file."""

    UNPAID = "unpaid"
    PAID = "paid"
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    DONE = "done"
    CLOSED = "closed"


STATUS_RANK = {status: rank for rank, status in enumerate(OrderStatus)}


class Readiness(StrEnum):
    """Whether an order may be printed, or why not yet (可打状态). Not a stage."""

    READY = "ready"
    UNPAID = "unpaid"
    AWAITING_REVIEW = "awaiting_review"
    AWAITING_BALANCE = "awaiting_balance"
    PRE_SALE_UNTIL = "pre_sale_until"
    OUT_OF_STOCK = "out_of_stock"
    REFUNDING = "refunding"
    ADDRESS_PROBLEM = "address_problem"
    HALTED = "halted"
    CLOSED = "closed"


class RefundWord(StrEnum):
    """What the platform's word about a line's refund comes to."""

    NONE = "none"  # not applied for, or not any more
    APPLIED = "applied"
    REFUNDED = "refunded"


class ContactOutcome(StrEnum):
    """How a task "contact the customer" (M024) ended."""

    WAITS = "waits"
    OTHER_GOODS = "other_goods"  # opens a change
    CANCELS = "cancels"  # opens a cancel wish
    IN_STOCK = "in_stock"  # the goods were there after all
    OTHER = "other"


class PayMethod(StrEnum):
    """How a phone order was paid, as somebody noted it (domain.md §8)."""

    CASH = "cash"
    BANK = "bank"
    ALIPAY = "alipay"
    WECHAT = "wechat"
    CARD = "card"
    OTHER = "other"


class LinkKind(StrEnum):
    """Why two orders belong together (关联单)."""

    MERGED = "merged"
    SPLIT = "split"
    EXCHANGE = "exchange"  # the other goes out in place of this one's goods
    RESHIP = "reship"
    SEND_BACK = "send_back"
    DIFFERENCE = "difference"  # 补差价
    REORDERED = "reordered"


class LineKind(StrEnum):
    GOODS = "goods"
    GIFT = "gift"
    BUNDLE = "bundle"
    BUNDLE_PART = "bundle_part"
    FEE = "fee"
    VIRTUAL = "virtual"


#: Lines that are never packed.
NOT_PACKED = frozenset({LineKind.FEE, LineKind.VIRTUAL, LineKind.BUNDLE})


class AmendmentState(StrEnum):
    """to_do: also to be entered in the platform; seen: a feed brought the same value; contradicted: a third one."""

    TO_DO = "to_do"
    DONE_BY_HAND = "done_by_hand"
    SEEN = "seen"
    CONTRADICTED = "contradicted"


class Field(StrEnum):
    """What can be amended on an order or a line; the value is a dict, see the comments."""

    ADDRESS = "address"  # name, phone, province, city, district, street, zip
    ATTRIBUTE = "attribute"  # attributes (text) of a line
    QUANTITY = "quantity"  # quantity (units that remain) of a line
    COURIER = "courier"  # text
    INVOICE = "invoice"  # text
    GREETING_CARD = "greeting_card"  # text
    DELIVERY_TIME = "delivery_time"  # text
    PRICE = "price"  # amount_minor of a line
    FREIGHT = "freight"  # amount_minor


class KeyKind(StrEnum):
    """The exact keys an order is found by; the order of the members ranks the hits."""

    NUMBER = "number"
    WAYBILL = "waybill"
    BUYER = "buyer"
    PHONE = "phone"
    PHONE_TAIL = "phone_tail"
    SKU = "sku"


def refund_word(told: str | None) -> RefundWord:
    """What a source's word about the refund of a line means; one that nobody knows is an application."""
    word = fold(told or "")
    if not word or word in {fold(none) for none in NO_REFUND} or word in NO_REFUND_CODES:
        return RefundWord.NONE
    return RefundWord.REFUNDED if word in REFUNDED else RefundWord.APPLIED


def number_tail(text: str) -> str | None:
    """The gram of an order number's last four characters, by which lists name it; None for a shorter text.

    No piece of a name is so long, nor begins so.
    """
    folded = fold(text)
    return f"#{folded[-TAIL:]}" if len(folded) >= TAIL else None
