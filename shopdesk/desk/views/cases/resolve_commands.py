"""The buttons of resolving a case, each shown again on its card where it is refused."""

from __future__ import annotations

from flask_babel import gettext as _

from shopdesk.cases import queries, service
from shopdesk.cases.models import Case
from shopdesk.cases.service import Ended, Paid
from shopdesk.cases.states import AmountPart, Fault, PaidTo, Resolution
from shopdesk.core.addresses import parse_address
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms import resolving as forms
from shopdesk.desk.service import closing_case, refunding_case
from shopdesk.desk.views.cases.blueprint import ID, Page, bp
from shopdesk.desk.views.cases.page import run
from shopdesk.orders import queries as orders
from shopdesk.replacements import service as replacements
from shopdesk.replacements.service import LineWanted, Missed, Settling, Wanted
from shopdesk.replacements.states import DifferenceSettled, NotBack, ReplacementKind
from shopdesk.staff import queries as staff
from shopdesk.web.forms import DeskForm, with_currency
from shopdesk.web.guard import actor, needs

P = Permission


def _case(case_id: int, permission: Permission) -> tuple[Case, str, str]:
    """The case with its currency and zone, for who may do this."""
    case = queries.case_by_id(case_id, actor(), permission)
    order = orders.order_by_id(case.order_id, case.store_id)
    return case, order.currency, staff.store_by_id(case.store_id).zone


@bp.post(f"/cases/<{ID}:case_id>/resolutions")
@needs(P.CASE_RESOLVE)
def resolve(case_id: int) -> Page:
    form = forms.WayForm()
    return run(
        case_id,
        "resolution",
        form,
        lambda: closing_case.decide_resolution(
            case_id, Resolution(form.resolution.data), exception=form.exception.data, actor=actor()
        ),
        said=_("Decided."),
    )


@bp.post(f"/cases/<{ID}:case_id>/resolutions/back")
@needs(P.CASE_RESOLVE)
def take_back(case_id: int) -> Page:
    form = forms.WayBackForm()
    return run(
        case_id,
        "resolution",
        form,
        lambda: closing_case.take_back_resolution(case_id, Resolution(form.resolution.data), actor=actor()),
        said=_("Taken back."),
    )


@bp.post(f"/cases/<{ID}:case_id>/invoice")
@needs(P.CASE_RESOLVE)
def answer_invoice(case_id: int) -> Page:
    form = forms.InvoiceForm()
    return run(
        case_id,
        "invoice",
        form,
        lambda: service.answer_invoice(case_id, is_sent=form.sent.data == "yes", actor=actor()),
        said=_("Noted."),
    )


@bp.post(f"/cases/<{ID}:case_id>/refund")
@needs(P.CASE_SETTLE)
def decide_refund(case_id: int) -> Page:
    case, currency, _zone = _case(case_id, P.CASE_SETTLE)
    form = with_currency(forms.RefundForm, currency)()

    def act() -> object:
        units = {line.id: form.number("units", line.id) for line in orders.lines(case.order_id, case.store_id)}
        return service.decide_refund(case_id, units, amount_minor=form.amount.data, actor=actor())

    return run(case_id, "money", form, act, said=_("Decided; the amount is reserved until it is paid."))


@bp.post(f"/cases/<{ID}:case_id>/refund/back")
@needs(P.CASE_SETTLE)
def take_back_refund(case_id: int) -> Page:
    return run(
        case_id,
        "money",
        forms.DeskForm(),
        lambda: service.take_back_refund(case_id, actor=actor()),
        said=_("Taken back."),
    )


@bp.post(f"/cases/<{ID}:case_id>/amounts")
@needs(P.CASE_SETTLE)
def expect(case_id: int) -> Page:
    _found, currency, _zone = _case(case_id, P.CASE_SETTLE)
    form = with_currency(forms.ExpectForm, currency)()
    return run(
        case_id,
        "money",
        form,
        lambda: service.expect(case_id, AmountPart(form.part.data), form.amount.data, actor=actor()),
        said=_("Decided."),
    )


