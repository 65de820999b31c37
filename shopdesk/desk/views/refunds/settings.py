"""What a store sets about its refunds."""

from __future__ import annotations

from flask import current_app, flash, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shopdesk.cases.states import PaidTo
from shopdesk.core.errors import NotFound, RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.refunds import SettingsForm
from shopdesk.desk.views import ID
from shopdesk.desk.views.refunds.blueprint import bp
from shopdesk.refunds import service
from shopdesk.refunds.service import RefundSettings
from shopdesk.refunds.states import CouponPolicy
from shopdesk.staff import queries as staff
from shopdesk.staff.models import REFUND_COUPONS, REFUND_LIMIT, REFUND_LIMIT_DAYS, REFUND_PLACES, Store
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import new_key, submit, with_currency
from shopdesk.web.frame import shown_at
from shopdesk.web.guard import actor, here, needs

Page = str | tuple[str, int] | Response
P = Permission


@bp.get("/refund-settings")
@needs(P.POLICY_WRITE)
def settings() -> Page:
    """Of the store that is chosen, else of the first one."""
    shops = _shops()
    chosen = next((store for store in shops if store.id in here().roles), None)
    if chosen is None:
        raise NotFound("There is no such store here.")
    return _page(chosen, _form(chosen))


@bp.get(f"/refund-settings/<{ID}:store_id>")
@needs(P.POLICY_WRITE)
def settings_of(store_id: int) -> Page:
    store = _shop(store_id)
    return _page(store, _form(store))


@bp.post(f"/refund-settings/<{ID}:store_id>")
@needs(P.POLICY_WRITE)
def write_settings(store_id: int) -> Page:
    store = _shop(store_id)
    form = _typed(store)()
    if not form.validate_on_submit():
        return _page(store, form, status=422)

    def act() -> str:
        places = {where: form[f"place_{where}"].data for where in PaidTo if form[f"place_{where}"].data}
        wanted = RefundSettings(form.limit.data, form.days.data or 1, CouponPolicy(form.coupons.data), places)
        service.set_refund_settings(store_id, wanted, known=frozenset(_known()), actor=actor())
        return url_for("refunds.settings_of", store_id=store_id)

    try:
        answer = submit(form, act)
    except RuleViolation as error:
        form.command_key.data = new_key()
        return _page(store, form, status=STATUS[RuleViolation], problem=message_of(error))
    flash(_("It holds from now on, also for what was approved and has not left."), "success")
    return answer


def _known() -> tuple[str, ...]:
    """The places that this desk is connected to."""
    return ("platform", "manual", *(("fake",) if current_app.config.get("FAKE_PLACE_URL") else ()))


def _typed(store: Store) -> type[SettingsForm]:
    return with_currency(SettingsForm.with_places(_known()), store.currency)


def _form(store: Store) -> SettingsForm:
    now = store.settings
    places = {f"place_{where}": place for where, place in now.get(REFUND_PLACES, {}).items()}
    return _typed(store)(
        formdata=None,
        data={
            "limit": now.get(REFUND_LIMIT), "days": now.get(REFUND_LIMIT_DAYS, 1),
            "coupons": now.get(REFUND_COUPONS, str(CouponPolicy.FREEZE)), **places,
        },
    )  # fmt: skip


def _shops() -> list[Store]:
    allowed = actor().stores_with(P.POLICY_WRITE)
    return [store for store in staff.stores_of(actor()) if store.id in allowed]


def _shop(store_id: int) -> Store:
    found = next((store for store in _shops() if store.id == store_id), None)
    if found is None:
        raise NotFound("There is no such store here.")
    return found


def _page(store: Store, form: SettingsForm, *, status: int = 200, problem: str = "") -> tuple[str, int]:
    shown_at(url_for("refunds.settings_of", store_id=store.id))
    html = render_template(
        "refunds/settings.html", store=store, shops=_shops(), form=form, problem=problem, places=list(PaidTo)
    )
    return html, status
