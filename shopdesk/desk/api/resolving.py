"""How a case is resolved: ways, money by hand, goods that go out, invoices, its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from shopdesk.cases import queries, service
from shopdesk.cases.models import Case
from shopdesk.cases.queries import settling
from shopdesk.cases.queries.settling import Amount
from shopdesk.cases.service import Ended, Paid
from shopdesk.cases.states import AmountPart
from shopdesk.core import paging
from shopdesk.core.permissions import Permission
from shopdesk.desk.queries import case_balances, case_chain
from shopdesk.desk.schemas import resolving as schemas
from shopdesk.desk.service import closing_case, refunding_case
from shopdesk.desk.states import BalancePart
from shopdesk.orders import queries as orders
from shopdesk.replacements import queries as replacement_queries
from shopdesk.replacements import service as replacements
from shopdesk.replacements.models import Replacement
from shopdesk.replacements.service import LineWanted, Missed, Settling, Wanted
from shopdesk.staff import queries as staff
from shopdesk.web.api import DeskBlueprint, Nothing, answer, at_text, money
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_resolving", __name__, tag="cases")
P = Permission


@bp.route("/cases/<id:case_id>/resolution")
@needs(P.CASE_READ)
@bp.response(200, schemas.CaseResolutionOut)
def show_resolution(case_id: int) -> Response:
    """How the case is resolved, its amounts, what goes out, its five balances."""
    return _shown(case_id)


@bp.route("/cases/<id:case_id>/resolutions", methods=["POST"])
@needs(P.CASE_RESOLVE)
@bp.arguments(schemas.CaseWayIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def decide(body: dict[str, Any], case_id: int) -> Response:
    """Add a way in which the case is resolved; several stand beside each other."""
    closing_case.decide_resolution(case_id, body["resolution"], exception=body["exception"], actor=actor())
    return _shown(case_id)


@bp.route("/cases/<id:case_id>/resolutions/withdrawal", methods=["POST"])
@needs(P.CASE_RESOLVE)
@bp.arguments(schemas.CaseWayBackIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def take_back(body: dict[str, Any], case_id: int) -> Response:
    """Take a way back of which nothing happened."""
    closing_case.take_back_resolution(case_id, body["resolution"], actor=actor())
    return _shown(case_id)


@bp.route("/cases/<id:case_id>/invoice", methods=["POST"])
@needs(P.CASE_RESOLVE)
@bp.arguments(schemas.CaseInvoiceIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def answer_invoice(body: dict[str, Any], case_id: int) -> Response:
    """Say whether an invoice was sent with the order; yes makes finance's tasks."""
    service.answer_invoice(case_id, is_sent=body["sent"], actor=actor())
    return _shown(case_id)


@bp.route("/cases/<id:case_id>/refund", methods=["POST"])
@needs(P.CASE_SETTLE)
@bp.arguments(schemas.CaseRefundIn)
@keyed(required=True)
@bp.response(200, schemas.CaseResolutionOut)
def decide_refund(body: dict[str, Any], case_id: int) -> Response:
    """Decide which units are refunded; without an amount their whole paid share.  It is reserved."""
    units: dict[int, int] = {}
    for one in body["units"]:
        units[one["line_id"]] = units.get(one["line_id"], 0) + one["units"]
    service.decide_refund(case_id, units, amount_minor=body["amount_minor"], actor=actor())
    return _shown(case_id)


@bp.route("/cases/<id:case_id>/refund/withdrawal", methods=["POST"])
@needs(P.CASE_SETTLE)
@bp.arguments(schemas.Nothing)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def take_back_refund(_body: dict[str, Any], case_id: int) -> Response:
    """Take back which units are refunded, while nothing of it was settled."""
    service.take_back_refund(case_id, actor=actor())
    return _shown(case_id)


