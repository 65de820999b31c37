"""What belongs to one case: units, answers, photos, notes, what stands open about it."""

from __future__ import annotations

from sqlalchemy import select

from shopdesk.cases.models import Case, CaseAnswer, CaseHandOver, CaseLine, CaseNote, CasePhoto, CaseReminder
from shopdesk.core.db import db
from shopdesk.core.errors import NotFound
from shopdesk.core.scope import in_store
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.states import LEFT, Stage


def lines_of(case: Case) -> list[CaseLine]:
    """The units that the case is about, as their lines were called then."""
    statement = select(CaseLine).where(CaseLine.case_id == case.id).order_by(CaseLine.id)
    return list(db.session.scalars(in_store(statement, case.store_id, CaseLine)))


def answers_of(case: Case) -> list[CaseAnswer]:
    """What the customer answered to the guiding questions, in the order in which they were asked."""
    statement = select(CaseAnswer).where(CaseAnswer.case_id == case.id).order_by(CaseAnswer.id)
    return list(db.session.scalars(in_store(statement, case.store_id, CaseAnswer)))


def photos_of(case: Case) -> list[CasePhoto]:
    """Its own photos, and those of the cases that go on in it."""
    merged = select(Case.id).where((Case.id == case.id) | (Case.merged_into_id == case.id))
    statement = select(CasePhoto).where(CasePhoto.case_id.in_(merged)).order_by(CasePhoto.id)
    return list(db.session.scalars(in_store(statement, case.store_id, CasePhoto)))


def photo_of(case: Case, photo_id: int) -> CasePhoto:
    """One of them.  Raises NotFound."""
    for photo in photos_of(case):
        if photo.id == photo_id:
            return photo
    raise NotFound("There is no such thing here.")


def open_reminder(case_id: int, store_id: int) -> CaseReminder | None:
    """The one that is not answered yet."""
    statement = select(CaseReminder).where(CaseReminder.case_id == case_id, CaseReminder.answered_at.is_(None))
    return db.session.scalars(in_store(statement.limit(1), store_id, CaseReminder)).first()


def notes_of(case: Case) -> list[CaseNote]:
    """Its own notes, and those of the cases that go on in it, oldest first."""
    merged = select(Case.id).where((Case.id == case.id) | (Case.merged_into_id == case.id))
    statement = select(CaseNote).where(CaseNote.case_id.in_(merged)).order_by(CaseNote.id)
    return list(db.session.scalars(in_store(statement, case.store_id, CaseNote)))


def open_offer(case: Case) -> CaseHandOver | None:
    statement = select(CaseHandOver).where(CaseHandOver.case_id == case.id, CaseHandOver.answered_at.is_(None))
    return db.session.scalars(in_store(statement, case.store_id, CaseHandOver)).one_or_none()


def left_parcels(order_id: int, store_id: int) -> list[Parcel]:
    """The parcels of an order that are out of our hands."""
    return [parcel for parcel in parcels.parcels_of_order(order_id, store_id) if parcel.stage in LEFT]


def is_voided(order_id: int, store_id: int) -> bool:
    """Whether all of it was voided: nothing left, and nothing can be changed any more."""
    there = parcels.parcels_of_order(order_id, store_id)
    return bool(there) and all(parcel.stage is Stage.VOIDED for parcel in there)
