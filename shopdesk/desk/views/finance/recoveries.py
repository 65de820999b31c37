"""追回多退款: what customers got beyond what they paid, until it is back or given up."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _

from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.finance import RecoveredForm, WriteOffForm
from shopdesk.desk.views.finance.blueprint import ID, Page, after_given, bp, run
from shopdesk.desk.views.finance.places import places
from shopdesk.reconciling import service
from shopdesk.reconciling.queries import recoveries as queries
from shopdesk.staff import queries as staff
from shopdesk.web.forms import new_key
from shopdesk.web.frame import shown_at
from shopdesk.web.guard import actor, here, needs

P = Permission
PAGE = 100


@bp.get("/finance/recoveries")
@needs(P.PAYOUT_CONFIRM)
def recoveries() -> Page:
    return _show()


def _show(status: int = 200, why: str = "", **more: Any) -> tuple[str, int]:
    at = url_for("finance.recoveries")
    shown_at(at)
    rows = queries.open_ones(here(), after=after_given(), limit=PAGE + 1)
    names = {"form": RecoveredForm(formdata=None), "off": WriteOffForm(formdata=None), "form_of": None, **more}
    html = render_template(
        "finance/recoveries.html",
        places=places("finance.recoveries"),
        rows=rows[:PAGE],
        next_url=url_for("finance.recoveries", after=rows[PAGE - 1].id) if len(rows) > PAGE else None,
        shops={store.id: store for store in staff.stores_of(actor())},
        may_write_off={store.id for store in staff.stores_of(actor()) if actor().may(P.PAYOUT_VERIFY, store.id)},
        why=why,
        new_key=new_key,
        **names,
    )
    return html, status


@bp.post(f"/finance/recoveries/<{ID}:recovery_id>/recovered")
@needs(P.PAYOUT_CONFIRM)
def recovered(recovery_id: int) -> Page:
    form = RecoveredForm()

    def act() -> str:
        service.recovered(recovery_id, form.reference.data or "", actor=actor())
        return url_for("finance.recoveries")

    def refused(status: int, why: str) -> Page:
        return _show(status, why, form=form, form_of=recovery_id)

    return run(form, act, refused, said=_("Noted: the money is back."))


@bp.post(f"/finance/recoveries/<{ID}:recovery_id>/write-off")
@needs(P.PAYOUT_VERIFY)
def write_off(recovery_id: int) -> Page:
    form = WriteOffForm()

    def act() -> str:
        service.write_off(recovery_id, form.reason.data or "", actor=actor())
        return url_for("finance.recoveries")

    def refused(status: int, why: str) -> Page:
        return _show(status, why, off=form, form_of=recovery_id)

    return run(form, act, refused, said=_("Given up, with its reason."))
