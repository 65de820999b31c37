"""Reasons and lists of the workbench."""

from enum import StrEnum

from shopdesk.cases.states import CaseKind


class RevealReason(StrEnum):
    """Why somebody looks at a personal value outside their own open work; chosen, never typed."""

    CALL_CUSTOMER = "call_customer"
    CHECK_IDENTITY = "check_identity"
    SOLVE_DELIVERY = "solve_delivery"
    ASKED_BY_CUSTOMER = "asked_by_customer"


class Revealable(StrEnum):
    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"
    BUYER = "buyer"
    MESSAGE = "message"
    INVOICE = "invoice"


class Waits(StrEnum):
    """Who moves next; the order of the members is the order of the page."""

    CUSTOMER = "customer"
    PRE_SALE = "pre_sale"
    AFTER_SALE = "after_sale"
    PRINTING = "printing"
    WAREHOUSE = "warehouse"
    FINANCE = "finance"
    PLATFORM = "platform"


class BulkAct(StrEnum):
    """What can be done with many cases at once."""

    ASSIGN = "assign"
    SHARE = "share"  # round-robin, by how many open cases each has
    WAITING = "waiting"
    DUE = "due"
    CLOSE = "close"  # as solved by guidance


class BalancePart(StrEnum):
    """The five balances of a case."""

    GOODS = "goods"
    MONEY = "money"
    FREIGHT = "freight"
    COMPENSATION = "compensation"
    INVOICE = "invoice"


#: 登记表: the eight registers, one for each of these kinds (M134).
REGISTERS = (
    CaseKind.TRACE,
    CaseKind.EXTEND_RECEIPT,
    CaseKind.DAMAGE,
    CaseKind.RESHIP,
    CaseKind.EXCHANGE,
    CaseKind.RETURN,
    CaseKind.REFUND_ONLY,
    CaseKind.DISPUTE,
)


class CaseGroup(StrEnum):
    """How after-sale work is grouped in a day's figures (M103)."""

    RETURNS = "returns"
    REFUNDS = "refunds"
    TRACING = "tracing"
    OTHER = "other"
