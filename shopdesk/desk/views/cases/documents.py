"""发票: the documents that finance has to issue; the statement of a chain of cases."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _

from shopdesk.cases import queries, service
from shopdesk.cases.queries import settling
from shopdesk.cases.queries.settling import InvoiceRow
from shopdesk.core import clock, paging
from shopdesk.core.errors import Malformed
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.resolving import DocumentForm
from shopdesk.desk.queries import case_chain
from shopdesk.desk.views.cases.blueprint import ID, SHOWN_HERE, Page, bp
from shopdesk.desk.views.finance.places import places
from shopdesk.refunds import queries as refunds
from shopdesk.staff import queries as staff
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import new_key, submit
from shopdesk.web.frame import shown_at
from shopdesk.web.guard import actor, here, needs

PAGE = 50
invoices_bp = Blueprint("invoices", __name__)


@invoices_bp.get("/invoices")
@needs(Permission.INVOICE_DO)
def invoices() -> Page:
    return _page()


def _page(
    *, status: int = 200, task_id: int | None = None, form: DocumentForm | None = None, why: str = ""
) -> tuple[str, int]:
    shown_at(url_for("invoices.invoices"))
    rows = settling.open_invoice_tasks(actor(), after=_after(), limit=PAGE + 1)
    html = render_template(
        "cases/invoices.html",
        rows=rows[:PAGE],
        next_url=url_for("invoices.invoices", after=_place(rows[PAGE - 1])) if len(rows) > PAGE else None,
        now=clock.now(),
        places=places("invoices.invoices") if here().has_anywhere(Permission.PAYOUT_CONFIRM) else [],
        kinds=refunds.kinds_of({row.refund_id for row in rows if row.refund_id}, actor()),
        shops={store.id: store for store in staff.stores_of(actor())},
        form=form or DocumentForm(formdata=None),
        form_of=task_id,
        why=why,
        new_key=new_key,
    )
    return html, status


def _place(row: InvoiceRow) -> str:
    return paging.encode(row.turn_at.isoformat(), row.id)


def _after() -> tuple[datetime, int] | None:
    """Where a page goes on; from the beginning for what is no place of this list."""
    given = request.args.get("after", "")
    try:
        at, task_id = paging.decode(given, (str, int)) if given else ("", 0)
        return (datetime.fromisoformat(at).astimezone(UTC), task_id) if at else None
    except (Malformed, ValueError, OverflowError):
        return None


@invoices_bp.post(f"/invoices/<{ID}:task_id>/confirmation")
@needs(Permission.INVOICE_DO)
def ask_buyer(task_id: int) -> Page:
    """The buyer was sent a form to confirm: its clock begins."""
    form = DocumentForm()
    if not form.validate_on_submit():
        return _page(status=422, task_id=task_id, form=form)

    def act() -> str:
        service.ask_buyer(task_id, form.reference.data or "", actor=actor())
        return url_for("invoices.invoices")

    try:
        answer = submit(form, act)
    except SHOWN_HERE as error:
        form.command_key.data = new_key()
        return _page(status=STATUS[type(error)], task_id=task_id, form=form, why=message_of(error))
    flash(_("Noted: the buyer has 72 hours to confirm."), "success")
    return answer


@invoices_bp.post(f"/invoices/<{ID}:task_id>")
@needs(Permission.INVOICE_DO)
def do_invoice(task_id: int) -> Page:
    form = DocumentForm()
    if not form.validate_on_submit():
        return _page(status=422, task_id=task_id, form=form)

    def act() -> str:
        service.do_invoice(task_id, form.reference.data or "", actor=actor())
        return url_for("invoices.invoices")

    try:
        answer = submit(form, act)
    except SHOWN_HERE as error:
        form.command_key.data = new_key()
        return _page(status=STATUS[type(error)], task_id=task_id, form=form, why=message_of(error))
    flash(_("The document is noted."), "success")
    return answer


@bp.get(f"/cases/<{ID}:case_id>/statement")
@needs(Permission.CASE_READ)
def statement(case_id: int) -> Page:
    found = queries.case_by_id(case_id, actor())
    chain = case_chain.chain_of(found, actor())
    store = staff.store_by_id(found.store_id)
    money = actor().may(Permission.MONEY_READ, found.store_id)
    return render_template("cases/statement.html", case=found, chain=chain, store=store, money=money)
