"""How a case is resolved and how it ends: the ways, the invoice, the close, the statement."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.cases import queries, service
from shopdesk.cases.queries.settling import Amount
from shopdesk.cases.service import Ended
from shopdesk.cases.states import AmountPart
from shopdesk.core.permissions import Permission
from shopdesk.desk.api.resolving.blueprint import bp
from shopdesk.desk.api.resolving.showing import amounts_out, shown
from shopdesk.desk.queries import case_chain
from shopdesk.desk.schemas import resolving as schemas
from shopdesk.desk.service import closing_case
from shopdesk.web.api import answer
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

P = Permission


@bp.route("/cases/<id:case_id>/resolution")
@needs(P.CASE_READ)
@bp.response(200, schemas.CaseResolutionOut)
def show_resolution(case_id: int) -> Response:
    """How the case is resolved, its amounts, what goes out, its five balances."""
    return shown(case_id)


@bp.route("/cases/<id:case_id>/resolutions", methods=["POST"])
@needs(P.CASE_RESOLVE)
@bp.arguments(schemas.CaseWayIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def decide(body: dict[str, Any], case_id: int) -> Response:
    """Add a way in which the case is resolved; several stand beside each other."""
    closing_case.decide_resolution(case_id, body["resolution"], exception=body["exception"], actor=actor())
    return shown(case_id)


@bp.route("/cases/<id:case_id>/resolutions/withdrawal", methods=["POST"])
@needs(P.CASE_RESOLVE)
@bp.arguments(schemas.CaseWayBackIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def take_back(body: dict[str, Any], case_id: int) -> Response:
    """Take a way back of which nothing happened."""
    closing_case.take_back_resolution(case_id, body["resolution"], actor=actor())
    return shown(case_id)


@bp.route("/cases/<id:case_id>/invoice", methods=["POST"])
@needs(P.CASE_RESOLVE)
@bp.arguments(schemas.CaseInvoiceIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def answer_invoice(body: dict[str, Any], case_id: int) -> Response:
    """Say whether an invoice was sent with the order; yes makes finance's tasks."""
    service.answer_invoice(case_id, is_sent=body["sent"], actor=actor())
    return shown(case_id)


@bp.route("/cases/<id:case_id>/ending", methods=["POST"])
@needs(P.CASE_CLOSE)
@bp.arguments(schemas.CaseEndIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def end(body: dict[str, Any], case_id: int) -> Response:
    """Close a case whose five balances are even."""
    closing_case.close_case(case_id, Ended(**body), actor=actor())
    return shown(case_id)


@bp.route("/cases/<id:case_id>/ending/open", methods=["POST"])
@needs(P.CASE_END_OPEN)
@bp.arguments(schemas.CaseEndIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def end_open(body: dict[str, Any], case_id: int) -> Response:
    """Close a case with a balance open; the outcome says why."""
    closing_case.close_open_case(case_id, Ended(**body), actor=actor())
    return shown(case_id)


@bp.route("/cases/<id:case_id>/ending/refunded", methods=["POST"])
@needs(P.CASE_SETTLE)
@bp.arguments(schemas.CaseRefundEndIn)
@keyed(required=True)
@bp.response(200, schemas.CaseResolutionOut)
def refund_and_end(body: dict[str, Any], case_id: int) -> Response:
    """The everyday case in one request: the paid share back on the platform, no invoice, closed."""
    exception = body.pop("exception")
    closing_case.refund_and_close(case_id, Ended(**body), exception=exception, actor=actor())
    return shown(case_id)


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
            "went_out": [_out(out, sees=sees) for out in link.outs],
            "amounts": amounts_out(link.amounts, link.currency, sees=sees),
        }
        for link in chain.links
    ]  # fmt: skip
    return answer({"cases": cases, "totals": amounts_out(totals, chain.links[0].currency, sees=sees)})


def _out(out: case_chain.OutRow, *, sees: bool) -> dict[str, Any]:
    return {
        "number": out.number, "order_id": str(out.order_id), "kind": str(out.kind), "units": out.units,
        "shipped": out.shipped, "is_undone": not out.is_alive,
        "difference_minor": out.difference_minor if sees else None,
        "settled_how": str(out.settled_how) if out.settled_how else None,
        "settled_by": out.settled_by if sees else None,
    }  # fmt: skip
