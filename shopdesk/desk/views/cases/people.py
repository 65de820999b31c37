"""The card of the people: who has the case, until when, whom it waits for, to whom it is offered."""

from __future__ import annotations

from typing import Any

from shopdesk.cases import queries, service
from shopdesk.cases.models import Case, CaseHandOver
from shopdesk.cases.states import CasePhase
from shopdesk.core.permissions import Actor, Role
from shopdesk.desk.forms.case_work import DueForm, PersonForm, RefuseForm, WaitForm
from shopdesk.desk.views.cases.may import may_work
from shopdesk.desk.views.cases.problem import WHY
from shopdesk.staff import queries as staff
from shopdesk.web.forms import DeskForm


def card(case: Case, who: Actor, typed: DeskForm | None) -> dict[str, Any]:
    is_open = case.phase is not CasePhase.CLOSED
    works = is_open and may_work(case, who)
    offer = queries.open_offer(case) if is_open else None
    names = staff.signatures({i for i in (case.owner_id, offer.to_id if offer else None) if i})
    may_assign = is_open and Role.SUPERVISOR in who.roles.get(case.store_id, ())
    people = service.people_for(case) if works or may_assign else []
    return {
        "owner": names.get(case.owner_id or 0),
        "has_left": is_open and queries.owner_left(case),
        "offer": _offered(case, offer, names, who) if offer else None,
        "due": _form(typed, DueForm) if works else None,
        "waits": (typed if isinstance(typed, WaitForm) else WaitForm(formdata=None, whom=case.waiting_for or ""))
        if works
        else None,
        "give": _form(typed, PersonForm).offer(people) if people and (may_assign or not offer) else None,
        "may_offer": works and offer is None,
        "may_assign": may_assign,
    }


def _offered(case: Case, offer: CaseHandOver, names: dict[int, str], who: Actor) -> dict[str, Any]:
    is_clear = queries.reads_wish(case, who)
    words = offer.words
    return {
        "to": names.get(offer.to_id),
        "words": (words.reveal(WHY) if is_clear else str(words)) if words else None,
        "is_mine": offer.to_id == who.id,
        "may_take_back": offer.asked_by_id == who.id or may_work(case, who),
        "refuse": RefuseForm(formdata=None),
    }


def _form(typed: DeskForm | None, kind: type[Any]) -> Any:
    return typed if isinstance(typed, kind) else kind(formdata=None)
