"""The buttons of the work on a case: each runs one command on one card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from shopdesk.cases import queries, service
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms import case_work as forms
from shopdesk.desk.forms.cases import AcceptForm
from shopdesk.desk.views.cases.blueprint import ID, Page, bp
from shopdesk.desk.views.cases.page import run
from shopdesk.staff import queries as staff
from shopdesk.web.guard import actor, needs

P = Permission
Form = Any  # each act's own


@dataclass(frozen=True, slots=True)
class Act:
    """One button: `form` makes what is sent for the case of that id, `command` does it."""

    name: str  # of the endpoint
    path: str
    card: str
    command: Callable[[int, Form], object]
    said: Any
    form: Callable[[int], Form] = lambda _case_id: AcceptForm()
    needs: Permission = P.CASE_WORK


def _of(kind: Callable[[], Form]) -> Callable[[int], Form]:
    return lambda _case_id: kind()


def _note_form(case_id: int) -> Form:
    found = queries.case_by_id(case_id, actor(), P.CASE_NOTE)
    return forms.NoteForm().offer(sorted(queries.readers_of(found).items()))


def _person_form(permission: Permission) -> Callable[[int], Form]:
    return lambda case_id: forms.PersonForm().offer(
        service.people_for(queries.case_by_id(case_id, actor(), permission))
    )


def _set_due(case_id: int, form: Form) -> None:
    zone = staff.store_by_id(queries.case_by_id(case_id, actor(), P.CASE_WORK).store_id).zone
    at = form.due.at(zone)
    assert at is not None  # noqa: S101 the field is required
    service.set_due(case_id, at, actor=actor())


def _note(case_id: int, form: Form) -> None:
    service.note(case_id, form.text.data or "", mentions=form.people.data or (), actor=actor())


ACTS = (
    Act(
        "appraise", "appraisal", "appraisal", lambda i, form: service.appraise(i, form.said(), actor=actor()),
        _("The appraisal is noted."), _of(forms.AppraiseForm),
    ),
    Act(
        "decide", "decision", "appraisal", lambda i, _form: service.decide(i, actor=actor()),
        _("Now say how it is solved."),
    ),
    Act(
        "decline", "decline", "appraisal", lambda i, form: service.decline(i, form.reason.data or "", actor=actor()),
        _("The case is closed: declined."), _of(forms.DeclineForm),
    ),
    Act(
        "reopen", "reopen", "appraisal", lambda i, form: service.reopen(i, form.reason.data or "", actor=actor()),
        _("The case is open again."), _of(forms.ReopenForm),
    ),
    Act("note", "notes", "notes", _note, _("The note is kept."), _note_form, P.CASE_NOTE),
    Act("set_due", "due", "people", _set_due, _("Due as you said."), _of(forms.DueForm)),
    Act(
        "wait_for", "waiting", "people", lambda i, form: service.set_waiting(i, form.chosen(), actor=actor()),
        _("It is noted whom the case waits for."), _of(forms.WaitForm),
    ),
    Act(
        "offer", "offer", "people",
        lambda i, form: service.offer(i, form.to.data, form.words.data, actor=actor()),
        _("Offered: the case is yours until it is accepted."), _person_form(P.CASE_WORK),
    ),
    Act(
        "take_offer", "offer/accept", "people", lambda i, _form: service.take_offer(i, actor=actor()),
        _("The case is yours."), needs=P.CASE_ACCEPT,
    ),
    Act(
        "refuse_offer", "offer/refuse", "people",
        lambda i, form: service.refuse_offer(i, form.words.data, actor=actor()),
        _("The case stays where it is."), _of(forms.RefuseForm),
    ),
    Act(
        "assign", "assign", "people", lambda i, form: service.assign(i, form.to.data, actor=actor()), _("Given."),
        _person_form(P.CASE_ASSIGN), P.CASE_ASSIGN,
    ),
    Act(
        "merge", "merge", "together", lambda i, form: service.merge(i, form.number.data or "", actor=actor()),
        _("The case goes on in the other one."), _of(forms.MergeForm),
    ),
    Act(
        "link", "link", "together", lambda i, form: service.link(i, form.number.data or "", actor=actor()),
        _("The cases are linked."), _of(forms.LinkForm),
    ),
    Act(
        "split", "split", "together", lambda i, form: service.split(i, form.units(), *form.chosen(), actor=actor()),
        _("The units have a case of their own."), _of(forms.SplitForm),
    ),
)  # fmt: skip


def _view(act: Act) -> Callable[[int], Page]:
    def view(case_id: int) -> Page:
        form = act.form(case_id)
        return run(case_id, act.card, form, lambda: act.command(case_id, form), said=str(act.said))

    return needs(act.needs)(view)


for _act in ACTS:
    bp.post(f"/cases/<{ID}:case_id>/{_act.path}", endpoint=_act.name)(_view(_act))