@bp.route("/cases/<id:case_id>/amounts", methods=["POST"])
@needs(P.CASE_SETTLE)
@bp.arguments(schemas.CaseExpectIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def expect(body: dict[str, Any], case_id: int) -> Response:
    """Decide freight or compensation, in place of what was decided before."""
    service.expect(case_id, body["part"], body["amount_minor"], actor=actor())
    return _shown(case_id)


@bp.route("/cases/<id:case_id>/settlements", methods=["POST"])
@needs(P.CASE_SETTLE)
@bp.arguments(schemas.CaseSettlementIn)
@keyed(required=True)
@bp.response(200, schemas.CaseResolutionOut)
def settle(body: dict[str, Any], case_id: int) -> Response:
    """Note money as paid, and where it went; never more than was decided."""
    paid = Paid(body["amount_minor"], body["destination"], body["account"], body["reference"])
    refunding_case.settle_case(case_id, body["part"], paid, actor=actor())
    return _shown(case_id)


@bp.route("/cases/<id:case_id>/settlements/<id:settlement_id>/withdrawal", methods=["POST"])
@needs(P.CASE_SETTLE)
@bp.arguments(schemas.CaseWhyIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def take_back_settlement(body: dict[str, Any], case_id: int, settlement_id: int) -> Response:
    """Take back a wrong entry, once."""
    service.take_back_settlement(case_id, settlement_id, body["reason"], actor=actor())
    return _shown(case_id)


@bp.route("/cases/<id:case_id>/replacements", methods=["POST"])
@needs(P.REPLACEMENT_MAKE)
@bp.arguments(schemas.ReplacementIn)
@keyed(required=True)
@bp.response(201, schemas.CaseResolutionOut)
def make_replacement(body: dict[str, Any], case_id: int) -> Response:
    """Let goods go out again, as an order of their own."""
    lines = [LineWanted(**line) for line in body["lines"]]
    wanted = Wanted(body["kind"], lines, body["ship_to"], body["waits_for_goods"], body["due_at"])
    made = replacements.make(case_id, wanted, actor=actor())
    return _shown(case_id, 201, location=f"/orders/{made.outbound_id}")


@bp.route("/replacements/<id:replacement_id>/release", methods=["POST"])
@needs(P.REPLACEMENT_MAKE)
@bp.arguments(schemas.SendAheadIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def send_ahead(body: dict[str, Any], replacement_id: int) -> Response:
    """Let it go before the goods are here; they are expected back by then."""
    return _shown(replacements.send_ahead(replacement_id, body["due_at"], actor=actor()).case_id)


@bp.route("/replacements/<id:replacement_id>/difference", methods=["POST"])
@needs(P.CASE_SETTLE)
@bp.arguments(schemas.ReplacementDifferenceIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def settle_difference(body: dict[str, Any], replacement_id: int) -> Response:
    """Note how the difference was settled; it is never charged by itself."""
    return _shown(replacements.settle_difference(replacement_id, Settling(**body), actor=actor()).case_id)


@bp.route("/replacements/<id:replacement_id>/goods-not-back", methods=["POST"])
@needs(P.CASE_SETTLE)
@bp.arguments(schemas.GoodsNotBackIn)
@keyed(required=True)
@bp.response(200, schemas.CaseResolutionOut)
def goods_not_back(body: dict[str, Any], replacement_id: int) -> Response:
    """Goods that it was sent ahead of never come: they are charged, as an amount that is owed, or waived."""
    return _shown(replacements.decide_not_back(replacement_id, Missed(**body), actor=actor()).case_id)


@bp.route("/replacements/<id:replacement_id>/cancellation", methods=["POST"])
@needs(P.REPLACEMENT_MAKE)
@bp.arguments(schemas.CaseWhyIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def cancel_replacement(body: dict[str, Any], replacement_id: int) -> Response:
    """It goes out no more; while its parcel is not printed."""
    return _shown(replacements.cancel(replacement_id, body["reason"], actor=actor()).case_id)


@bp.route("/replacements/<id:replacement_id>/return", methods=["POST"])
@needs(P.REPLACEMENT_MAKE)
@bp.arguments(Nothing)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def expect_replacement(_body: dict[str, Any], replacement_id: int) -> Response:
    """The customer keeps the first goods and sends this back; the dock inspects it, then it can be undone."""
    return _shown(replacements.expect_back(replacement_id, actor=actor()).case_id)


@bp.route("/replacements/<id:replacement_id>/undoing", methods=["POST"])
@needs(P.REPLACEMENT_MAKE)
@bp.arguments(schemas.CaseWhyIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def undo_replacement(body: dict[str, Any], replacement_id: int) -> Response:
    """It came back, and the customer keeps the first goods."""
    return _shown(replacements.undo(replacement_id, body["reason"], actor=actor()).case_id)


@bp.route("/cases/<id:case_id>/ending", methods=["POST"])
@needs(P.CASE_CLOSE)
@bp.arguments(schemas.CaseEndIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def end(body: dict[str, Any], case_id: int) -> Response:
    """Close a case whose five balances are even."""
    closing_case.close_case(case_id, Ended(**body), actor=actor())
    return _shown(case_id)


@bp.route("/cases/<id:case_id>/ending/open", methods=["POST"])
@needs(P.CASE_END_OPEN)
@bp.arguments(schemas.CaseEndIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def end_open(body: dict[str, Any], case_id: int) -> Response:
    """Close a case with a balance open; the outcome says why."""
    closing_case.close_open_case(case_id, Ended(**body), actor=actor())
    return _shown(case_id)


@bp.route("/cases/<id:case_id>/ending/refunded", methods=["POST"])
@needs(P.CASE_SETTLE)
@bp.arguments(schemas.CaseEndIn)
@keyed(required=True)
@bp.response(200, schemas.CaseResolutionOut)
def refund_and_end(body: dict[str, Any], case_id: int) -> Response:
    """The everyday case in one request: the paid share back on the platform, no invoice, closed."""
    closing_case.refund_and_close(case_id, Ended(**body), actor=actor())
    return _shown(case_id)


@bp.route("/cases/<id:case_id>/statement")
@needs(P.CASE_READ)
@bp.response(200, schemas.CaseStatementOut)
def statement(case_id: int) -> Response:
    """Every unit and amount over the chain of cases that this one belongs to."""
    found = queries.case_by_id(case_id, actor())
    chain = case_chain.chain_of(found, actor())
    sees = actor().may(P.MONEY_READ, found.store_id)
    totals = {part: Amount(chain.expected_minor(part), chain.settled_minor(part)) for part in AmountPart}
    cases = [
        {
            "case_id": str(link.id), "number": link.number, "kind": str(link.kind), "phase": str(link.phase),
            "order_id": str(link.order_id), "units": sum(unit.quantity for unit in link.units),
            "units_refunded": sum(unit.refunding for unit in link.units),
            "units_replaced": sum(unit.replacing for unit in link.units), "units_back": link.goods.arrived,
            "amounts": _amounts(link.amounts, link.currency, sees=sees),
        }
        for link in chain.links
    ]  # fmt: skip
    return answer({"cases": cases, "totals": _amounts(totals, chain.links[0].currency, sees=sees)})


@bp.route("/invoices")
@needs(P.INVOICE_DO)
@bp.arguments(schemas.InvoicesPage, location="query")
@bp.response(200, schemas.Invoices)
def invoices(asked: dict[str, Any]) -> Response:
    """Documents that finance has to issue."""
    after = paging.decode(asked["cursor"], (int,))[0] if asked["cursor"] else 0
    limit = asked["limit"]
    rows = settling.open_invoice_tasks(actor(), after=after, limit=limit + 1)
    slugs = {store.id: store.slug for store in staff.stores_of(actor())}
    items = [
        {
            "id": str(row.id), "store": slugs[row.store_id], "kind": str(row.kind), "case_number": row.case_number,
            "order_id": str(row.order_id), "order_number": row.order_number, "opened_at": at_text(row.opened_at),
        }
        for row in rows[:limit]
    ]  # fmt: skip
    return answer({"items": items, "next": paging.encode(rows[limit - 1].id) if len(rows) > limit else None})


@bp.route("/invoices/<id:task_id>", methods=["POST"])
@needs(P.INVOICE_DO)
@bp.arguments(schemas.InvoiceDocumentIn)
@keyed()
@bp.response(200, schemas.InvoiceTaskOut)
def do_invoice(body: dict[str, Any], task_id: int) -> Response:
    """Note the number of the document that was issued."""
    return answer(_task(service.do_invoice(task_id, body["reference"], actor=actor())))


def _shown(case_id: int, status: int = 200, *, location: str | None = None) -> Response:
    case = queries.case_by_id(case_id, actor())
    order = orders.order_by_id(case.order_id, case.store_id)
    sees = actor().may(P.MONEY_READ, case.store_id)
    now = case_balances.balances(case)
    body = {
        "case_id": str(case.id),
        "phase": str(case.phase),
        "resolutions": [str(row.kind) for row in settling.resolutions_of(case)],
        "invoice_sent": case.invoice_sent,
        "lines": [
            {
                "line_id": str(line.line_id), "title": line.title, "quantity": line.quantity,
                "refunding": line.refunding, "replacing": line.replacing,
                "refund": money(line.refund_minor, order.currency, visible=sees),
                "refunded": money(line.refunded_minor, order.currency, visible=sees),
            }
            for line in settling.lines_of(case)
        ],
        "amounts": _amounts(now.amounts, order.currency, sees=sees),
        "settlements": [
            {
                "id": str(row.id), "part": str(row.part),
                "amount": money(row.amount_minor, order.currency, visible=sees),
                "destination": str(row.destination), "account": str(row.account) if row.account else None,
                "reference": row.reference, "noted_at": at_text(row.noted_at),
                "taken_back_at": at_text(row.taken_back_at),
            }
            for row in settling.settlements_of(case)
        ],
        "invoice_tasks": [_task(task) for task in settling.tasks_of(case)],
        "replacements": _replacements(case, sees=sees),
        "balances": [{"part": str(part), "is_open": now.is_open(part)} for part in BalancePart],
        "ending": str(case.ending) if case.ending else None,
        "fault": str(case.fault) if case.fault else None,
    }  # fmt: skip
    return answer(body, status, location=location)


def _amounts(amounts: Mapping[AmountPart, Amount], currency: str, *, sees: bool) -> list[dict[str, Any]]:
    return [
        {
            "part": str(part), "expected": money(one.expected_minor, currency, visible=sees),
            "settled": money(one.settled_minor, currency, visible=sees),
        }
        for part, one in amounts.items()
    ]  # fmt: skip


def _task(task: Any) -> dict[str, Any]:
    return {
        "id": str(task.id), "kind": str(task.kind), "reference": task.reference, "done_at": at_text(task.done_at)
    }  # fmt: skip


def _replacements(case: Case, *, sees: bool) -> list[dict[str, Any]]:
    rows = replacement_queries.of_case(case.id, case.store_id)
    outbound = replacement_queries.outbound_of([row.id for row in rows], case.store_id)
    return [_replacement(row, outbound[row.id], sees=sees) for row in rows]


def _replacement(row: Replacement, order: Any, *, sees: bool) -> dict[str, Any]:
    return {
        "id": str(row.id), "number": order.number, "order_id": str(order.id), "kind": str(row.kind),
        "state": str(row.state), "readiness": str(order.readiness),
        "stages": [str(stage) for stage in replacement_queries.out(row).stages],
        "waits_for_goods": row.waits_for_goods, "due_at": at_text(row.due_at),
        "difference_minor": row.difference_minor if sees else None,
        "settled_how": str(row.settled_how) if row.settled_how else None, "undone_at": at_text(row.undone_at),
    }  # fmt: skip
