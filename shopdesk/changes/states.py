"""Kinds and states of a change; the moves of its state."""

from enum import StrEnum

from shopdesk.core.permissions import Role
from shopdesk.parcels.states import IN_HOUSE


class Kind(StrEnum):
    ADDRESS = "address"
    ATTRIBUTE = "attribute"
    QUANTITY = "quantity"
    COURIER = "courier"
    INVOICE = "invoice"
    GREETING_CARD = "greeting_card"
    DELIVERY_TIME = "delivery_time"
    PRICE = "price"
    FREIGHT = "freight"
    CANCEL = "cancel"


#: One open change of these per parcel, whichever order asked (I5).
PER_PARCEL = frozenset({Kind.ADDRESS, Kind.COURIER})
#: Only while the order is unpaid; no memo, notice or hold.
ONLY_UNPAID = frozenset({Kind.PRICE, Kind.FREIGHT})
SPECIAL = frozenset({Kind.COURIER, Kind.INVOICE, Kind.GREETING_CARD, Kind.DELIVERY_TIME})
#: Kinds that are about one line.
ON_LINE = frozenset({Kind.ATTRIBUTE, Kind.QUANTITY, Kind.PRICE})


#: Why the desk itself withdrew a change: the word that it keeps.
HOLD_EXPIRED = "hold expired"


class ChangeState(StrEnum):
    OPEN = "open"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    TOO_LATE = "too_late"


#: (from, to); `done → open` only by a late fact.
MOVES = frozenset(
    {
        (ChangeState.OPEN, ChangeState.DONE),
        (ChangeState.OPEN, ChangeState.WITHDRAWN),
        (ChangeState.OPEN, ChangeState.TOO_LATE),
        (ChangeState.DONE, ChangeState.OPEN),
    }
)


class ApplicationState(StrEnum):
    """A refund application on the platform, as a feed told it."""

    APPLIED = "applied"
    WITHDRAWN = "withdrawn"  # closed without a refund
    REFUNDED = "refunded"


class StepState(StrEnum):
    OPEN = "open"
    DONE = "done"
    REPLACED = "replaced"  # the stage moved: another column's steps took its place


class ConfirmChannel(StrEnum):
    """How the customer said yes."""

    CHAT = "chat"
    PHONE = "phone"
    SMS = "sms"
    EMAIL = "email"
    IN_PERSON = "in_person"


class SupplierChannel(StrEnum):
    """How a supplier was asked."""

    WECHAT = "wechat"
    PHONE = "phone"
    EMAIL = "email"
    SYSTEM = "system"  # the supplier's own order system


class SupplierAnswer(StrEnum):
    """What a supplier answered: done; cannot, it has left; cannot or will not for another reason."""

    DONE = "done"
    GONE = "gone"
    REFUSED = "refused"


class Others(StrEnum):
    """What an address wish means for the other orders in a merged parcel."""

    ALL = "all"  # they go there too
    SPLIT = "split"  # this order leaves them in a parcel of its own


class Destination(StrEnum):
    """Where a refund that was made by hand went (domain.md §5)."""

    PLATFORM = "platform"
    ORIGINAL = "original"
    ALIPAY = "alipay"
    BANK = "bank"
    BALANCE = "balance"
    GIFT_CARD = "gift_card"
    MANUAL = "manual"


class Group(StrEnum):
    """Rows of a check: of a pre-print check the first three, of a pre-dispatch check the next three."""

    PRINTABLE = "printable"
    CHANGED = "changed"
    DO_NOT_PRINT = "do_not_print"
    DISPATCHABLE = "dispatchable"
    STOP = "stop"
    GONE = "gone"  # shipped before: there is nothing left to do
    UNKNOWN = "unknown"


class Purpose(StrEnum):
    """What a list is checked for."""

    PRINT = "print"
    DISPATCH = "dispatch"


class Code(StrEnum):
    """What a step is; the handler of the same name does it (changes.service.steps.HANDLERS)."""

    ASK_STAGE = "ask_stage"  # step 0: printing says whether it is printed
    AMEND = "amend"
    MEMO_HOLD = "memo_hold"
    CONFIRM = "confirm"  # the customer confirms
    ACKNOWLEDGE = "acknowledge"  # printing has seen it
    REFUND = "refund"
    ENTER_IN_PLATFORM = "enter_in_platform"
    RECALL_PAPERS = "recall_papers"
    RECALL_PARCEL = "recall_parcel"
    PULL_BACK = "pull_back"  # handed over, not collected: the warehouse gets it back, or it is too late
    HAND_OUT = "hand_out"
    AMEND_PAPERS = "amend_papers"
    REPRINT = "reprint"
    MEMO = "memo"
    TAKE_BACK = "take_back"
    REPACK = "repack"
    HAND_TO_AFTER_SALE = "hand_to_after_sale"
    VOID = "void"
    TAKE_OUT = "take_out"  # a cancel of lines: the parcel goes on without them
    DESTROY_PAPERS = "destroy_papers"
    BOOK_IN = "book_in"
    MAKE_CASE = "make_case"


#: Steps that a person does with a button; the others come with another command (submit, notice, scan).
DONE_BY_PEOPLE = frozenset(
    {
        Code.AMEND,  # on unprinted papers it is done with the submit
        Code.CONFIRM,
        Code.REFUND,
        Code.ENTER_IN_PLATFORM,
        Code.VOID,
        Code.TAKE_OUT,
        Code.HAND_OUT,
        Code.AMEND_PAPERS,
        Code.REPRINT,
        Code.TAKE_BACK,
        Code.REPACK,
        Code.HAND_TO_AFTER_SALE,
        Code.DESTROY_PAPERS,
        Code.BOOK_IN,
    }
)
#: Steps that name who gets the papers or the parcel, and which roles that person may have.
HANDED_TO = {
    Code.HAND_OUT: (Role.WAREHOUSE, Role.PRINTING, Role.PRE_SALE, Role.AFTER_SALE, Role.SUPERVISOR),
    Code.HAND_TO_AFTER_SALE: (Role.AFTER_SALE,),
}
#: Kinds of wish after which a parcel that is packed again has another weight.
WEIGHED = frozenset({Kind.QUANTITY, Kind.CANCEL})
#: What of a change goes from person to person: following it (pre-sale), and its refund tasks (after-sale).
HANDED_ROLES = (Role.PRE_SALE, Role.AFTER_SALE)
#: Steps by which printing carries a cancel wish out: the parcel is voided, or lines leave it.
CANCELLING = frozenset({Code.VOID, Code.TAKE_OUT})
#: Store setting: the warehouse may amend papers that somebody else holds.
WAREHOUSE_AMENDS = "warehouse_amends_papers"
#: Columns whose steps are done in the desk; beyond them the wish goes to after-sale.
WORKING = IN_HOUSE
