"""Views of the queue that a person keeps."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from shopdesk.core.errors import NotFound, RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.case_queue import ViewForm
from shopdesk.desk.queries.cases.filters import NAMES
from shopdesk.desk.views.cases.blueprint import ID, Page, bp
from shopdesk.desk.views.cases.bulk import list_url
from shopdesk.staff import service as staff
from shopdesk.web.errors import message_of
from shopdesk.web.forms import DeskForm, submit
from shopdesk.web.guard import actor, needs

PAGE = "cases"


@bp.post("/cases/views")
@needs(Permission.CASE_READ, scope="own")
def save_view() -> Page:
    form = ViewForm()
    back = list_url(form.query.data)
    if not form.validate_on_submit():
        flash(_("Give it a name."), "error")
        return redirect(back, code=303)

    def act() -> str:
        staff.save_view(PAGE, form.title.data or "", _query(form.query.data), actor=actor())
        return back

    try:
        answer = submit(form, act)
    except RuleViolation as error:
        flash(message_of(error), "error")
        return redirect(back, code=303)
    flash(_("The view is kept."), "success")
    return answer


def _query(text: str | None) -> dict[str, Any]:
    """The page's own parameters, without the place in the list."""
    given = parse_qs(text or "")
    return {name: [value[:64] for value in given[name][:100]] for name in NAMES if name in given}


@bp.post(f"/cases/views/<{ID}:view_id>/delete")
@needs(Permission.CASE_READ, scope="own")
def delete_view(view_id: int) -> Page:
    form = DeskForm()
    if not form.validate_on_submit():
        raise NotFound("There is no such thing here.")

    def act() -> str:
        staff.delete_view(view_id, actor=actor())
        return url_for("cases.cases")

    answer = submit(form, act)
    flash(_("The view is deleted."), "success")
    return answer
