"""打单核对: paste a batch, see what may be printed, say that it was."""

from __future__ import annotations

from flask import flash, render_template, url_for
from flask_babel import gettext as _

from shopdesk.changes import queries, service
from shopdesk.changes.forms import AgainForm, CheckForm, PrintedForm
from shopdesk.changes.queries.batches import proposed_batch
from shopdesk.changes.queries.check_view import check_view, numbers_of
from shopdesk.changes.states import Group
from shopdesk.changes.views import ID, bp
from shopdesk.changes.views.posted import Page, list_posted
from shopdesk.changes.views.words import reasons_of
from shopdesk.core.errors import Conflict, DomainError, IllegalMove, RuleViolation
from shopdesk.core.listed import ORDERS, WAYBILLS
from shopdesk.core.permissions import Permission
from shopdesk.staff import queries as staff
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import submit
from shopdesk.web.guard import actor, needs

ONE = f"/print-check/<{ID}:check_id>"


@bp.get("/print-check")
@needs(Permission.PRINT_CHECK)
def print_check() -> Page:
    return _form_page(CheckForm())


@bp.post("/print-check")
@needs(Permission.PRINT_CHECK)
def make_check() -> Page:
    return list_posted(CheckForm(), ORDERS + WAYBILLS, _checked, _form_page)


def _form_page(form: CheckForm) -> str:
    return render_template(
        "changes/print_check.html", form=form, mine=queries.checks_of(actor()), zone=staff.zone_for(actor())
    )


def _checked(numbers: list[str]) -> str:
    check, _rows = service.make_check(numbers, actor=actor())
    return url_for("changes.check", check_id=check.id)


@bp.get(ONE)
@needs(Permission.PRINT_CHECK, scope="own")
def check(check_id: int) -> Page:
    return _list_page(check_id, PrintedForm())


@bp.post(f"{ONE}/printed")
@needs(Permission.PRINT_CHECK, scope="own")
def mark_printed(check_id: int) -> Page:
    """The list is printed whole or not at all; a list that moved is shown as it is now, with what happened."""
    form = PrintedForm()
    queries.own_check(check_id, actor())
    if not form.validate():
        return _list_page(check_id, form), 422
    try:
        return submit(form, lambda: _printed(check_id, form.batch.data or ""))
    except (Conflict, IllegalMove) as error:
        return _list_page(check_id, PrintedForm(formdata=None), error), STATUS[type(error)]
    except RuleViolation as error:
        form.batch.errors = [message_of(error)]
        return _list_page(check_id, form), 422


def _printed(check_id: int, batch: str) -> str:
    done = service.mark_printed(check_id, batch, actor=actor())
    flash(_("Printed: batch %(name)s.", name=done.batch), "success")
    return url_for("changes.check", check_id=check_id)


@bp.post(f"{ONE}/again")
@needs(Permission.PRINT_CHECK, scope="own")
def check_again(check_id: int) -> Page:
    """The same numbers as a new list: what the clerk was shown before stays on record."""
    form = AgainForm()
    kept = queries.own_check(check_id, actor())
    numbers = [row.pasted for row in queries.check_rows(kept.id)]
    return submit(form, lambda: _checked(numbers))


def _list_page(check_id: int, form: PrintedForm, error: DomainError | None = None) -> str:
    found = queries.own_check(check_id, actor())
    view = check_view(found, queries.check_rows(check_id), actor())
    if form.batch.data is None and not form.is_submitted():
        form.batch.data = proposed_batch(view.store_ids, actor())
    return render_template(
        "changes/check.html",
        view=view,
        check=found,
        groups={str(group): view.of(group) for group in Group},
        reasons_of=reasons_of,
        numbers_of=numbers_of,
        form=form,
        again=AgainForm(formdata=None),
        next=CheckForm(formdata=None),
        problem=message_of(error) if error else None,
        zone=staff.zone_for(actor(), view.store_ids),
        shows_stores=len(view.store_ids) > 1,
    )
