"""Photos of the problem: drawn anew before they come here, kept as files that are named by their hash."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from shopdesk.cases import queries, rules
from shopdesk.cases.models import Case, CasePhoto
from shopdesk.core import audit, clock, pictures
from shopdesk.core.db import command, db
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.pictures import Picture
from shopdesk.core.scope import in_store

MOST_PHOTOS = 9  # of a case


@command
def add_photos(case_id: int, taken: Sequence[Picture], *, actor: Actor) -> Case:
    """Add photos to an open case; one that is there already is not added again.  The files are written first.

    Raises NotFound, NotAllowed, IllegalMove (closed), RuleViolation (`too_many_photos`, `picture_empty`).
    """
    queries.case_by_id(case_id, actor, Permission.CASE_NOTE)
    case = queries.locked(case_id, actor)
    rules.check_open(case.phase)
    if not taken:
        raise RuleViolation("Choose a picture, paste one or drop one here.", code="picture_empty")
    there = select(CasePhoto.sha256).where(CasePhoto.case_id == case.id)
    known = set(db.session.scalars(in_store(there, case.store_id, CasePhoto)))
    new = {picture.sha256: picture for picture in taken if picture.sha256 not in known}
    if len(known) + len(new) > MOST_PHOTOS:
        raise RuleViolation(
            "A case has at most %(most)s photos; %(there)s are there.",
            code="too_many_photos", most=MOST_PHOTOS, there=len(known),
        )  # fmt: skip
    for picture in new.values():
        pictures.keep(picture)
        db.session.add(
            CasePhoto(
                store_id=case.store_id, case_id=case.id, sha256=picture.sha256, width=picture.width,
                height=picture.height, bytes=len(picture.jpeg), added_by_id=actor.id, added_at=clock.now(),
            )
        )  # fmt: skip
    audit.record(
        "case.photos_added", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id,
        photos=sorted(new),
    )  # fmt: skip
    return case
