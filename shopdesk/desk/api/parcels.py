"""Parcels split, merged and sent from elsewhere; what a supplier is asked and answers."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Response

from shopdesk.changes import service
from shopdesk.changes.service import Reply
from shopdesk.core.permissions import Permission
from shopdesk.desk import service as desk
from shopdesk.desk.api.showing import change_json, masked
from shopdesk.desk.queries import change_view
from shopdesk.desk.schemas import ready as schemas
from shopdesk.desk.schemas.changes import ChangeOut
from shopdesk.orders import queries as orders
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel
from shopdesk.staff import queries as staff
from shopdesk.staff.models import WarehouseKind
from shopdesk.web.api import DeskBlueprint, Nothing, answer
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_parcels", __name__, tag="parcels")


@bp.route("/parcels/<id:parcel_id>/splitting", methods=["POST"])
@needs(Permission.PARCEL_REGROUP)
@bp.arguments(schemas.SplitIn)
@keyed()
@bp.response(201, schemas.RegroupedOut)
def split_parcel(body: dict[str, Any], parcel_id: int) -> Response:
    """Put units into a parcel of their own; only what is not printed, and without an open change."""
    units: Counter[int] = Counter()
    for row in body["units"]:
        units[row["line_id"]] += row["units"]
    made = service.split_parcel(parcel_id, units, actor=actor())
    return answer(_parcel(made), 201)


@bp.route("/parcels/<id:parcel_id>/merging", methods=["POST"])
@needs(Permission.PARCEL_REGROUP)
@bp.arguments(schemas.MergeIn)
@keyed()
@bp.response(200, schemas.RegroupedOut)
def merge_parcels(body: dict[str, Any], parcel_id: int) -> Response:
    """Put other parcels of the same buyer, address, store and warehouse into this one."""
    return answer(_parcel(service.merge_parcels([parcel_id, *body["parcels"]], actor=actor())))


@bp.route("/parcels/<id:parcel_id>/warehouse", methods=["POST"])
@needs(Permission.PARCEL_REGROUP)
@bp.arguments(schemas.FromIn)
@keyed()
@bp.response(200, schemas.RegroupedOut)
def ship_from(body: dict[str, Any], parcel_id: int) -> Response:
    """Send an unprinted parcel from another warehouse that serves the store, own or a supplier's."""
    return answer(_parcel(service.ship_from(parcel_id, body["warehouse_id"], actor=actor())))


@bp.route("/parcels/<id:parcel_id>/stage-seen", methods=["POST"])
@needs(Permission.PRINT_CHECK)
@bp.arguments(schemas.StageSeenIn)
@keyed()
@bp.response(200, schemas.StageSeenOut)
def confirm_stage(body: dict[str, Any], parcel_id: int) -> Response:
    """Two sources disagree, and somebody has looked: the parcel stands as it was shown, or as it is `chosen`.

    409 `stage_moved` where it has moved meanwhile, `not_contradicted` where nothing speaks against it any more,
    `not_told` where nobody tells the chosen stage, `own_hands` where our own hands had the parcel further on.
    """
    found = service.confirm_stage(parcel_id, body["stage"], chosen=body["chosen"], actor=actor())
    return answer({"id": str(found.id), "stage": str(found.stage)})


def _parcel(found: Parcel) -> dict[str, Any]:
    sender = staff.warehouse(found.warehouse_id)
    rows = parcels.parcel_lines([found.id], found.store_id)
    return {
        "id": str(found.id), "warehouse_id": str(sender.id), "warehouse": sender.name,
        "is_supplied": sender.kind is WarehouseKind.SUPPLIER,
        "units": [
            {"order_id": str(r.order_id), "line_id": str(r.line_id), "units": r.quantity} for r in rows if r.quantity
        ],
    }  # fmt: skip


@bp.route("/changes/<id:change_id>/steps/<id:n>/message-text", methods=["POST"])
@needs(Permission.SUPPLIER_ASK)
@bp.arguments(Nothing)
@keyed(private=True)
@bp.response(200, schemas.MessageText)
def copy_message(_body: dict[str, Any], change_id: int, n: int) -> Response:
    """The message of a step at a supplier's, personal values written out; the copy is on record."""
    return answer({"text": desk.copy_supplier_message(change_id, n, actor=actor())})


@bp.route("/changes/<id:change_id>/steps/<id:n>/message", methods=["POST"])
@needs(Permission.SUPPLIER_ASK)
@bp.arguments(schemas.SentIn)
@keyed()
@bp.response(200, ChangeOut)
def ask_supplier(body: dict[str, Any], change_id: int, n: int) -> Response:
    """Tick that the message of the step was sent to the supplier."""
    service.ask_supplier(change_id, n, body["via"], actor=actor(), seen_version=body["version"])
    return answer(_change(change_id))


@bp.route("/changes/<id:change_id>/steps/<id:n>/reply", methods=["POST"])
@needs(Permission.SUPPLIER_ASK)
@bp.arguments(schemas.ReplyIn)
@keyed(required=True)
@bp.response(200, ChangeOut)
def note_reply(body: dict[str, Any], change_id: int, n: int) -> Response:
    """Note their answer: done does the step, gone is the fact that it left, refused keeps the step open."""
    reply = Reply(body["answer"], body["text"], body["at"], body["waybill"], body["grams"])
    service.note_reply(change_id, n, reply, actor=actor(), seen_version=body["version"])
    return answer(_change(change_id))


def _change(change_id: int) -> dict[str, Any]:
    view = change_view(change_id, masked(actor()))
    currency = orders.order_by_id(view.change.order_id, view.change.store_id).currency
    return change_json(view, currency, actor())
