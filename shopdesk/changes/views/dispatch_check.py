"""发货核对: paste what is about to be loaded, see what may go, say when the truck left."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

from flask import flash, render_template, url_for
from flask_babel import gettext as _

from shopdesk.changes import queries, service
from shopdesk.changes.forms import AgainForm, DispatchForm, ShippedForm
from shopdesk.changes.queries.check_view import CheckView, check_view, numbers_of
from shopdesk.changes.service import truck_left_at
from shopdesk.changes.states import Group, Purpose
from shopdesk.changes.views import ID, bp
from shopdesk.changes.views.posted import Page, list_posted
from shopdesk.changes.views.words import reasons_of
from shopdesk.core import clock
from shopdesk.core.errors import Conflict, DomainError, IllegalMove, RuleViolation
from shopdesk.core.listed import ORDERS, WAYBILLS
from shopdesk.core.permissions import Permission
from shopdesk.staff import queries as staff
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import submit
from shopdesk.web.guard import actor, needs
from shopdesk.web.locale import when

ONE = f"/dispatch-check/<{ID}:load_id>"


@bp.get("/dispatch-check")
@needs(Permission.DISPATCH_CHECK)
def dispatch_check() -> Page:
    return _form_page(DispatchForm())


@bp.post("/dispatch-check")
@needs(Permission.DISPATCH_CHECK)
def make_dispatch_check() -> Page:
    return list_posted(DispatchForm(), WAYBILLS + ORDERS, _checked, _form_page)


def _form_page(form: DispatchForm) -> str:
    mine = queries.checks_of(actor(), Purpose.DISPATCH)
    return render_template("changes/dispatch_check.html", form=form, mine=mine, zone=staff.zone_for(actor()))


def _checked(numbers: list[str]) -> str:
    made, _rows = service.make_check(numbers, actor=actor(), purpose=Purpose.DISPATCH)
    return url_for("changes.dispatch", load_id=made.id)


@bp.get(ONE)
@needs(Permission.DISPATCH_CHECK, scope="own")
def dispatch(load_id: int) -> Page:
    return _list_page(load_id, ShippedForm())


@bp.post(f"{ONE}/shipped")
@needs(Permission.DISPATCH_CHECK, scope="own")
def mark_shipped(load_id: int) -> Page:
    """The list leaves whole or not at all; a list that moved is shown as it is now, with what happened."""
    form = ShippedForm()
    queries.own_check(load_id, actor(), Purpose.DISPATCH)
    if not form.validate() or form.left.data is None:
        return _list_page(load_id, form), 422
    told = form.left.data
    try:
        return submit(form, lambda: _shipped(load_id, told))
    except (Conflict, IllegalMove, RuleViolation) as error:
        return _list_page(load_id, ShippedForm(formdata=None), error), STATUS[type(error)]


def _shipped(load_id: int, told: time) -> str:
    zone = _zone(_view(load_id))
    at = truck_left_at(told, clock.now().astimezone(ZoneInfo(zone)))
    done = service.mark_shipped(load_id, at, actor=actor())
    flash(_("Shipped with the truck of %(at)s.", at=when(done.left_at, zone)), "success")
    return url_for("changes.dispatch", load_id=load_id)


@bp.post(f"{ONE}/again")
@needs(Permission.DISPATCH_CHECK, scope="own")
def dispatch_again(load_id: int) -> Page:
    """The same numbers as a new list: what was shown before stays on record."""
    form = AgainForm()
    kept = queries.own_check(load_id, actor(), Purpose.DISPATCH)
    numbers = list(dict.fromkeys(row.pasted for row in queries.check_rows(kept.id)))
    return submit(form, lambda: _checked(numbers))


def _view(load_id: int) -> CheckView:
    found = queries.own_check(load_id, actor(), Purpose.DISPATCH)
    return check_view(found, queries.check_rows(load_id), actor())


def _zone(view: CheckView) -> str:
    return staff.zone_for(actor(), view.store_ids)


def _list_page(load_id: int, form: ShippedForm, error: DomainError | None = None) -> str:
    view = _view(load_id)
    zone = _zone(view)
    if form.left.data is None and not form.left.raw_data:
        form.left.data = clock.now().astimezone(ZoneInfo(zone)).time()
    return render_template(
        "changes/dispatch.html",
        view=view,
        check=view.check,
        groups={str(group): view.of(group) for group in Group},
        reasons_of=reasons_of,
        numbers_of=numbers_of,
        form=form,
        again=AgainForm(formdata=None),
        next=DispatchForm(formdata=None),
        problem=message_of(error) if error else None,
        zone=zone,
        shows_stores=len(view.store_ids) > 1,
    )
