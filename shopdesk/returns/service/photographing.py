"""Photos of a parcel that came back and of what was in it; drawn anew before they come here."""

from __future__ import annotations

from collections.abc import Sequence

from shopdesk.core import audit, clock, pictures
from shopdesk.core.db import command, db
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Actor
from shopdesk.core.pictures import Picture
from shopdesk.returns.models import Arrival, ArrivalPhoto
from shopdesk.returns.queries import docks
from shopdesk.returns.service.finding import INSPECT, about, returns_of

MOST_PHOTOS = 9  # of a parcel


@command
def add_photos(arrival_id: int, taken: Sequence[Picture], *, actor: Actor) -> Arrival:
    """Add photos to a parcel at the dock; one that is there already is not added again.  The files are written first.

    Raises NotFound, NotAllowed, RuleViolation (`too_many_photos`, `picture_empty`).
    """
    arrival = docks.load_arrival(arrival_id, actor, INSPECT, lock="update")
    if not taken:
        raise RuleViolation("Choose a picture, paste one or drop one here.", code="picture_empty")
    known = {row.sha256 for row in docks.photos(arrival)}
    new = {picture.sha256: picture for picture in taken if picture.sha256 not in known}
    if len(known) + len(new) > MOST_PHOTOS:
        raise RuleViolation(
            "A parcel has at most %(most)s photos; %(there)s are there.",
            code="too_many_photos", most=MOST_PHOTOS, there=len(known),
        )  # fmt: skip
    for picture in new.values():
        pictures.keep(picture)
        db.session.add(
            ArrivalPhoto(
                arrival_id=arrival.id, sha256=picture.sha256, width=picture.width, height=picture.height,
                bytes=len(picture.jpeg), added_by_id=actor.id, added_at=clock.now(),
            )
        )  # fmt: skip
    db.session.flush()
    for store_id, order_id in about(arrival, returns_of(arrival, actor), actor):
        audit.record(
            "arrival.photos_added", "arrival", arrival.id, actor, store_id=store_id, order_id=order_id,
            photos=sorted(new),
        )  # fmt: skip
    return arrival
