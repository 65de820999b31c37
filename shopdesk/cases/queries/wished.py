"""What a case was applied for as, before a decision put it into another register."""

from __future__ import annotations

from sqlalchemy import select

from shopdesk.cases.models import Case
from shopdesk.cases.states import CaseKind
from shopdesk.core.audit import Event
from shopdesk.core.db import db

FOLLOWED = "case.kind_followed"


def wished_kind(case: Case) -> CaseKind:
    """Its kind before the first decision that changed it; the trail keeps it."""
    statement = select(Event.body).where(Event.subject == "case", Event.subject_id == case.id, Event.action == FOLLOWED)
    told = db.session.scalars(statement.order_by(Event.id).limit(1)).first()
    return CaseKind(told["before"]) if told else case.kind
