"""Credit notes: one for each payout that was confirmed, a counter note for one that came back; as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import Response, render_template, send_file, url_for
from flask_babel import gettext as _

from shopdesk.core.money import plain
from shopdesk.core.permissions import Permission
from shopdesk.desk.service import registers as tables
from shopdesk.desk.views.finance.blueprint import Page, after_given, bp
from shopdesk.desk.views.finance.places import places
from shopdesk.reconciling import service
from shopdesk.reconciling.queries import credit_notes as queries
from shopdesk.reconciling.queries.credit_notes import NoteRow
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store
from shopdesk.web.forms import DeskForm, new_key
from shopdesk.web.frame import shown_at
from shopdesk.web.guard import actor, here, needs
from shopdesk.web.locale import label, when

P = Permission.PAYOUT_CONFIRM
PAGE = 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/finance/credit-notes")
@needs(P)
def credit_notes() -> Page:
    return _page()


def _page(status: int = 200) -> tuple[str, int]:
    shown_at(url_for("finance.credit_notes"))
    rows = queries.notes(here(), before=after_given(), limit=PAGE + 1)
    html = render_template(
        "finance/credit_notes.html",
        places=places("finance.credit_notes"),
        rows=rows[:PAGE],
        next_url=url_for("finance.credit_notes", after=rows[PAGE - 1].id) if len(rows) > PAGE else None,
        shops={store.id: store for store in staff.stores_of(actor())},
        new_key=new_key,
    )
    return html, status


@bp.post("/finance/credit-notes/export")
@needs(P)
def export_credit_notes() -> Page | Response:
    """All of them as a table, up to 50,000."""
    if not DeskForm().validate_on_submit():
        return _page(422)
    shops = {store.id: store for store in staff.stores_of(actor())}
    names = [_("Number"), _("Takes back"), _("Store"), _("Order no."), _("Amount"), _("Currency"), _("Paid to"),
             _("Payout"), _("Reference"), _("Issued")]  # fmt: skip
    found = queries.every(here(), most=tables.MOST_ROWS)
    file, count = tables.table(_("Credit notes"), names, _rows(found, shops, names))
    service.note_export("credit_notes", count, actor=here())
    return send_file(file, mimetype=XLSX, as_attachment=True, download_name=_("Credit notes") + ".xlsx")


def _rows(found: Iterable[NoteRow], shops: dict[int, Store], names: list[str]) -> Iterator[dict[str, str]]:
    for row in found:
        store = shops[row.store_id]
        cells = (
            str(row.number), str(row.counters or ""), store.name, row.order_number,
            plain(row.signed_minor, row.currency), row.currency, label(row.destination), row.payout_number,
            row.reference or "", when(row.issued_at, store.zone),
        )  # fmt: skip
        yield dict(zip(names, cells, strict=True))
