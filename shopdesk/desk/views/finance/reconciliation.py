"""对账: our books of each day against the statements, and what finance says of the differences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _

from shopdesk.cases.states import PaidTo
from shopdesk.core import clock
from shopdesk.core.errors import NotFound, RuleViolation
from shopdesk.core.money import plain
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.finance import AnswerForm, StatementForm
from shopdesk.desk.service import registers as tables
from shopdesk.desk.views.finance.blueprint import Page, bp, run
from shopdesk.desk.views.finance.credit_notes import XLSX
from shopdesk.desk.views.finance.places import places
from shopdesk.reconciling import service
from shopdesk.reconciling.queries import books
from shopdesk.reconciling.queries.books import Day
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import DeskForm, new_key
from shopdesk.web.frame import shown_at
from shopdesk.web.guard import actor, here, needs
from shopdesk.web.locale import label

P = Permission.STATEMENT_KEEP
DAYS = 7
WHY = "shown with the difference"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which store, destination and days the page is about."""

    store: Store
    destination: PaidTo
    first: date
    last: date

    def at(self, endpoint: str = "finance.reconciliation") -> str:
        return url_for(
            endpoint, shop=self.store.slug, to=self.destination.value, first=self.first.isoformat(),
            last=self.last.isoformat(),
        )  # fmt: skip


def _asked() -> Asked:
    """As the address says; a store that is not the person's is not there.  Raises NotFound."""
    mine = [store for store in staff.stores_of(here()) if here().may(P, store.id)]
    slug = request.args.get("shop", "")
    store = next((one for one in mine if one.slug == slug), None) if slug else next(iter(mine), None)
    if store is None:
        raise NotFound("There is no such thing here.")
    given = request.args.get("to", "")
    destination = PaidTo(given) if given in set(PaidTo) else PaidTo.ALIPAY
    today = clock.now().astimezone(ZoneInfo(store.zone)).date()
    last = _day(request.args.get("last")) or today
    first = _day(request.args.get("first")) or last - timedelta(days=DAYS - 1)
    return Asked(store, destination, min(first, last), last)


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


@bp.get("/finance/reconciliation")
@needs(P)
def reconciliation() -> Page:
    return _show(_asked())


def _show(asked: Asked, status: int = 200, why: str = "", **more: Any) -> tuple[str, int]:
    shown_at(asked.at())
    found = books.days(asked.store, asked.destination, asked.first, asked.last)
    names = {"form": AnswerForm(formdata=None), "form_of": None, "upload": StatementForm(formdata=None), **more}
    html = render_template(
        "finance/reconciliation.html",
        places=places("finance.reconciliation"),
        asked=asked,
        days=found,
        shops=[store for store in staff.stores_of(here()) if here().may(P, store.id)],
        destinations=list(PaidTo),
        numbers=books.order_numbers(asked.store, found),
        reveal=lambda note: note.reveal(WHY),
        why=why,
        new_key=new_key,
        **names,
    )
    return html, status


@bp.post("/finance/reconciliation/answers")
@needs(P)
def answer_difference() -> Page:
    """Say what a difference is."""
    asked, form = _asked(), AnswerForm()

    def act() -> str:
        day = _day(form.day.data) or asked.last
        words = form.note.data or ""
        service.answer_difference(asked.store.id, asked.destination, day, form.key.data or "", words, actor=actor())
        return asked.at()

    def refused(status: int, why: str) -> Page:
        return _show(asked, status, why, form=form, form_of=form.key.data)

    return run(form, act, refused, said=_("The difference is answered."))


@bp.post("/finance/reconciliation/statements")
@needs(P)
def take_statement() -> Page:
    """A statement as a file; the same one again changes nothing."""
    asked, form = _asked(), StatementForm()
    file = request.files.get("file")
    if not form.validate_on_submit() or file is None:
        return _show(asked, 422, _("Choose a file."), upload=form)
    try:
        name, content = file.filename or "?", file.stream.read(service.MOST_BYTES + 1)
        done = service.take_statement(asked.store.id, name, content, asked.destination, actor=actor())
    except RuleViolation as error:
        return _show(asked, STATUS[type(error)], message_of(error), upload=form)
    flash(_("%(kept)s lines taken, %(known)s known already.", kept=done.kept, known=done.known), "success")
    if done.refused:
        rows = ", ".join(f"{row} ({label_of(code)})" for row, code in sorted(done.refused.items())[:20])
        flash(_("Not taken, rows: %(rows)s", rows=rows), "error")
    return redirect(asked.at(), code=303)


def label_of(code: str) -> str:
    """Why a line of a statement was not taken."""
    return {
        "bad_day": _("no date"), "bad_amount": _("no amount"), "bad_currency": _("no such currency"),
        "bad_reference": _("no reference"), "told_otherwise": _("says something else than before"),
    }[code]  # fmt: skip


@bp.post("/finance/reconciliation/export")
@needs(P)
def export_reconciliation() -> Page | Response:
    """The differences of these days as a table."""
    asked = _asked()
    if not DeskForm().validate_on_submit():
        return _show(asked, 422)
    found = books.days(asked.store, asked.destination, asked.first, asked.last)
    names = [_("Day"), _("What differs"), _("Order no."), _("In our books"), _("In the statement"), _("Currency"),
             _("Reference"), _("Answer")]  # fmt: skip
    file, count = tables.table(_("Reconciliation"), names, _rows(asked, found, names))
    service.note_export("reconciliation", count, actor=here())
    return send_file(file, mimetype=XLSX, as_attachment=True, download_name=_("Reconciliation") + ".xlsx")


def _rows(asked: Asked, found: list[Day], names: list[str]) -> Iterator[dict[str, str]]:
    numbers = books.order_numbers(asked.store, found)
    for of_day in found:
        for one in of_day.found:
            ours, theirs = one.booked, one.line
            said = of_day.answers.get(one.key)
            currency = ours.currency if ours else theirs.currency if theirs else ""
            cells = (
                of_day.day.isoformat(), label(one.kind), numbers.get(ours.order_id, "") if ours else "",
                plain(ours.amount_minor, ours.currency) if ours else "",
                plain(theirs.amount_minor, theirs.currency) if theirs else "", currency,
                theirs.reference if theirs else " ".join(ours.numbers) if ours else "",
                said.note.reveal(WHY) if said else "",
            )  # fmt: skip
            yield dict(zip(names, cells, strict=True))