@bp.post(f"/cases/<{ID}:case_id>/settlements")
@needs(P.CASE_SETTLE)
def settle(case_id: int) -> Page:
    _found, currency, _zone = _case(case_id, P.CASE_SETTLE)
    form = with_currency(forms.SettleForm, currency)()

    def act() -> object:
        paid = Paid(form.amount.data, PaidTo(form.destination.data), form.account.data, form.reference.data)
        return refunding_case.settle_case(case_id, AmountPart(form.part.data), paid, actor=actor())

    return run(case_id, "money", form, act, said=_("Noted as paid."))


@bp.post(f"/cases/<{ID}:case_id>/settlements/<{ID}:settlement_id>/back")
@needs(P.CASE_SETTLE)
def take_back_settlement(case_id: int, settlement_id: int) -> Page:
    form = forms.WhyForm()
    return run(
        case_id,
        "money",
        form,
        lambda: service.take_back_settlement(case_id, settlement_id, form.reason.data or "", actor=actor()),
        said=_("Taken back."),
    )


@bp.post(f"/cases/<{ID}:case_id>/replacements")
@needs(P.REPLACEMENT_MAKE)
def make_replacement(case_id: int) -> Page:
    case, currency, zone = _case(case_id, P.REPLACEMENT_MAKE)
    form = forms.OutForm()

    def act() -> object:
        return replacements.make(case_id, _wanted(form, case, currency, zone), actor=actor())

    return run(case_id, "replacement", form, act, said=_("It goes out under a number of its own."))


def _wanted(form: forms.OutForm, case: Case, currency: str, zone: str) -> Wanted:
    kind = ReplacementKind(form.kind.data)
    lines = []
    for line in orders.lines(case.order_id, case.store_id):
        units = form.number("units", line.id)
        if not units:
            continue
        try:
            price = form.amount("price", line.id, currency)
        except ValueError as error:
            raise RuleViolation("This is not an amount.", code="bad_amount") from error
        extra = bool(form.text("extra", line.id))
        lines.append(
            LineWanted(
                line.id, units, form.text("sku", line.id), form.text("title", line.id),
                form.text("attributes", line.id), price, is_extra=extra,
            )
        )  # fmt: skip
    due_at = form.due_at.at(zone)
    waits = form.waits.data == "wait" and due_at is None
    return Wanted(kind, lines, _ship_to(form.address.data or ""), waits_for_goods=waits, due_at=due_at)


def _ship_to(text: str) -> dict[str, str] | None:
    if not text.strip():
        return None
    found = parse_address(text)
    names = ("name", "phone", "province", "city", "district", "street", "zip")
    return {name: getattr(found, name) for name in names}


@bp.post(f"/cases/<{ID}:case_id>/replacements/<{ID}:replacement_id>/ahead")
@needs(P.REPLACEMENT_MAKE)
def send_ahead(case_id: int, replacement_id: int) -> Page:
    _found, _currency, zone = _case(case_id, P.REPLACEMENT_MAKE)
    form = forms.AheadForm()
    form.of = replacement_id
    return run(
        case_id,
        "replacement",
        form,
        lambda: replacements.send_ahead(replacement_id, form.due_at.at(zone), actor=actor()),
        said=_("Released for printing."),
    )


@bp.post(f"/cases/<{ID}:case_id>/replacements/<{ID}:replacement_id>/waybill")
@needs(P.REPLACEMENT_MAKE)
def tell_waybill(case_id: int, replacement_id: int) -> Page:
    form = forms.OutWaybillForm()
    form.of = replacement_id
    return run(
        case_id,
        "replacement",
        form,
        lambda: replacements.tell_waybill(
            replacement_id, form.number.data or "", carrier=form.carrier.data, actor=actor()
        ),
        said=_("The waybill is noted."),
    )


