"""The head of a case: the four phases with their times, its clock, and the one next thing to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from shopdesk.cases import queries, service
from shopdesk.cases.models import Case
from shopdesk.cases.states import CasePhase
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.desk.views.cases.may import may_accept, may_take_over, may_work
from shopdesk.desk.views.cases.next_step import next_step
from shopdesk.desk.views.cases.problem import WHY
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
    step = next_step(case)
    return {
        "phases": _steps(case, zone),
        "may_accept": may_accept(case, who),
        "may_take_over": may_take_over(case, who),
        "has_left": case.phase is not CasePhase.CLOSED and queries.owner_left(case),
        "people": _able(case, who),
        "is_offered": is_offered,
        "words": step.words,
        "anchor": step.card,
        "wish": _wish(case, who) if case.phase is not CasePhase.COMMUNICATE else "",
        "units": queries.lines_of(case),
        "is_mine": (may_work(case, who) and not step.is_awaited) or may_accept(case, who) or is_offered,
        "owner": staff.signatures({case.owner_id}).get(case.owner_id) if case.owner_id else None,
    }


def _able(case: Case, who: Actor) -> list[tuple[int, str]]:
    """Whom a supervisor, who serves no customer (M003), gives a case to that nobody has."""
    is_bare = case.owner_id is None or queries.owner_left(case)
    is_above = Role.SUPERVISOR in who.roles.get(case.store_id, ()) and who.may(Permission.CASE_ASSIGN, case.store_id)
    if case.phase is CasePhase.CLOSED or not is_bare or not is_above or may_accept(case, who):
        return []
    return service.people_for(case)


def _wish(case: Case, who: Actor) -> str:
    """The problem itself stands further down, once its first phase is over."""
    return case.wish.reveal(WHY) if queries.reads_wish(case, who) else str(case.wish)


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
