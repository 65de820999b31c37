"""Views of the queue that a person keeps, or shares with a store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from shopdesk.core.errors import Conflict, NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.desk.forms.case_queue import RenameViewForm, ShareViewForm, ViewForm
from shopdesk.desk.queries.cases.filters import NAMES
from shopdesk.desk.views.cases.blueprint import ID, Page, bp
from shopdesk.desk.views.cases.bulk import list_url
from shopdesk.staff import queries as staff
from shopdesk.staff import service
from shopdesk.staff.models import SavedView
from shopdesk.web.errors import message_of
from shopdesk.web.forms import DeskForm, submit
from shopdesk.web.guard import actor, needs

PAGE = "cases"


def shown(who: Actor, shops: dict[int, Any]) -> list[dict[str, Any]]:
    """One's own, then those that are shared in one's stores; what may be done with each."""
    shared = staff.shared_views(PAGE, who.stores_with(Permission.CASE_READ))
    by = staff.signatures({view.person_id for view in shared})
    return [_view(view, who, shops, by) for view in (*staff.views_of(who.id or 0, PAGE), *shared)]


def sharing(who: Actor, shops: dict[int, Any]) -> list[tuple[int, str]]:
    """The stores that one shares views with: (id, name)."""
    return [(i, shops[i].name) for i in who.stores_with(Permission.VIEW_SHARE) if i in shops]


def _view(view: SavedView, who: Actor, shops: dict[int, Any], by: dict[int, str]) -> dict[str, Any]:
    store_id = staff.store_of_view(view)
    return {
        "id": view.id,
        "title": view.title,
        "href": f"{url_for('cases.cases')}?{urlencode(view.query, doseq=True)}",
        "store": shops[store_id].name if store_id else None,
        "by": by.get(view.person_id, ""),
        "may_change": store_id is None or who.may(Permission.VIEW_SHARE, store_id),
    }


@bp.post("/cases/views")
@needs(Permission.CASE_READ, scope="own")
def save_view() -> Page:
    form = ViewForm()
    return _run(
        form, form.query.data,
        lambda: service.save_view(PAGE, form.title.data or "", _query(form.query.data), actor=actor()),
        said=_("The view is kept."),
    )  # fmt: skip


@bp.post(f"/cases/views/<{ID}:view_id>/rename")
@needs(Permission.CASE_READ, scope="own")
def rename_view(view_id: int) -> Page:
    form = RenameViewForm()
    return _run(
        form, form.back.data, lambda: service.rename_view(view_id, form.title.data or "", actor=actor()),
        said=_("The view has another name."),
    )  # fmt: skip


@bp.post(f"/cases/views/<{ID}:view_id>/share")
@needs(Permission.CASE_READ, scope="own")
def share_view(view_id: int) -> Page:
    form = ShareViewForm()
    with_whom = form.store_id()
    return _run(
        form, form.back.data, lambda: service.share_view(view_id, with_whom, actor=actor()),
        said=_("Everybody of the store sees the view.") if with_whom else _("The view is yours alone."),
    )  # fmt: skip


@bp.post(f"/cases/views/<{ID}:view_id>/delete")
@needs(Permission.CASE_READ, scope="own")
def delete_view(view_id: int) -> Page:
    form = DeskForm()
    if not form.validate_on_submit():
        raise NotFound("There is no such thing here.")
    return _run(form, None, lambda: service.delete_view(view_id, actor=actor()), said=_("The view is deleted."))


def _run(form: DeskForm, query: str | None, command: Callable[[], object], *, said: str) -> Page:
    """Run the command once and show the list as it was; why it was refused stands above it."""
    back = list_url(query)
    if not form.validate_on_submit():
        flash(_("Give it a name."), "error")
        return redirect(back, code=303)

    def act() -> str:
        command()
        return back

    try:
        answer = submit(form, act)
    except (RuleViolation, Conflict) as error:
        flash(message_of(error), "error")
        return redirect(back, code=303)
    flash(said, "success")
    return answer


def _query(text: str | None) -> dict[str, Any]:
    """The page's own parameters, without the place in the list."""
    given = parse_qs(text or "")
    return {name: [value[:64] for value in given[name][:100]] for name in NAMES if name in given}
