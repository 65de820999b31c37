"""What the card of goods that come back sends: confirm, waybills, cancel, give up, the slip to paste."""

from __future__ import annotations

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shopdesk.cases import queries as cases
from shopdesk.cases.models import Case
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.returns import CancelForm, ConfirmForm, ExtendForm, GiveUpForm, WaybillForm
from shopdesk.desk.views.cases.blueprint import ID, Page, bp
from shopdesk.desk.views.cases.page import run
from shopdesk.returns import queries, service
from shopdesk.returns.models import Return
from shopdesk.staff import queries as staff
from shopdesk.web.guard import actor, needs


@bp.post(f"/cases/<{ID}:case_id>/returns")
@needs(Permission.RETURN_CONFIRM)
def confirm_return(case_id: int) -> Page:
    form = ConfirmForm()
    store = staff.store_by_id(_case(case_id).store_id)

    def command() -> None:
        service.confirm(
            case_id, form.units(), actor=actor(), freight=form.payer(), exception=form.exception.data,
            until=form.until.at(store.zone),
        )  # fmt: skip

    return run(case_id, "goods", form, command, said=_("Confirmed: the goods may come back. Send the return slip."))


def _case(case_id: int) -> Case:
    return cases.case_by_id(case_id, actor(), Permission.RETURN_CONFIRM)


def _return(return_id: int) -> Return:
    return queries.return_by_id(return_id, actor(), Permission.RETURN_CONFIRM)


@bp.post(f"/returns/<{ID}:return_id>/waybills")
@needs(Permission.RETURN_CONFIRM)
def return_waybills(return_id: int) -> Page:
    form, back = WaybillForm(), _return(return_id)
    form.of = return_id

    def command() -> None:
        service.record_waybills(return_id, form.numbers.data or "", actor=actor(), carrier=form.carrier.data)

    return run(back.case_id, "goods", form, command, said=_("Noted: the goods are on their way."))


@bp.post(f"/returns/<{ID}:return_id>/cancel")
@needs(Permission.RETURN_CONFIRM)
def cancel_return(return_id: int) -> Page:
    form, back = CancelForm(), _return(return_id)
    form.of = return_id
    return run(
        back.case_id, "goods", form, lambda: service.cancel(return_id, form.reason.data or "", actor=actor()),
        said=_("The return is cancelled."),
    )  # fmt: skip


@bp.post(f"/returns/<{ID}:return_id>/extend")
@needs(Permission.RETURN_CONFIRM)
def extend_return(return_id: int) -> Page:
    form, back = ExtendForm(), _return(return_id)
    form.of = return_id
    zone = staff.store_by_id(back.store_id).zone

    def command() -> None:
        until = form.until.at(zone)
        if until is None:
            raise RuleViolation("Say until when.", code="value_required", missing="until")
        service.extend(return_id, until, form.reason.data or "", actor=actor())

    return run(back.case_id, "goods", form, command, said=_("The customer has longer to send. Copy the phrase."))


@bp.post(f"/returns/<{ID}:return_id>/give-up")
@needs(Permission.RETURN_CONFIRM)
def give_up(return_id: int) -> Page:
    form, back = GiveUpForm(), _return(return_id)
    form.of = return_id

    def command() -> None:
        service.give_up(return_id, form.reason.data or "", actor=actor(), units=form.units())

    return run(back.case_id, "goods", form, command, said=_("Decided: these units do not come any more."))


@bp.post(f"/returns/<{ID}:return_id>/slip-text")
@needs(Permission.CASE_READ)
def slip_text(return_id: int) -> Response:
    """The text to paste, the name written out; every look is on record."""
    return Response(service.open_slip(return_id, actor=actor()).text, mimetype="text/plain")
