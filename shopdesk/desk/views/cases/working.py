"""The buttons of the work on a case."""

from __future__ import annotations

from flask_babel import gettext as _

from shopdesk.cases import queries, service
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.case_work import (
    AppraiseForm,
    DeclineForm,
    DueForm,
    LinkForm,
    MergeForm,
    NoteForm,
    PersonForm,
    RefuseForm,
    ReopenForm,
    SplitForm,
    WaitForm,
)
from shopdesk.desk.forms.cases import AcceptForm
from shopdesk.desk.views.cases.blueprint import ID, Page, bp
from shopdesk.desk.views.cases.page import run
from shopdesk.staff import queries as staff
from shopdesk.web.guard import actor, needs

P = Permission
CASE = f"/cases/<{ID}:case_id>"


@bp.post(f"{CASE}/appraisal")
@needs(P.CASE_WORK)
def appraise(case_id: int) -> Page:
    form = AppraiseForm()
    return run(
        case_id, "appraisal", form, lambda: service.appraise(case_id, form.said(), actor=actor()),
        said=_("The appraisal is noted."),
    )  # fmt: skip


@bp.post(f"{CASE}/decision")
@needs(P.CASE_WORK)
def decide(case_id: int) -> Page:
    return run(
        case_id, "appraisal", AcceptForm(), lambda: service.decide(case_id, actor=actor()),
        said=_("Now say how it is solved."),
    )  # fmt: skip


@bp.post(f"{CASE}/decline")
@needs(P.CASE_WORK)
def decline(case_id: int) -> Page:
    form = DeclineForm()
    return run(
        case_id, "appraisal", form, lambda: service.decline(case_id, form.reason.data or "", actor=actor()),
        said=_("The case is closed: declined."),
    )  # fmt: skip


@bp.post(f"{CASE}/reopen")
@needs(P.CASE_WORK)
def reopen(case_id: int) -> Page:
    form = ReopenForm()
    return run(
        case_id, "appraisal", form, lambda: service.reopen(case_id, form.reason.data or "", actor=actor()),
        said=_("The case is open again."),
    )  # fmt: skip


@bp.post(f"{CASE}/notes")
@needs(P.CASE_NOTE)
def note(case_id: int) -> Page:
    found = queries.case_by_id(case_id, actor(), P.CASE_NOTE)
    form = NoteForm().offer(sorted(queries.readers_of(found).items()))
    return run(
        case_id, "notes", form,
        lambda: service.note(case_id, form.text.data or "", mentions=form.people.data or (), actor=actor()),
        said=_("The note is kept."),
    )  # fmt: skip


@bp.post(f"{CASE}/due")
@needs(P.CASE_WORK)
def set_due(case_id: int) -> Page:
    form = DueForm()
    zone = staff.store_by_id(queries.case_by_id(case_id, actor(), P.CASE_WORK).store_id).zone

    def act() -> None:
        at = form.due.at(zone)
        assert at is not None  # noqa: S101 the field is required
        service.set_due(case_id, at, actor=actor())

    return run(case_id, "people", form, act, said=_("Due as you said."))


@bp.post(f"{CASE}/waiting")
@needs(P.CASE_WORK)
def wait_for(case_id: int) -> Page:
    form = WaitForm()
    return run(
        case_id, "people", form, lambda: service.set_waiting(case_id, form.chosen(), actor=actor()),
        said=_("It is noted whom the case waits for."),
    )  # fmt: skip


@bp.post(f"{CASE}/offer")
@needs(P.CASE_WORK)
def offer(case_id: int) -> Page:
    found = queries.case_by_id(case_id, actor(), P.CASE_WORK)
    form = PersonForm().offer(service.people_for(found))
    return run(
        case_id, "people", form, lambda: service.offer(case_id, form.to.data, form.words.data, actor=actor()),
        said=_("Offered: the case is yours until it is accepted."),
    )  # fmt: skip


@bp.post(f"{CASE}/offer/accept")
@needs(P.CASE_ACCEPT)
def take_offer(case_id: int) -> Page:
    return run(
        case_id, "people", AcceptForm(), lambda: service.take_offer(case_id, actor=actor()),
        said=_("The case is yours."),
    )  # fmt: skip


@bp.post(f"{CASE}/offer/refuse")
@needs(P.CASE_WORK)
def refuse_offer(case_id: int) -> Page:
    form = RefuseForm()
    return run(
        case_id, "people", form, lambda: service.refuse_offer(case_id, form.words.data, actor=actor()),
        said=_("The case stays where it is."),
    )  # fmt: skip


@bp.post(f"{CASE}/assign")
@needs(P.CASE_ASSIGN)
def assign(case_id: int) -> Page:
    found = queries.case_by_id(case_id, actor(), P.CASE_ASSIGN)
    form = PersonForm().offer(service.people_for(found))
    return run(case_id, "people", form, lambda: service.assign(case_id, form.to.data, actor=actor()), said=_("Given."))


@bp.post(f"{CASE}/merge")
@needs(P.CASE_WORK)
def merge(case_id: int) -> Page:
    form = MergeForm()
    return run(
        case_id, "together", form, lambda: service.merge(case_id, form.number.data or "", actor=actor()),
        said=_("The case goes on in the other one."),
    )  # fmt: skip


@bp.post(f"{CASE}/link")
@needs(P.CASE_WORK)
def link(case_id: int) -> Page:
    form = LinkForm()
    return run(
        case_id, "together", form, lambda: service.link(case_id, form.number.data or "", actor=actor()),
        said=_("The cases are linked."),
    )  # fmt: skip


@bp.post(f"{CASE}/split")
@needs(P.CASE_WORK)
def split(case_id: int) -> Page:
    form = SplitForm()
    return run(
        case_id, "together", form,
        lambda: service.split(case_id, form.units(), *form.chosen(), actor=actor()),
        said=_("The units have a case of their own."),
    )  # fmt: skip
