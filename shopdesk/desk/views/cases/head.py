"""The head of a case: the four phases with their times, its clock, and the one next thing to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from shopdesk.cases import queries
from shopdesk.cases.models import Case
from shopdesk.cases.queries import settling
from shopdesk.cases.states import Appraisal, CasePhase
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor
from shopdesk.desk.service import closing_case
from shopdesk.desk.views.cases.may import may_accept, may_work
from shopdesk.staff import queries as staff
from shopdesk.web.forms import DeskForm
from shopdesk.web.locale import when

PHASES = (CasePhase.COMMUNICATE, CasePhase.RECEIVE, CasePhase.INSPECT, CasePhase.RESOLVE)


@dataclass(frozen=True, slots=True)
class Step:
    """One of the four phases, as the bar shows it."""

    phase: CasePhase
    state: str  # done, now, open
    time: str | None


def card(case: Case, who: Actor, _typed: DeskForm | None) -> dict[str, Any]:
    zone = staff.store_by_id(case.store_id).zone
    offer = queries.open_offer(case) if case.phase is not CasePhase.CLOSED else None
    is_offered = offer is not None and offer.to_id == who.id
    words, anchor = _next(case, who)
    return {
        "phases": _steps(case, zone),
        "may_accept": may_accept(case, who),
        "is_offered": is_offered,
        "words": words,
        "anchor": anchor,
        "is_mine": may_work(case, who) or may_accept(case, who) or is_offered,
        "owner": staff.signatures({case.owner_id}).get(case.owner_id) if case.owner_id else None,
    }


def _steps(case: Case, zone: str) -> list[Step]:
    since = _since(case)
    if case.phase is CasePhase.CLOSED:
        return [Step(each, "done" if each in since else "open", _time(since.get(each), zone)) for each in PHASES]
    at = PHASES.index(case.phase)
    found = []
    for number, each in enumerate(PHASES):
        state = "now" if number == at else "done" if number < at and each in since else "open"
        found.append(Step(each, state, _time(since.get(each), zone) if number <= at else None))
    return found


def _since(case: Case) -> dict[CasePhase, datetime]:
    """When it came to each phase last; the trail knows."""
    statement = select(Event.at, Event.body).where(
        Event.subject == "case", Event.subject_id == case.id, Event.action == "case.moved"
    )
    found = {CasePhase.COMMUNICATE: case.opened_at}
    for at, body in db.session.execute(statement.order_by(Event.id)):
        if body and body.get("phase") in set(CasePhase):
            found[CasePhase(body["phase"])] = at
    return found


def _time(at: datetime | None, zone: str) -> str | None:
    return when(at, zone) if at else None


#: What comes next in a phase, and the card where it is done.
NEXT: dict[CasePhase, tuple[Any, str]] = {
    CasePhase.RECEIVE: (_("The goods are on their way back"), "goods"),
    CasePhase.INSPECT: (_("The warehouse looks at the goods"), "goods"),
    CasePhase.RESOLVE: (_("Say how it is solved"), "resolution"),
    CasePhase.CLOSED: (_("The case is closed."), "problem"),
}
APPRAISED: dict[Appraisal | None, tuple[Any, str]] = {
    None: (_("Appraise the problem"), "appraisal"),
    Appraisal.PRODUCT_DEFECT: (_("On to the resolution: nothing has to come back"), "appraisal"),
    Appraisal.CANNOT_TELL: (_("Ask the goods back"), "goods"),
    Appraisal.NO_DEFECT: (_("Guide the customer, take the goods back, or decline"), "appraisal"),
}


def _next(case: Case, who: Actor) -> tuple[str, str]:
    if case.phase is not CasePhase.CLOSED and case.owner_id is None:
        return str(_("Somebody accepts it first")), "people"
    if case.phase is CasePhase.RESOLVE and (settling.kinds_of(case) or closing_case.is_everyday(case)):
        return str(_("Settle what is open, then close it")), "ending"
    words, anchor = APPRAISED[case.appraisal] if case.phase is CasePhase.COMMUNICATE else NEXT[case.phase]
    return str(words), anchor
