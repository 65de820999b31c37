"""The fast lane of the order page, in one request."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.cases.states import Reason
from shopdesk.core.permissions import Permission
from shopdesk.desk.api.case_work import state_of
from shopdesk.desk.schemas import cases as schemas
from shopdesk.desk.service import take_one_back
from shopdesk.returns import queries as returns
from shopdesk.web.api import DeskBlueprint, answer
from shopdesk.web.guard import actor, needs
from shopdesk.web.locale import label
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_everyday", __name__, tag="cases")


@bp.route("/orders/<id:order_id>/everyday-return", methods=["POST"])
@needs(Permission.RETURN_CONFIRM)
@bp.arguments(schemas.EverydayReturnIn)
@keyed(required=True)
@bp.response(201, schemas.EverydayReturnOut)
def take_back(body: dict[str, Any], order_id: int) -> Response:
    """One unit, in time, without a reason: its case is opened and accepted, and the unit may come back.

    By somebody of after-sale, who serves the customer from then on.  409 `not_everyday`: several units, out of time
    without an `exception`, not delivered yet, or a case is open already; then a case and its return are opened one
    after the other.
    """
    wish = body["wish"] or label(Reason.UNWANTED)
    case = take_one_back(order_id, wish, exception=body["exception"], actor=actor())
    (back,) = returns.of_case(case.id, case.store_id)
    return answer({**state_of(case), "return_id": str(back.id)}, 201, location=f"/cases/{case.id}")
