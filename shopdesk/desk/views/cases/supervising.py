"""What a supervisor looks at each day: refunding and disputed orders with 催办, and the day's figures."""

from __future__ import annotations

from datetime import date, timedelta

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.utils import redirect

from shopdesk.cases import service
from shopdesk.core.errors import Conflict, IllegalMove, RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.case_queue import WordsForm
from shopdesk.desk.forms.cases import words_of
from shopdesk.desk.queries.cases import days, following
from shopdesk.desk.states import CaseGroup
from shopdesk.desk.views import bp as desk
from shopdesk.desk.views.cases.blueprint import ID, Page, bp
from shopdesk.desk.views.frame import there_is
from shopdesk.staff import queries as staff
from shopdesk.web.errors import message_of
from shopdesk.web.forms import DeskForm, new_key, submit
from shopdesk.web.guard import actor, here, needs

REFUSED = (Conflict, IllegalMove, RuleViolation)
WHY = "shown to the supervisor who reminds"


@bp.get("/cases/to-remind")
@needs(Permission.CASE_REMIND)
def to_remind() -> str:
    found = following.daily(here())
    asked = {row.sent_by_id for row in found.last.values()} | {row.answered_by_id for row in found.last.values()}
    return render_template(
        "cases/to_remind.html",
        found=found,
        names=staff.signatures({person for person in asked if person}),
        shops={store.id: store for store in staff.stores_of(here())},
        words_of=words_of,
        new_key=new_key,
        why=WHY,
    )


@bp.post(f"/cases/<{ID}:case_id>/remind")
@needs(Permission.CASE_REMIND)
def remind(case_id: int) -> Page:
    """Remind whoever has the case; the list says what came of it."""
    form = WordsForm()
    back = url_for("cases.to_remind")
    return _run(form, back, lambda: service.remind(case_id, form.words.data or "", actor=actor()), said=_("Reminded."))


@bp.post(f"/case-reminders/<{ID}:reminder_id>/answer")
@needs(Permission.CASE_READ)
def answer_reminder(reminder_id: int) -> Page:
    form = WordsForm()
    return _run(
        form,
        url_for("desk.work"),
        lambda: service.answer_reminder(reminder_id, form.words.data or "", actor=actor()),
        said=_("Answered."),
    )


def _run(form: DeskForm, back: str, command: object, *, said: str) -> Page:
    if not form.validate_on_submit():
        flash(" ".join(str(e) for errors in form.errors.values() for e in errors), "error")
        return redirect(back, code=303)

    def act() -> str:
        command()  # type: ignore[operator]
        return back

    try:
        answer = submit(form, act)
    except REFUSED as error:
        flash(message_of(error), "error")
        return redirect(back, code=303)
    flash(said, "success")
    return answer


@desk.get("/cases/day")
@needs(Permission.CASE_COUNT)
def case_day() -> str:
    """主管看板: what stands in the queues now, and one day of after-sale per kind and person."""
    today = following.day_of(here())
    that = min(_day(request.args.get("day", "")) or today, today)
    found = days.day(here(), that)
    waiting = days.queues(here())
    names = {**staff.signatures(set(waiting.changes_of) - set(found.names)), **found.names}
    for person in waiting.changes_of:
        found.people.setdefault(person, days.Figures())
    return render_template(
        "cases/day.html",
        day=that,
        today=today,
        before=that - timedelta(days=1),
        after=that + timedelta(days=1) if that < today else None,
        found=found,
        groups=[(name, found.group(name), days.GROUPS[name]) for name in CaseGroup],
        people=sorted(found.people.items(), key=lambda one: -one[1].open),
        names=names,
        standing=days.standing(here()),
        waiting=waiting,
        sees_cases=here().has_anywhere(Permission.CASE_READ),
        reminds=here().has_anywhere(Permission.CASE_REMIND),
        watches=here().has_anywhere(Permission.CHANGE_WATCH) and there_is("desk.changes"),
    )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year >= 2000 else None
