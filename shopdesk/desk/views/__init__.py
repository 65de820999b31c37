"""Pages of the workbench."""

from flask import Blueprint

bp = Blueprint("desk", __name__)
ID = "int(max=9223372036854775807)"  # a path part that fits a row's id; anything larger does not exist

# The pages register themselves on the blueprint, so they come after it.
from shopdesk.desk.views import (  # noqa: E402
    changes,
    everyday,
    feeds,
    frame,
    hands,
    inbox,
    look_up,
    memos,
    order,
    palette,
    parcel,
    platform,
    readiness,
    ready,
    stage,
    stand_ins,
    supply,
    watch,
    wishes,
    work,
)

__all__ = [
    "ID",
    "bp",
    "changes",
    "everyday",
    "feeds",
    "frame",
    "hands",
    "inbox",
    "look_up",
    "memos",
    "order",
    "palette",
    "parcel",
    "platform",
    "readiness",
    "ready",
    "stage",
    "stand_ins",
    "supply",
    "watch",
    "wishes",
    "work",
]
