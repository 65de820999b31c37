"""The store's policy about returns: what holds, what held, the form that writes a new version."""

from __future__ import annotations

from flask import flash, render_template, url_for
from flask_babel import gettext as _

from shopdesk.core import clock
from shopdesk.core.errors import NotFound
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.returns import PolicyForm
from shopdesk.desk.views.cases.blueprint import ID, SHOWN_HERE, Page, bp
from shopdesk.returns import queries, service
from shopdesk.returns.states import FreightPayer
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import new_key, submit
from shopdesk.web.frame import shown_at
from shopdesk.web.guard import actor, here, needs

WHY = "the store's own address, for who writes it"


@bp.get("/return-policies")
@needs(Permission.POLICY_WRITE)
def policies() -> Page:
    """The policy of the store that is chosen, else of the first one."""
    shops = _shops()
    chosen = next((store for store in shops if store.id in here().roles), None)
    if chosen is None:
        raise NotFound("There is no such store here.")
    return _page(chosen)


@bp.get(f"/return-policies/<{ID}:store_id>")
@needs(Permission.POLICY_WRITE)
def policy(store_id: int) -> Page:
    return _page(_shop(store_id))


@bp.post(f"/return-policies/<{ID}:store_id>")
@needs(Permission.POLICY_WRITE)
def write_policy(store_id: int) -> Page:
    store, form = _shop(store_id), PolicyForm()
    if not form.validate_on_submit():
        return _page(store, form, status=422)

    def act() -> str:
        service.set_policy(
            store.id, days=form.days.data or 0, condition=form.condition.data or "",
            freight=FreightPayer(form.freight.data), receiver=form.receiver.data, actor=actor(),
        )  # fmt: skip
        return url_for("cases.policy", store_id=store.id)

    try:
        answer = submit(form, act)
    except SHOWN_HERE as error:
        form.command_key.data = new_key()
        return _page(store, form, status=STATUS[type(error)], problem=message_of(error))
    flash(_("The policy holds for orders placed from now on."), "success")
    return answer


def _shops() -> list[Store]:
    allowed = actor().stores_with(Permission.POLICY_WRITE)
    return [store for store in staff.stores_of(actor()) if store.id in allowed]


def _shop(store_id: int) -> Store:
    found = next((store for store in _shops() if store.id == store_id), None)
    if found is None:
        raise NotFound("There is no such store here.")
    return found


def _page(store: Store, form: PolicyForm | None = None, *, status: int = 200, problem: str = "") -> tuple[str, int]:
    shown_at(url_for("cases.policy", store_id=store.id))
    now = queries.policy_at(store.id, clock.now())
    versions = queries.versions(store.id)
    if form is None:
        receiver = now.receiver.reveal(WHY) if now.receiver else None
        form = PolicyForm(
            formdata=None,
            data={"days": now.days, "condition": now.condition, "freight": str(now.freight), "receiver": receiver},
        )
    html = render_template(
        "cases/policies.html",
        store=store,
        shops=_shops(),
        now=now,
        versions=versions,
        names=staff.signatures({row.made_by_id for row in versions if row.made_by_id}),
        form=form,
        problem=problem,
    )
    return html, status
