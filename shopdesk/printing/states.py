"""What is printed, on which paper, and why once more."""

from enum import StrEnum

MOST_PARCELS = 200  # of one print


class Paper(StrEnum):
    A4 = "a4"
    LABEL = "label"  # 100 × 150 mm


class Parts(StrEnum):
    """Which of the two papers of a parcel."""

    BOTH = "both"
    NOTE = "note"  # 发货单
    SLIP = "slip"  # 拣货单


class Why(StrEnum):
    """Why papers were printed once more."""

    TORN = "torn"
    JAMMED = "jammed"
    LOST = "lost"
    CHANGED = "changed"
    OTHER = "other"


class LeftOut(StrEnum):
    """Why a parcel of a run has no papers in it any more."""

    OLD = "old"  # printed again since
    VOIDED = "voided"
    HELD = "held"
    LEFT = "left"
