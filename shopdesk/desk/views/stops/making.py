"""停发: a new stop, with the number of parcels that it holds before it is made."""

from __future__ import annotations

import json
from datetime import datetime

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from shopdesk.core import clock
from shopdesk.core.errors import NotFound, RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.stops import StopForm
from shopdesk.desk.views.stops import bp
from shopdesk.parcels import service
from shopdesk.parcels.queries import matching
from shopdesk.parcels.queries import stops as queries
from shopdesk.parcels.service import Criteria
from shopdesk.parcels.states import OnExpiry, StopScope
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store
from shopdesk.staff.service.cut_offs import next_cut_off
from shopdesk.web.errors import message_of
from shopdesk.web.forms import submit
from shopdesk.web.guard import actor, needs

Page = tuple[str, int] | str | Response


def _stores() -> list[Store]:
    may = set(actor().stores_with(Permission.STOP_WRITE))
    return [store for store in staff.stores_of(actor()) if store.id in may]


def _form() -> StopForm:
    form = StopForm()
    form.store_id.choices = [(store.id, store.name) for store in _stores()]
    return form


@bp.get("/stops/new")
@needs(Permission.STOP_WRITE)
def new_stop() -> Page:
    form = _form()
    wanted = request.args.get("sku", "")
    form.sku.data = wanted or None
    stores = _stores()
    if stores:
        form.phrase.data = queries.offered_phrase(stores[0].memo_language)
    return _page(form)


@bp.post("/stops")
@needs(Permission.STOP_WRITE)
def make_stop() -> Page:
    """The first submit shows how many parcels it would hold; the second, of the same, makes it."""
    form = _form()
    store = next((s for s in _stores() if str(s.id) == request.form.get("store_id")), None)
    if store is None:
        raise NotFound("There is no such thing here.")
    if not form.validate():
        return _page(form, store), 422
    try:
        criteria = _criteria(form, store)
        if form.previewed.data != _mark(store, criteria):
            return _preview(form, store, criteria)
        return submit(form, lambda: _made(form, store, criteria))
    except RuleViolation as error:
        form.form_errors.append(message_of(error))
        return _page(form, store), 422


def _criteria(form: StopForm, store: Store) -> Criteria:
    scope = StopScope(form.scope.data)
    batch_id = None
    if scope is StopScope.BATCH and form.batch.data:
        batch_id = queries.batch_id_of(form.batch.data, store.id)
        if batch_id is None:
            raise RuleViolation("There is no batch %(name)s in this store.", code="no_batch", name=form.batch.data)
    found = Criteria(scope, form.sku.data, form.carrier.data, form.region.data, batch_id)
    service.check_criteria(found)
    return found


def _mark(store: Store, criteria: Criteria) -> str:
    said = [store.id, str(criteria.scope), criteria.sku, criteria.carrier, criteria.region, criteria.batch_id]
    return json.dumps(said)


def _preview(form: StopForm, store: Store, criteria: Criteria) -> Page:
    form.previewed.data = _mark(store, criteria)
    count = len(matching.matching(criteria, store.id))
    return _page(form, store, count=count)


def _made(form: StopForm, store: Store, criteria: Criteria) -> str:
    wanted = service.StopWanted(
        criteria, form.reason.data or "", form.expires_at.at(store.zone) or default_until(store),
        OnExpiry(form.on_expiry.data), form.phrase.data or "",
    )  # fmt: skip
    made = service.stop(store.id, wanted, actor=actor())
    held = queries.stop_rows([made], actor())[0].held
    flash(ngettext("Stopped: %(num)s parcel is held.", "Stopped: %(num)s parcels are held.", held), "success")
    return url_for("stops.stop", stop_id=made.id)


def default_until(store: Store) -> datetime:
    """The next cut-off, as for every hold."""
    return next_cut_off(clock.now(), staff.warehouse(store.warehouse_id).cut_offs, store.zone)


def _page(form: StopForm, store: Store | None = None, *, count: int | None = None) -> str:
    title = _("New stop")
    return render_template("stops/new.html", form=form, store=store, count=count, title=title)
