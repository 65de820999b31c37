"""代班: who stands in for whom, appointed and ended early by a supervisor."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shopdesk.core import clock
from shopdesk.core.errors import Conflict, IllegalMove, NotFound, RuleViolation
from shopdesk.core.permissions import Permission, Role
from shopdesk.desk.forms.stand_in import StandInForm
from shopdesk.desk.views import ID, bp
from shopdesk.staff import queries, service
from shopdesk.staff.models import Store
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import DeskForm, submit
from shopdesk.web.guard import actor, needs

Page = tuple[str, int] | str | Response
SHOWN_HERE = (Conflict, IllegalMove, NotFound, RuleViolation)
HOURS = 8  # what the form proposes


@bp.get("/people/stand-ins")
@needs(Permission.STAND_IN_GIVE)
def stand_ins() -> Page:
    form = _form()
    form.until.data = None
    return _page(form)


@bp.post("/people/stand-ins")
@needs(Permission.STAND_IN_GIVE)
def give_stand_in() -> Page:
    form = _form()
    if form.store_id.data is not None and form.store_id.data not in dict(form.store_id.choices):
        raise NotFound("There is no such store here.")
    if not form.validate():
        return _page(form), 422
    try:
        answer = submit(form, lambda: _given(form))
    except SHOWN_HERE as error:
        return _page(form, problem=message_of(error)), STATUS[type(error)]
    flash(_("Appointed. It ends by itself."), "success")
    return answer


def _given(form: StandInForm) -> str:
    store = next(store for store in _stores() if store.id == form.store_id.data)
    until = form.until.at(store.zone) or clock.now()
    service.stand_in(
        form.person_id.data, Role(form.role.data), store.id, until=until, reason=form.reason.data or "", actor=actor()
    )
    return url_for("desk.stand_ins")


@bp.post(f"/people/stand-ins/<{ID}:stand_in_id>/end")
@needs(Permission.STAND_IN_GIVE)
def end_stand_in(stand_in_id: int) -> Page:
    form = DeskForm()
    try:
        return submit(form, lambda: _ended(stand_in_id))
    except IllegalMove as error:
        return _page(_form(), problem=message_of(error)), STATUS[type(error)]


def _ended(stand_in_id: int) -> str:
    service.end_stand_in(stand_in_id, actor=actor())
    return url_for("desk.stand_ins")


def _stores() -> list[Store]:
    allowed = actor().stores_with(Permission.STAND_IN_GIVE)
    return [store for store in queries.stores_of(actor()) if store.id in allowed]


def _form() -> StandInForm:
    form = StandInForm()
    form.store_id.choices = [(store.id, store.name) for store in _stores()]
    form.person_id.choices = [(i, f"{name} ({login})") for i, name, login in queries.active_people()]
    return form


def _page(form: StandInForm, *, problem: str | None = None) -> str:
    rows = queries.stand_ins(actor())
    shops = {store.id: store for store in _stores()}
    return render_template(
        "people/stand_ins.html",
        form=form,
        ending=DeskForm(formdata=None),
        problem=problem,
        running=[row for row in rows if row.is_running(clock.now())],
        over=[row for row in rows if not row.is_running(clock.now())],
        shops=shops,
        proposed=_proposed(next(iter(shops.values()), None)),
    )


def _proposed(store: Store | None) -> str:
    """The end of a shift from now, as the browser's field takes it."""
    at = clock.now() + timedelta(hours=HOURS)
    zone = store.zone if store else "UTC"
    return datetime.strftime(at.astimezone(ZoneInfo(zone)), "%Y-%m-%dT%H:%M")
