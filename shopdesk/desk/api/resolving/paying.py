"""Money of a case by hand."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.cases import service
from shopdesk.cases.service import Paid
from shopdesk.core.permissions import Permission
from shopdesk.desk.api.resolving.blueprint import bp
from shopdesk.desk.api.resolving.showing import shown
from shopdesk.desk.schemas import resolving as schemas
from shopdesk.desk.service import refunding_case
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

P = Permission


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
    return shown(case_id)


@bp.route("/cases/<id:case_id>/refund/withdrawal", methods=["POST"])
@needs(P.CASE_SETTLE)
@bp.arguments(schemas.Nothing)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def take_back_refund(_body: dict[str, Any], case_id: int) -> Response:
    """Take back which units are refunded, while nothing of it was settled."""
    service.take_back_refund(case_id, actor=actor())
    return shown(case_id)


@bp.route("/cases/<id:case_id>/amounts", methods=["POST"])
@needs(P.CASE_SETTLE)
@bp.arguments(schemas.CaseExpectIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def expect(body: dict[str, Any], case_id: int) -> Response:
    """Decide freight or compensation, in place of what was decided before."""
    service.expect(case_id, body["part"], body["amount_minor"], actor=actor())
    return shown(case_id)


@bp.route("/cases/<id:case_id>/settlements", methods=["POST"])
@needs(P.CASE_SETTLE)
@bp.arguments(schemas.CaseSettlementIn)
@keyed(required=True)
@bp.response(200, schemas.CaseResolutionOut)
def settle(body: dict[str, Any], case_id: int) -> Response:
    """Note money as paid, and where it went; never more than was decided."""
    paid = Paid(body["amount_minor"], body["destination"], body["account"], body["reference"])
    refunding_case.settle_case(case_id, body["part"], paid, actor=actor())
    return shown(case_id)


@bp.route("/cases/<id:case_id>/settlements/<id:settlement_id>/withdrawal", methods=["POST"])
@needs(P.CASE_SETTLE)
@bp.arguments(schemas.CaseWhyIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def take_back_settlement(body: dict[str, Any], case_id: int, settlement_id: int) -> Response:
    """Take back a wrong entry, once."""
    service.take_back_settlement(case_id, settlement_id, body["reason"], actor=actor())
    return shown(case_id)
