"""Goods that go out again for a case."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.core.permissions import Permission
from shopdesk.desk.api.resolving.blueprint import bp
from shopdesk.desk.api.resolving.showing import shown
from shopdesk.desk.schemas import resolving as schemas
from shopdesk.replacements import service as replacements
from shopdesk.replacements.service import LineWanted, Missed, Settling, Wanted
from shopdesk.web.api import Nothing
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

P = Permission


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
    return shown(case_id, 201, location=f"/orders/{made.outbound_id}")


@bp.route("/replacements/<id:replacement_id>/release", methods=["POST"])
@needs(P.REPLACEMENT_MAKE)
@bp.arguments(schemas.SendAheadIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def send_ahead(body: dict[str, Any], replacement_id: int) -> Response:
    """Let it go before the goods are here; they are expected back by then."""
    return shown(replacements.send_ahead(replacement_id, body["due_at"], actor=actor()).case_id)


@bp.route("/replacements/<id:replacement_id>/waybills", methods=["POST"])
@needs(P.REPLACEMENT_MAKE)
@bp.arguments(schemas.ReplacementWaybillIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def tell_waybill(body: dict[str, Any], replacement_id: int) -> Response:
    """Note the waybill under which it goes out, where its papers are printed elsewhere; it moves no stage."""
    told = replacements.tell_waybill(replacement_id, body["number"], carrier=body["carrier"], actor=actor())
    return shown(told.case_id)


@bp.route("/replacements/<id:replacement_id>/difference", methods=["POST"])
@needs(P.CASE_SETTLE)
@bp.arguments(schemas.ReplacementDifferenceIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def settle_difference(body: dict[str, Any], replacement_id: int) -> Response:
    """Note how the difference was settled; it is never charged by itself."""
    return shown(replacements.settle_difference(replacement_id, Settling(**body), actor=actor()).case_id)


@bp.route("/replacements/<id:replacement_id>/goods-not-back", methods=["POST"])
@needs(P.CASE_SETTLE)
@bp.arguments(schemas.GoodsNotBackIn)
@keyed(required=True)
@bp.response(200, schemas.CaseResolutionOut)
def goods_not_back(body: dict[str, Any], replacement_id: int) -> Response:
    """Goods that it was sent ahead of never come: they are charged, as an amount that is owed, or waived."""
    return shown(replacements.decide_not_back(replacement_id, Missed(**body), actor=actor()).case_id)


@bp.route("/replacements/<id:replacement_id>/cancellation", methods=["POST"])
@needs(P.REPLACEMENT_MAKE)
@bp.arguments(schemas.CaseWhyIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def cancel_replacement(body: dict[str, Any], replacement_id: int) -> Response:
    """It goes out no more; while its parcel is not printed."""
    return shown(replacements.cancel(replacement_id, body["reason"], actor=actor()).case_id)


@bp.route("/replacements/<id:replacement_id>/return", methods=["POST"])
@needs(P.REPLACEMENT_MAKE)
@bp.arguments(Nothing)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def expect_replacement(_body: dict[str, Any], replacement_id: int) -> Response:
    """The customer keeps the first goods and sends this back; the dock inspects it, then it can be undone."""
    return shown(replacements.expect_back(replacement_id, actor=actor()).case_id)


@bp.route("/replacements/<id:replacement_id>/undoing", methods=["POST"])
@needs(P.REPLACEMENT_MAKE)
@bp.arguments(schemas.CaseWhyIn)
@keyed()
@bp.response(200, schemas.CaseResolutionOut)
def undo_replacement(body: dict[str, Any], replacement_id: int) -> Response:
    """It came back, and the customer keeps the first goods."""
    return shown(replacements.undo(replacement_id, body["reason"], actor=actor()).case_id)
