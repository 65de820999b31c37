"""The calculator: what a refund comes to while it is typed, and asking for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shopdesk.cases import queries as cases
from shopdesk.cases.models import Case
from shopdesk.cases.queries import settling
from shopdesk.cases.states import AmountPart, PaidTo
from shopdesk.changes.models import Change
from shopdesk.core.errors import Conflict, DomainError, IllegalMove, RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.core.scope import load
from shopdesk.desk.forms import refunds as forms
from shopdesk.desk.queries.refund_view import standing
from shopdesk.desk.service import refunding_case
from shopdesk.desk.views import ID
from shopdesk.desk.views.order import run as run_on_order
from shopdesk.desk.views.refunds import words
from shopdesk.desk.views.refunds.blueprint import bp
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.refunds import queries, service
from shopdesk.refunds.models import Refund
from shopdesk.refunds.service import Asked, CaseWish, Coupon, Fee, Quote, Target, Wish
from shopdesk.refunds.states import CouponPolicy, RefundKind, RefundState
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Platform
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import new_key, submit, with_currency
from shopdesk.web.frame import shown_at
from shopdesk.web.guard import actor, needs

Page = str | tuple[str, int] | Response
P = Permission
SHOWN_HERE = (Conflict, IllegalMove, RuleViolation)


@bp.get(f"/orders/<{ID}:order_id>/refund")
@needs(P.REFUND_ASK)
def new_of_order(order_id: int) -> Page:
    order = load(Order, order_id, actor(), P.REFUND_ASK)
    form = with_currency(forms.DirectForm, order.currency)(formdata=None)
    form.destination.data = str(_usual(order))
    return _order_page(order, form)


@bp.post(f"/orders/<{ID}:order_id>/refund/quote")
@needs(P.REFUND_ASK)
def quote_of_order(order_id: int) -> Page:
    """The preview while somebody types; nothing is changed."""
    order = load(Order, order_id, actor(), P.REFUND_ASK)
    form = with_currency(forms.DirectForm, order.currency)()
    return render_template("refunds/_quote.html", **_order_quote(order, form))


@bp.post(f"/orders/<{ID}:order_id>/refund")
@needs(P.REFUND_ASK)
def ask_of_order(order_id: int) -> Page:
    order = load(Order, order_id, actor(), P.REFUND_ASK)
    form = with_currency(forms.DirectForm, order.currency)()

    def ask() -> Refund:
        wish = Wish(
            RefundKind(form.kind.data), form.amount.data or 0, PaidTo(form.destination.data), form.account.data,
            form.reason.data, form.invoice_sent,
        )  # fmt: skip
        return service.request(order_id, wish, actor=actor())

    return _ask(form, ask, lambda status, why: _order_page(order, form, status=status, problem=why))


def _order_page(order: Order, form: forms.DirectForm, *, status: int = 200, problem: str = "") -> tuple[str, int]:
    shown_at(url_for("refunds.new_of_order", order_id=order.id))
    there = queries.refunds_of_order(order.id, order.store_id)
    html = render_template(
        "refunds/order.html", order=order, store=staff.store_by_id(order.store_id), form=form, problem=problem,
        there=standing(there), **_order_quote(order, form),
    )  # fmt: skip
    return html, status


def _order_quote(order: Order, form: forms.DirectForm) -> dict[str, Any]:
    amount_minor = form.amount.data if isinstance(form.amount.data, int) else 0
    kind = RefundKind(form.kind.data) if form.kind.data in {str(one) for one in forms.KINDS} else RefundKind.GOODWILL
    return _quoted(form, lambda: service.quote_direct(order, kind, amount_minor or 0)[0], order.currency, {})


@bp.get(f"/cases/<{ID}:case_id>/refunds/new")
@needs(P.CASE_SETTLE)
def new_of_case(case_id: int) -> Page:
    case, order = _case(case_id)
    form = with_currency(forms.CaseForm, order.currency)(formdata=None)
    form.destination.data = str(_usual(order))
    return _case_page(case, order, form)


@bp.post(f"/cases/<{ID}:case_id>/refunds/quote")
@needs(P.CASE_SETTLE)
def quote_of_case(case_id: int) -> Page:
    """The preview while somebody types; nothing is changed."""
    case, order = _case(case_id)
    form = with_currency(forms.CaseForm, order.currency)()
    return render_template("refunds/_quote.html", **_case_quote(case, order, form))


@bp.post(f"/cases/<{ID}:case_id>/refunds")
@needs(P.CASE_SETTLE)
def ask_of_case(case_id: int) -> Page:
    case, order = _case(case_id)
    form = with_currency(forms.CaseForm, order.currency)()

    def ask() -> Refund:
        target = Target(PaidTo(form.destination.data), form.account.data, form.reason.data)
        wish = CaseWish(target, _asked(form, case), seen_minor=form.seen.data)
        return refunding_case.refund_case(case_id, wish, exception=form.exception.data, actor=actor())

    return _ask(form, ask, lambda status, why: _case_page(case, order, form, status=status, problem=why))


def _case(case_id: int) -> tuple[Case, Order]:
    case = cases.case_by_id(case_id, actor(), P.CASE_SETTLE)
    return case, orders.order_by_id(case.order_id, case.store_id)


def _case_page(
    case: Case, order: Order, form: forms.CaseForm, *, status: int = 200, problem: str = ""
) -> tuple[str, int]:
    shown_at(url_for("refunds.new_of_case", case_id=case.id))
    before, held = service.quote_case(case, CaseWish(Target(PaidTo.PLATFORM)))
    html = render_template(
        "refunds/case.html", case=case, order=order, store=staff.store_by_id(case.store_id), form=form,
        problem=problem, held=held, decided=_decided(case), asks_minor=before.total_minor,
        typed=form.typed if request.method == "POST" else {},
        amounts=settling.amounts_of(case), parts=list(AmountPart), claws=held.coupons is CouponPolicy.CLAW_BACK,
        there=standing(queries.refunds_of_case(case.id, case.store_id)), needs_answer=case.invoice_sent is None,
        **_case_quote(case, order, form),
    )  # fmt: skip
    return html, status


class Decided(NamedTuple):
    """Units of a line whose refund was decided before, and what it comes to."""

    units: int
    minor: int
    settled_minor: int


def _decided(case: Case) -> dict[int, Decided]:
    return {
        line.line_id: Decided(line.refunding, line.refund_minor, line.refunded_minor)
        for line in settling.lines_of(case)
        if line.refunding
    }


def _case_quote(case: Case, order: Order, form: forms.CaseForm) -> dict[str, Any]:
    titles = {line.id: line.title or line.sku or "" for line in orders.lines(case.order_id, case.store_id)}

    def quote() -> Quote:
        return service.quote_case(case, CaseWish(Target(PaidTo.PLATFORM), _asked(form, case)))[0]

    return _quoted(form, quote, order.currency, titles)


def _asked(form: forms.CaseForm, case: Case) -> Asked:
    """Raises RuleViolation for what is no number of units."""
    typed = form.typed if request.method == "POST" else {}
    ids = [line.id for line in orders.lines(case.order_id, case.store_id)]
    units = {line_id: form.number("units", line_id) for line_id in ids} if typed else {}
    fee_minor = _minor(form.fee)
    fees = [Fee(fee_minor, form.fee_reason.data or "")] if fee_minor else []
    coupon = Coupon(_minor(form.coupon_from), _minor(form.coupon_off)) if _minor(form.coupon_off) else None
    return Asked(units, _minor(form.shipping), _minor(form.compensation), fees=fees, coupon=coupon)


def _minor(field: Any) -> int:
    return field.data if isinstance(field.data, int) else 0


def _quoted(
    form: forms.TargetForm, quote: Callable[[], Quote], currency: str, titles: dict[int, str]
) -> dict[str, Any]:
    """The preview: its rows and why not more; while something is typed half, why it cannot be calculated."""
    unread = [f"{field.label.text}: {error}" for field in form for error in field.process_errors]
    if unread:  # counted as nothing it would show a total that nobody typed
        return {"quote": None, "why": " · ".join(unread), "currency": currency, "limits": []}
    try:
        found = quote()
    except RuleViolation as error:
        return {"quote": None, "why": message_of(error), "currency": currency, "limits": []}
    return {"quote": found, "why": "", "currency": currency, "limits": words.limits(found, titles), "titles": titles}


def _ask(form: forms.TargetForm, ask: Callable[[], Refund], again: Callable[[int, str], tuple[str, int]]) -> Page:
    if not form.validate_on_submit():
        return again(422, "")
    made: list[Refund] = []

    def act() -> str:
        made.append(ask())
        return url_for("refunds.refund", refund_id=made[0].id)

    try:
        answer = submit(form, act)
    except DomainError as error:
        if not isinstance(error, SHOWN_HERE):
            raise
        form.command_key.data = new_key()
        return again(STATUS[type(error)], message_of(error))
    if made:
        waits = made[0].state is RefundState.AWAITING_APPROVAL
        flash(_("Asked for; it waits for approval.") if waits else _("Asked for and approved."), "success")
    return answer


def _usual(order: Order) -> PaidTo:
    """Platform first, where there is one that pays."""
    platform = staff.store_by_id(order.store_id).platform
    return PaidTo.ORIGINAL if platform in {Platform.PHONE, Platform.OTHER} else PaidTo.PLATFORM


@bp.post(f"/changes/<{ID}:change_id>/steps/<int(max=100000):position>/refund")
@needs(P.STEP_DO)
def ask_of_change(change_id: int, position: int) -> Page:
    """The refund step of a cancellation, done by the desk; a refusal shows the order as it is now."""
    change = load(Change, change_id, actor(), P.STEP_DO)
    order = orders.order_by_id(change.order_id, change.store_id)
    form = with_currency(forms.ChangeRefundForm, order.currency)()

    def act() -> str:
        target = Target(PaidTo(form.destination.data), form.account.data)
        made = service.request_for_change(
            change_id, position, target, amount_minor=form.amount.data, invoice_sent=form.invoice_sent, actor=actor()
        )  # fmt: skip
        return url_for("refunds.refund", refund_id=made.id)

    return run_on_order(form, order.id, act, said=_("Asked for."))
