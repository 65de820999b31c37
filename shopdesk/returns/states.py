"""Where goods that come back are, what was found in a parcel, where each unit goes (domain.md §2, §4)."""

from enum import StrEnum


class ReturnOrigin(StrEnum):
    """How the goods come back."""

    CUSTOMER = "customer"  # sent back after delivery
    INTERCEPT = "intercept"  # the courier was asked to turn round
    REFUSAL = "refusal"  # refused at the door
    FAILED_DELIVERY = "failed_delivery"


class ReturnState(StrEnum):
    """Where the goods are; what was decided about the case is another machine (cases.states)."""

    CONFIRMED = "confirmed"  # the shop agreed: the customer, or the courier, may send
    SENT = "sent"
    PARTLY_ARRIVED = "partly_arrived"
    ARRIVED = "arrived"  # every expected unit is here or was given up
    INSPECTED = "inspected"  # a finding for every arrived unit
    DISPOSED = "disposed"  # every unit went where it belongs
    CANCELLED = "cancelled"


class ReturnStands(StrEnum):
    """What people are told of where the goods are: the state, unless a parcel of it waits for its inspection.

    No state of its own: it follows from the parcels at the dock (`stands`).
    """

    CONFIRMED = "confirmed"
    SENT = "sent"
    AT_DOCK = "at_dock"  # the first parcel was signed in; what is in it is not counted yet
    PARTLY_ARRIVED = "partly_arrived"
    ARRIVED = "arrived"
    INSPECTED = "inspected"
    DISPOSED = "disposed"
    CANCELLED = "cancelled"


R = ReturnState
#: Nothing of it was counted yet.
NOTHING_COUNTED = frozenset({R.CONFIRMED, R.SENT})
RETURN_OPEN = frozenset({R.CONFIRMED, R.SENT, R.PARTLY_ARRIVED, R.ARRIVED, R.INSPECTED})
#: (from, to)
RETURN_MOVES = frozenset(
    {
        (R.CONFIRMED, R.SENT),
        (R.CONFIRMED, R.PARTLY_ARRIVED),  # it came without anybody saying so
        (R.CONFIRMED, R.ARRIVED),
        (R.CONFIRMED, R.CANCELLED),
        (R.SENT, R.PARTLY_ARRIVED),
        (R.SENT, R.ARRIVED),
        (R.SENT, R.CANCELLED),
        (R.PARTLY_ARRIVED, R.ARRIVED),
        (R.PARTLY_ARRIVED, R.CANCELLED),  # what was counted was corrected to nothing, and the rest was given up
        (R.ARRIVED, R.INSPECTED),
        (R.ARRIVED, R.PARTLY_ARRIVED),  # an inspection was corrected
        (R.INSPECTED, R.DISPOSED),
        (R.DISPOSED, R.PARTLY_ARRIVED),  # a unit that was given up turned up after all
        (R.INSPECTED, R.PARTLY_ARRIVED),
        (R.INSPECTED, R.ARRIVED),  # one more parcel of it is on the table
        (R.CANCELLED, R.PARTLY_ARRIVED),  # a cancelled return that comes nevertheless
        (R.CANCELLED, R.ARRIVED),
    }
)


def stands(state: ReturnState, *, is_at_dock: bool) -> ReturnStands:
    """Where the goods of a return are; `is_at_dock`: a parcel of it was signed in, and is not inspected yet."""
    return ReturnStands.AT_DOCK if is_at_dock and state in NOTHING_COUNTED else ReturnStands(str(state))


class FreightPayer(StrEnum):
    """Who pays for sending goods back, as the policy says."""

    CUSTOMER = "customer"
    SHOP = "shop"
    BY_REASON = "by_reason"  # the shop for what is its fault, else the customer


class ArrivalState(StrEnum):
    SIGNED_IN = "signed_in"
    OPENED = "opened"
    INSPECTED = "inspected"


ARRIVAL_MOVES = frozenset(
    {
        (ArrivalState.SIGNED_IN, ArrivalState.OPENED),
        (ArrivalState.OPENED, ArrivalState.INSPECTED),
    }
)


class Identity(StrEnum):
    """What a unit turned out to be."""

    RIGHT = "right"
    WRONG = "wrong"  # not what was expected in its place
    UNEXPECTED = "unexpected"  # nothing was expected
    MISSING = "missing"  # expected, not in the parcel


class Whose(StrEnum):
    """What a person says of units that nobody expected, before they are written down."""

    MORE = "more"  # the customer sent more than was agreed, or other things with it: after-sale decides
    OTHERS = "others"  # somebody else's: whose they are is looked for


class Grade(StrEnum):
    A = "A"  # as new
    B = "B"  # opened, sound
    C = "C"  # used or damaged
    D = "D"  # scrap


class Disposal(StrEnum):
    """Where a unit goes (处置)."""

    RESTOCK = "restock"
    B_STOCK = "b_stock"
    REPAIR = "repair"
    SUPPLIER = "supplier"
    SCRAP = "scrap"
    SEND_BACK = "send_back"


#: What may be sold again: as new or opened, and without a quality problem.
SOUND = frozenset({Grade.A, Grade.B})


class SignIn(StrEnum):
    """What a scan at the dock came to; the words are also the sounds."""

    OK = "ok"  # known: a return waits for it, or it is a parcel of ours that comes back
    UNKNOWN = "unknown"  # signed in; a person has to find out whose it is
    ALREADY = "already"  # lies here, not opened yet: nothing to do
    STOP = "stop"


class Clue(StrEnum):
    """Why a return may be what a parcel is for."""

    CASE = "case"  # the case was opened for this parcel
    CASE_NUMBER = "case_number"  # the number of its case stands on the slip
    ORDER_NUMBER = "order_number"  # the number of its order stands on the slip
    WAYBILL = "waybill"  # told for this return
    OWN_PARCEL = "own_parcel"  # our own waybill of its order
    WAYBILL_PART = "waybill_part"  # differs in its beginning, or in one sign
    PHONE = "phone"
    NAME = "name"
    SKU = "sku"
    TITLE = "title"
    UNITS = "units"  # as many units as are expected
    SENT = "sent"  # the customer said that it is on its way
    HERE = "here"  # expected at this warehouse
