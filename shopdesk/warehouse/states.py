"""What a scan is for and what it comes to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Mode(StrEnum):
    PACK = "pack"
    SHIP = "ship"
    RECALL = "recall"  # only look: what is due with it
    HAND_OUT = "hand_out"
    TAKE_BACK = "take_back"


#: Scans that move a parcel.
MOVING = (Mode.PACK, Mode.SHIP)
#: What the scan page offers; handing out and taking back are its buttons.
OFFERED = (*MOVING, Mode.RECALL)


class Result(StrEnum):
    OK = "ok"  # the parcel has moved
    ALREADY = "already"  # it stood there already: scanned twice is no mistake
    STOP = "stop"  # put it aside: nothing has moved, or it moved with old papers
    DUE = "due"  # it is recalled: something is to be done with it
    UNKNOWN = "unknown"  # no parcel of the person's stores goes by it


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan came to; `reasons` are codes, the first one counts most."""

    code: str
    mode: Mode
    result: Result
    at: datetime
    is_late: bool = False  # told after the fact: the line was gone
    reasons: tuple[str, ...] = ()
    parcel_id: int | None = None
    store_id: int | None = None
    valid_waybill: str | None = None  # instead of the superseded one
