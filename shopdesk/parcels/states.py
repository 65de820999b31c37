"""The stages of a parcel and what may be known about them."""

from enum import StrEnum


class Stage(StrEnum):
    """Shipped = handed to the courier or collected; voided is the side exit (domain.md §3)."""

    UNPRINTED = "unprinted"
    PRINTED = "printed"
    PACKED = "packed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    VOIDED = "voided"


#: The way forward; facts may skip, commands go step by step.
PATH = (Stage.UNPRINTED, Stage.PRINTED, Stage.PACKED, Stage.SHIPPED, Stage.DELIVERED)
STAGE_RANK = {stage: rank for rank, stage in enumerate(PATH)}
LEFT = frozenset({Stage.SHIPPED, Stage.DELIVERED})  # out of our hands
IN_HOUSE = frozenset({Stage.UNPRINTED, Stage.PRINTED, Stage.PACKED})


class Source(StrEnum):
    """Who told a stage (StageFact.source)."""

    PAGE = "page"  # our own command
    SCAN = "scan"
    PRINTING = "printing"  # printing's answer to a notice
    CHECK = "check"  # a check list: before printing, before the truck
    API = "api"
    FILE = "file"
    PLATFORM = "platform"  # the platform's shipped mark, grown old
    CARRIER = "carrier"


#: What our own hands did or looked at: never stale, and files do not win over it.
OWN_HANDS = frozenset({Source.PAGE, Source.SCAN, Source.PRINTING, Source.CHECK})


#: How our own hands hand a parcel over: scanned, or checked off before the truck.  The courier may not have it yet.
HANDED_OVER = frozenset({Source.SCAN, Source.CHECK})


#: Who only tells of a parcel, and never had it in hand.
ONLY_TOLD = frozenset({Source.API, Source.FILE, Source.PLATFORM})


class FactEffect(StrEnum):
    MOVED = "moved"
    KNOWN = "known"  # adds nothing new: the parcel stood there or further already
    CONTRADICTED = "contradicted"  # against what our own hands did later; shown with both sources (D7)
    ASKED = "asked"  # a reported void: printing is asked, no stage moves


class Freshness(StrEnum):
    OWN = "own"
    FRESH = "fresh"
    LATE = "late"
    STALE = "stale"
    UNKNOWN = "unknown"  # nobody ever told


class HoldCause(StrEnum):
    CHANGE = "change"
    STOP = "stop"


class OnExpiry(StrEnum):
    KEEP = "keep"
    SHIP_AS_CHANGED = "ship_as_changed"
    SHIP_AS_ORDERED = "ship_as_ordered"


class RecallKind(StrEnum):
    """What is fetched back."""

    PAPERS = "papers"  # 发货单与快递单
    PARCEL = "parcel"


class RecallState(StrEnum):
    REQUESTED = "requested"
    HANDED_OUT = "handed_out"
    TAKEN_BACK = "taken_back"
    DESTROYED = "destroyed"
    BOOKED_IN = "booked_in"
    CALLED_OFF = "called_off"  # nothing had to be fetched any more
    TOO_LATE = "too_late"  # the parcel had left


#: Recalls that somebody still has to do something about.
RECALLS_OPEN = (RecallState.REQUESTED, RecallState.HANDED_OUT)


class StopScope(StrEnum):
    """What a stop (停发) looks at."""

    SKU = "sku"
    REGION = "region"  # carrier, region, or both
    BATCH = "batch"


#: What a stop may do when it expires: nothing of an order was changed, so there is no "as changed".
STOP_EXPIRY = (OnExpiry.KEEP, OnExpiry.SHIP_AS_ORDERED)


class StopReply(StrEnum):
    """What the customer of a stopped order said."""

    WAIT = "wait"
    CANCEL = "cancel"
    OTHER = "other"


class WaybillState(StrEnum):
    ISSUED = "issued"
    USED = "used"
    SUPERSEDED = "superseded"
    RECYCLED = "recycled"


class Named(StrEnum):
    """What a scanned or pasted code stands for."""

    PARCEL = "parcel"  # exactly one that lives
    UNKNOWN = "unknown"  # also: of a store where the person has no role
    FOREIGN = "foreign"  # of a store where the person may look, but does not pack or ship
    SUPERSEDED = "superseded"  # an old waybill; another one is valid
    OLD_PAPERS = "old_papers"  # printed again since: what stands on them no longer counts
    VOIDED = "voided"
    CANCELLED = "cancelled"  # an order of which nothing is left; a merged parcel goes on without it
    SEVERAL = "several"  # an order in several parcels: only a waybill says which one this is
    DUPLICATE = "duplicate"  # the same code stands on more than one parcel


#: Of a parcel's waybills those that a courier may still scan.
WAYBILLS_VALID = (WaybillState.ISSUED, WaybillState.USED)
