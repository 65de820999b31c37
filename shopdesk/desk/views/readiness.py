"""Every order with a SKU at once: out of stock, pre-sale until a day, and lifted again."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from shopdesk.core.errors import DomainError, NotFound
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.ready import SkuForm
from shopdesk.desk.queries import hits_of
from shopdesk.desk.views import bp
from shopdesk.desk.views.order import SHOWN_HERE, Answer
from shopdesk.orders.states import Readiness
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service
from shopdesk.parcels.service import Many
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import new_key, submit
from shopdesk.web.guard import actor, needs

SHOWN = 200  # orders on the page
NOT_YOURS = frozenset({"other_role"})


def _stores() -> list[Store]:
    may = set(actor().stores_with(Permission.ORDER_READY))
    return [store for store in staff.stores_of(actor()) if store.id in may]


def _form() -> SkuForm:
    form = SkuForm()
    form.store_id.choices = [(store.id, store.name) for store in _stores()]
    return form


@bp.get("/readiness")
@needs(Permission.ORDER_READY)
def readiness() -> Answer:
    form = _form()
    stores = _stores()
    wanted = request.args.get("store_id", "")
    store = next((s for s in stores if str(s.id) == wanted), stores[0] if stores else None)
    form.store_id.data, form.sku.data = store.id if store else None, request.args.get("sku") or None
    return _page(form, store)


def _page(form: SkuForm, store: Store | None, *, status: int = 200, problem: str = "") -> Answer:
    sku = form.sku.data or ""
    ids = parcels.orders_with_sku(sku, store.id, after=0, limit=SHOWN + 1) if store and sku else []
    html = render_template(
        "desk/readiness.html",
        form=form,
        store=store,
        sku=sku,
        hits=hits_of(ids[:SHOWN], actor()),
        more=len(ids) > SHOWN,
        problem=problem,
        new_key=new_key,
    )
    return html, status


def _chosen(form: SkuForm) -> Store:
    store = next((s for s in _stores() if str(s.id) == request.form.get("store_id")), None)
    if store is None:
        raise NotFound("There is no such thing here.")
    return store


@bp.post("/readiness")
@needs(Permission.ORDER_READY)
def mark_sku() -> Answer:
    form = _form()
    store = _chosen(form)
    return _run(form, store, lambda: service.mark_sku(store.id, form.sku.data or "", form.wanted(), actor=actor()))


@bp.post("/readiness/lift")
@needs(Permission.ORDER_READY)
def lift_sku() -> Answer:
    form = _form()
    store = _chosen(form)
    said = form.readiness.data
    return _run(form, store, lambda: service.lift_sku(store.id, form.sku.data or "", Readiness(said), actor=actor()))


def _run(form: SkuForm, store: Store, act) -> Answer:
    """Up to 500 orders; the page after it shows each as it is now."""
    if not form.validate():
        return _page(form, store, status=422)

    def done() -> str:
        many = act()
        _say(many)
        return url_for("desk.readiness", store_id=store.id, sku=form.sku.data)

    try:
        return submit(form, done)
    except DomainError as error:
        if not isinstance(error, SHOWN_HERE) and error.code not in NOT_YOURS:
            raise
        form.command_key.data = new_key()
        return _page(form, store, status=STATUS[type(error)], problem=message_of(error))


def _say(many: Many) -> None:
    done = sum(1 for row in many.rows if row.refusal is None)
    flash(ngettext("Done for %(num)s order.", "Done for %(num)s orders.", done), "success")
    for why, count in _refusals(many).items():
        flash(_("%(count)s stayed as they were: %(why)s", count=count, why=why), "warning")
    if many.following is not None:
        flash(_("There are more: send it once more for the next."), "warning")


def _refusals(many: Many) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in many.rows:
        if row.refusal is not None:
            why = message_of(row.refusal)
            found[why] = found.get(why, 0) + 1
    return found
