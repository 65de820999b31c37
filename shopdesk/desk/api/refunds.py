"""Money back: what it comes to, asked for, approved, and how it stands."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.cases import queries as cases
from shopdesk.cases.states import AmountPart, PaidTo
from shopdesk.core import paging
from shopdesk.core.permissions import Permission, require
from shopdesk.core.scope import load
from shopdesk.desk.api.resolving.showing import task_out
from shopdesk.desk.api.showing import masked
from shopdesk.desk.queries.refund_view import RefundView, refund_rows, refund_view
from shopdesk.desk.schemas import refunds as schemas
from shopdesk.desk.service import refunding_case
from shopdesk.orders.models import Order
from shopdesk.refunds import queries, service
from shopdesk.refunds.models import Refund
from shopdesk.refunds.service import Asked, CaseWish, Coupon, Fee, Quote, Target, Wish
from shopdesk.staff import queries as staff
from shopdesk.web.api import DeskBlueprint, answer, at_text, money
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_refunds", __name__, tag="refunds")
P = Permission
NOWHERE = PaidTo.PLATFORM  # a quote goes nowhere


@bp.route("/orders/<id:order_id>/refund-quote", methods=["POST"])
@needs(P.REFUND_ASK)
@bp.arguments(schemas.DirectRefundQuoteIn)
@keyed()
@bp.response(200, schemas.RefundQuoteOut)
def quote_of_order(body: dict[str, Any], order_id: int) -> Response:
    """What a duplicate payment, a price adjustment or goodwill comes to; nothing is changed."""
    order = load(Order, order_id, actor(), P.REFUND_ASK)
    quote, _held = service.quote_direct(order, body["kind"], body["amount_minor"])
    return answer(_quote(quote))


@bp.route("/orders/<id:order_id>/refunds", methods=["POST"])
@needs(P.REFUND_ASK)
@bp.arguments(schemas.DirectRefundIn)
@keyed(required=True)
@bp.response(201, schemas.RefundOut)
def ask_of_order(body: dict[str, Any], order_id: int) -> Response:
    """Ask for money back without a case; where no limit applies it is approved with it."""
    return _made(service.request(order_id, Wish(**body), actor=actor()))


@bp.route("/cases/<id:case_id>/refund-quote", methods=["POST"])
@needs(P.CASE_SETTLE)
@bp.arguments(schemas.CaseRefundQuoteIn)
@keyed()
@bp.response(200, schemas.RefundQuoteOut)
def quote_of_case(body: dict[str, Any], case_id: int) -> Response:
    """What units, shipping, fees and compensation of a case come to, with what was decided before."""
    case = cases.case_by_id(case_id, actor(), P.CASE_SETTLE)
    quote, _held = service.quote_case(case, CaseWish(Target(NOWHERE), _asked(body), _parts(body)))
    return answer(_quote(quote))


@bp.route("/cases/<id:case_id>/refunds", methods=["POST"])
@needs(P.CASE_SETTLE)
@bp.arguments(schemas.CaseRefundAskIn)
@keyed(required=True)
@bp.response(201, schemas.RefundOut)
def ask_of_case(body: dict[str, Any], case_id: int) -> Response:
    """Ask for the money of a case; what is asked for is decided with it, and set aside on its balances."""
    target = Target(body["destination"], body["account"], body["reason"])
    wish = CaseWish(target, _asked(body), _parts(body), body["seen_minor"])
    return _made(refunding_case.refund_case(case_id, wish, exception=body["exception"], actor=actor()))


@bp.route("/changes/<id:change_id>/steps/<id:n>/refund", methods=["POST"])
@needs(P.STEP_DO)
@bp.arguments(schemas.ChangeRefundIn)
@keyed(required=True)
@bp.response(201, schemas.RefundOut)
def ask_of_change(body: dict[str, Any], change_id: int, n: int) -> Response:
    """Let the desk do the refund step of a cancellation or of fewer units; it is ticked when the money was paid."""
    target = Target(body["destination"], body["account"], body["reason"])
    made = service.request_for_change(
        change_id, n, target, amount_minor=body["amount_minor"], invoice_sent=body["invoice_sent"], actor=actor()
    )  # fmt: skip
    return _made(made)


@bp.route("/refunds")
@needs(P.REFUND_READ)
@bp.arguments(schemas.RefundsPage, location="query")
@bp.response(200, schemas.Refunds)
def list_refunds(asked: dict[str, Any]) -> Response:
    """Refunds, the newest first: those to be approved, under way, in trouble, or all."""
    before = paging.decode(asked["cursor"], (int,))[0] if asked["cursor"] else 0
    limit = asked["limit"]
    found = queries.page(actor(), asked["shelf"], before=before, limit=limit + 1)
    rows = refund_rows(found[:limit], staff.stores_of(actor()))
    items = [
        {
            "id": str(row.refund.id), "store": row.store.slug, "order_id": str(row.order.id),
            "order_number": row.order.number, "kind": str(row.refund.kind), "stand": str(row.stand),
            "amount": money(row.refund.amount_minor, row.refund.currency),
            "destination": str(row.refund.destination), "requested_at": at_text(row.refund.requested_at),
        }
        for row in rows
    ]  # fmt: skip
    return answer({"items": items, "next": paging.encode(found[limit - 1].id) if len(found) > limit else None})


@bp.route("/refunds/<id:refund_id>")
@needs(P.REFUND_READ)
@bp.response(200, schemas.RefundOut)
def show_refund(refund_id: int) -> Response:
    """How a refund stands, its arithmetic and its payouts."""
    return answer(_refund(refund_view(refund_id, actor())))


@bp.route("/refunds/<id:refund_id>/approval", methods=["POST"])
@needs(P.REFUND_APPROVE)
@bp.arguments(schemas.Nothing)
@keyed(required=True)
@bp.response(200, schemas.RefundOut)
def approve(_body: dict[str, Any], refund_id: int) -> Response:
    """Approve what somebody else asked for: the money is reserved and goes out."""
    return _made(service.approve(refund_id, actor=actor()), 200)


@bp.route("/refunds/<id:refund_id>/rejection", methods=["POST"])
@needs(P.REFUND_APPROVE)
@bp.arguments(schemas.RefundWhyIn)
@keyed()
@bp.response(200, schemas.RefundOut)
def reject(body: dict[str, Any], refund_id: int) -> Response:
    """Reject what somebody else asked for, with the reason."""
    return _made(service.reject(refund_id, body["reason"], actor=actor()), 200)


@bp.route("/refunds/<id:refund_id>/withdrawal", methods=["POST"])
@needs(P.REFUND_ASK)
@bp.arguments(schemas.RefundWhyIn)
@keyed()
@bp.response(200, schemas.RefundOut)
def withdraw(body: dict[str, Any], refund_id: int) -> Response:
    """Withdraw what waits for approval."""
    return _made(service.withdraw(refund_id, body["reason"], actor=actor()), 200)


@bp.route("/refunds/<id:refund_id>/invoice", methods=["POST"])
@needs(P.REFUND_ASK)
@bp.arguments(schemas.RefundInvoiceIn)
@keyed()
@bp.response(200, schemas.RefundOut)
def answer_invoice(body: dict[str, Any], refund_id: int) -> Response:
    """Say, or correct, whether an invoice was sent with the order of a refund without a case."""
    return _made(service.answer_invoice(refund_id, is_sent=body["sent"], actor=actor()), 200)


def _parts(body: dict[str, Any]) -> tuple[AmountPart, ...]:
    return tuple(body["parts"]) if body["parts"] else tuple(AmountPart)


def _asked(body: dict[str, Any]) -> Asked:
    units: dict[int, int] = {}
    for one in body["units"]:
        units[one["line_id"]] = units.get(one["line_id"], 0) + one["units"]
    coupon = Coupon(**body["coupon"]) if body["coupon"] else None
    return Asked(
        units, body["shipping_minor"], body["compensation_minor"], fees=[Fee(**fee) for fee in body["fees"]],
        coupon=coupon,
    )  # fmt: skip


def _quote(quote: Quote) -> dict[str, Any]:
    currency = quote.currency
    return {
        "rows": [
            {
                "part": str(row.part), "amount": money(row.amount_minor, currency), "how": row.how,
                "line_id": str(row.line_id) if row.line_id else None, "title": row.title, "units": row.units,
                "reason": row.reason,
            }
            for row in quote.rows
        ],
        "total": money(quote.total_minor, currency),
        "limits": [
            {
                "cap": str(limit.cap), "most": money(limit.most_minor, currency),
                "line_id": str(limit.line_id) if limit.line_id else None, "is_over": limit.is_over,
            }
            for limit in quote.limits
        ],
        "payments": [{"payment": name, "amount": money(part, currency)} for name, part in quote.payments],
        "coupon_not_taken": str(quote.not_taken) if quote.not_taken else None,
        "may_be_asked": not quote.over and quote.total_minor > 0,
    }  # fmt: skip


def _made(refund: Refund, status: int = 201) -> Response:
    require(actor(), P.REFUND_READ, refund.store_id)
    shown = refund_view(refund.id, masked(actor()))
    return answer(_refund(shown), status, location=f"/refunds/{refund.id}" if status == 201 else None)


def _refund(view: RefundView) -> dict[str, Any]:
    refund = view.refund
    return {
        "id": str(refund.id), "store": view.store.slug, "order_id": str(view.order.id),
        "order_number": view.order.number, "case_id": str(refund.case_id) if refund.case_id else None,
        "change_id": str(refund.change_id) if refund.change_id else None, "kind": str(refund.kind),
        "state": str(refund.state), "stand": str(view.stand),
        "amount": money(refund.amount_minor, refund.currency), "destination": str(refund.destination),
        "account": str(refund.account) if refund.account else None, "reason": view.reason or None,
        "requested_at": at_text(refund.requested_at), "decided_at": at_text(refund.decided_at),
        "looked_at": at_text(refund.looked_at), "invoice_sent": refund.invoice_sent,
        "invoice_task": task_out(view.invoice_task) if view.invoice_task else None,
        "lines": [
            {
                "part": str(line.part), "amount": money(line.amount_minor, refund.currency),
                "line_id": str(line.line_id) if line.line_id else None, "units": line.units,
                "reason": view.fees.get(line.id),
            }
            for line, _title in view.lines
        ],
        "payouts": [_payout(payout, view) for payout in view.payouts],
        "told_otherwise": [
            {"number": row.number, "amount": money(row.amount_minor, refund.currency)}
            for row in dict.fromkeys(row for _payout, row in view.told_otherwise)
        ],
        "paid_instead": [
            {"number": row.number, "amount": money(row.amount_minor, refund.currency)} for row in view.paid_instead
        ],
    }  # fmt: skip


def _payout(payout: Any, view: RefundView) -> dict[str, Any]:
    note = next((note.number for note in view.notes if note.payout_id == payout.id), None)
    return {
        "id": str(payout.id), "number": payout.number, "place": payout.place, "state": str(payout.state),
        "amount": money(payout.amount_minor, payout.currency), "place_reference": payout.place_reference,
        "code": payout.code, "needs_person": payout.needs_person, "ended_at": at_text(payout.ended_at),
        "credit_note": note,
    }  # fmt: skip
