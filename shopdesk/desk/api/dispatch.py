"""Pre-dispatch checks: a list in, what may be loaded; then the truck as it left."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.changes import queries, service
from shopdesk.changes.states import Purpose
from shopdesk.core.permissions import Permission
from shopdesk.desk.api.checks import check_json
from shopdesk.desk.api.showing import masked
from shopdesk.desk.schemas import checks as schemas
from shopdesk.web.api import DeskBlueprint, answer
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_dispatch_checks", __name__, tag="dispatch checks")


@bp.route("/dispatch-checks", methods=["POST"])
@needs(Permission.DISPATCH_CHECK)
@bp.arguments(schemas.CheckIn)
@keyed()
@bp.response(201, schemas.CheckOut)
def make_dispatch_check(body: dict[str, Any]) -> Response:
    """Check the waybills or order numbers that are about to be loaded: dispatchable, stop, gone, unknown."""
    check, rows = service.make_check(body["numbers"], actor=actor(), purpose=Purpose.DISPATCH)
    return answer(check_json(check, rows, masked(actor())), 201, location=f"/dispatch-checks/{check.id}")


@bp.route("/dispatch-checks/<id:load_id>")
@needs(Permission.DISPATCH_CHECK, scope="own")
@bp.response(200, schemas.CheckOut)
def show_dispatch_check(load_id: int) -> Response:
    """A check of one's own as it stands now."""
    check = queries.own_check(load_id, actor(), Purpose.DISPATCH)
    numbers = list(dict.fromkeys(row.pasted for row in queries.check_rows(check.id)))
    return answer(check_json(check, queries.look_at_truck(numbers, actor()), actor()))


@bp.route("/dispatch-checks/<id:load_id>/shipped", methods=["POST"])
@needs(Permission.PARCEL_SHIP, scope="own")
@bp.arguments(schemas.ShippedIn)
@keyed(required=True)
@bp.response(200, schemas.CheckOut)
def mark_shipped(body: dict[str, Any], load_id: int) -> Response:
    """What may leave has left with the truck; all or nothing (409 when a row is no longer as it was shown)."""
    check = service.mark_shipped(load_id, body["left_at"], actor=actor())
    numbers = list(dict.fromkeys(row.pasted for row in queries.check_rows(check.id)))
    return answer(check_json(check, queries.look_at_truck(numbers, actor()), masked(actor())))
