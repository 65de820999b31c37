"""Scans: one, or what was kept while the line was gone; packing and shipping by the parcel's id."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.changes import service as changes
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Permission
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel
from shopdesk.warehouse import queries, service
from shopdesk.warehouse.schemas import scans as schemas
from shopdesk.warehouse.states import MOVING, Mode, Scan
from shopdesk.web.api import DeskBlueprint, Nothing, answer
from shopdesk.web.errors import message_of
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed, keyed_rows, once_per_part

bp = DeskBlueprint("api_scans", __name__, tag="scans")


@bp.route("/scans", methods=["POST"])
@needs(Permission.PARCEL_PACK)
@bp.arguments(schemas.ScanIn)
@keyed(required=True)
@bp.response(200, schemas.ScanOut)
def scan(body: dict[str, Any]) -> Response:
    """Pack or ship what was scanned: a held, voided or superseded one is a result (`stop`), not an error.

    Or hand out and take back what is recalled: there a refusal is an error, with the reason in words; only an old
    waybill is a `stop` in every mode.
    """
    return answer(_scanned(body))


@bp.route("/scans/batch", methods=["POST"])
@needs(Permission.PARCEL_PACK)
@bp.arguments(schemas.ScansIn)
@keyed_rows
@bp.response(200, schemas.ScansOut)
def scan_batch(body: dict[str, Any]) -> Response:
    """Up to 500 scans in the order in which they were made, each in a transaction of its own, a result per row."""
    return answer({"items": [_row(index, row) for index, row in enumerate(body["items"])]})


@bp.route("/parcels/<id:parcel_id>/packing", methods=["POST"])
@needs(Permission.PARCEL_PACK)
@bp.arguments(Nothing)
@keyed(required=True)
@bp.response(200, schemas.ScanOut)
def pack(_body: dict[str, Any], parcel_id: int) -> Response:
    """Pack a parcel; refused (409, with the codes why) while it is held, not ready, voided or on old papers."""
    return answer(queries.told(service.move(parcel_id, Mode.PACK, actor=actor())))


@bp.route("/parcels/<id:parcel_id>/shipping", methods=["POST"])
@needs(Permission.PARCEL_SHIP)
@bp.arguments(Nothing)
@keyed(required=True)
@bp.response(200, schemas.ScanOut)
def ship(_body: dict[str, Any], parcel_id: int) -> Response:
    """Ship a parcel; refused as packing is.  `already`: it has left before."""
    return answer(queries.told(service.move(parcel_id, Mode.SHIP, actor=actor())))


@bp.route("/parcels/<id:parcel_id>/recall/found", methods=["POST"])
@needs(Permission.PARCEL_PACK)
@bp.arguments(Nothing)
@keyed(required=True)
@bp.response(200, schemas.ScanOut)
def found(_body: dict[str, Any], parcel_id: int) -> Response:
    """What is recalled of the parcel is in the warehouse's hands; one that was handed over is packed again and held.

    Refused (409) where somebody was first (`recall_answered`: who and when), the time is over (`time_over`), the
    courier has it (`not_pulled_back`) or nobody wants it back (`nothing_recalled`).
    """
    return answer(queries.told(_seen(changes.found(parcel_id, actor=actor()))))


@bp.route("/parcels/<id:parcel_id>/recall/too-late", methods=["POST"])
@needs(Permission.PARCEL_SHIP)
@bp.arguments(Nothing)
@keyed(required=True)
@bp.response(200, schemas.ScanOut)
def too_late(_body: dict[str, Any], parcel_id: int) -> Response:
    """It has left: a fact, also where somebody had found it; each open wish goes on as a case.

    Then `reasons` name `found_before`, and `parcel.recalls` say who found it when (`found_by`, `found_at`).
    Nobody asks a courier by this.  Refused (409, `recall_answered`) where it has left and nothing waits for an answer.
    """
    return answer(queries.told(service.gone(changes.too_late(parcel_id, actor=actor()))))


def _seen(parcel: Parcel) -> Scan:
    return service.seen(parcel, parcels.barcode(parcel.id))


def _scanned(row: dict[str, Any]) -> dict[str, Any]:
    return queries.told(_done(row))


def _done(row: dict[str, Any]) -> Scan:
    mode = row["mode"]
    if mode in MOVING:
        return service.scan(row["code"], mode, happened_at=row.get("happened_at"), actor=actor())
    if mode is Mode.RECALL:
        return service.look(row["code"], actor=actor())
    counted = row["counted"]
    given = service.Given(
        to=row["to"], grams=row["grams"], version=row["version"],
        counted=None if counted is None else {line["line_id"]: line["quantity"] for line in counted},
    )  # fmt: skip
    return service.hand(row["code"], mode, given, actor=actor())


def _row(index: int, row: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"index": index, "scan": once_per_part(index, lambda: _scanned(row)), "refused": None}
    except DomainError as error:
        refused = {"error": error.code, "message": message_of(error), "facts": dict(error.facts)}
        return {"index": index, "scan": None, "refused": refused}