@bp.post(f"/cases/<{ID}:case_id>/replacements/<{ID}:replacement_id>/difference")
@needs(P.CASE_SETTLE)
def settle_difference(case_id: int, replacement_id: int) -> Page:
    form = forms.DifferenceForm()
    form.of = replacement_id

    def act() -> object:
        how = DifferenceSettled(form.how.data)
        settled = Settling(how, form.order_number.data, form.reference.data, form.reason.data)
        return replacements.settle_difference(replacement_id, settled, actor=actor())

    return run(case_id, "replacement", form, act, said=_("The difference is settled."))


@bp.post(f"/cases/<{ID}:case_id>/replacements/<{ID}:replacement_id>/not-back")
@needs(P.CASE_SETTLE)
def goods_not_back(case_id: int, replacement_id: int) -> Page:
    _found, currency, _zone = _case(case_id, P.CASE_SETTLE)
    form = with_currency(forms.NotBackForm, currency)()
    form.of = replacement_id

    def act() -> object:
        missed = Missed(NotBack(form.how.data), form.reason.data or "", form.amount.data)
        return replacements.decide_not_back(replacement_id, missed, actor=actor())

    return run(case_id, "replacement", form, act, said=_("Decided: the goods are not awaited any more."))


@bp.post(f"/cases/<{ID}:case_id>/replacements/<{ID}:replacement_id>/cancel")
@needs(P.REPLACEMENT_MAKE)
def cancel_replacement(case_id: int, replacement_id: int) -> Page:
    form = forms.WhyForm()
    form.of = replacement_id
    return run(
        case_id,
        "replacement",
        form,
        lambda: replacements.cancel(replacement_id, form.reason.data or "", actor=actor()),
        said=_("It goes out no more."),
    )


@bp.post(f"/cases/<{ID}:case_id>/replacements/<{ID}:replacement_id>/back")
@needs(P.REPLACEMENT_MAKE)
def expect_replacement(case_id: int, replacement_id: int) -> Page:
    return run(
        case_id,
        "replacement",
        DeskForm(),
        lambda: replacements.expect_back(replacement_id, actor=actor()),
        said=_("It is awaited at the dock; once it was inspected, the exchange is undone."),
    )


@bp.post(f"/cases/<{ID}:case_id>/replacements/<{ID}:replacement_id>/undo")
@needs(P.REPLACEMENT_MAKE)
def undo_replacement(case_id: int, replacement_id: int) -> Page:
    form = forms.WhyForm()
    form.of = replacement_id
    return run(
        case_id,
        "replacement",
        form,
        lambda: replacements.undo(replacement_id, form.reason.data or "", actor=actor()),
        said=_("Undone: the customer keeps what they had."),
    )


def _ended(form: forms.EndForm) -> Ended:
    fault = Fault(form.fault.data) if form.fault.data else None
    return Ended(form.outcome.data or "", fault, form.person(), form.fault_said.data)


@bp.post(f"/cases/<{ID}:case_id>/end")
@needs(P.CASE_CLOSE)
def end(case_id: int) -> Page:
    form = forms.EndForm()
    return run(
        case_id,
        "ending",
        form,
        lambda: closing_case.close_case(case_id, _ended(form), actor=actor()),
        said=_("The case is closed."),
    )


@bp.post(f"/cases/<{ID}:case_id>/end-open")
@needs(P.CASE_END_OPEN)
def end_open(case_id: int) -> Page:
    form = forms.EndForm()
    return run(
        case_id,
        "ending",
        form,
        lambda: closing_case.close_open_case(case_id, _ended(form), actor=actor()),
        said=_("The case is closed with a balance open."),
    )


@bp.post(f"/cases/<{ID}:case_id>/refund-and-end")
@needs(P.CASE_SETTLE)
def refund_and_end(case_id: int) -> Page:
    form = forms.EndForm()
    return run(
        case_id,
        "ending",
        form,
        lambda: closing_case.refund_and_close(case_id, _ended(form), exception=form.exception.data, actor=actor()),
        said=_("Refunded on the platform, and closed."),
    )
