"""Parcels that come back: signed in, opened, inspected, put away, matched."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.core import pictures
from shopdesk.core.permissions import Permission
from shopdesk.returns import service
from shopdesk.returns.models import Arrival
from shopdesk.returns.queries import docks
from shopdesk.returns.service import Decided, Found
from shopdesk.warehouse.queries import docking
from shopdesk.warehouse.schemas import arrivals as schemas
from shopdesk.web.api import DeskBlueprint, Nothing, answer, at_text
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed
from shopdesk.web.photos import BINARY, body_of, sent
from shopdesk.web.pictures import picture

bp = DeskBlueprint("api_arrivals", __name__, tag="arrivals")


@bp.route("/arrivals", methods=["POST"])
@needs(Permission.ARRIVAL_SIGN)
@bp.arguments(schemas.ArrivalIn)
@keyed(required=True)
@bp.response(200, schemas.SignedOut)
def sign_in(body: dict[str, Any]) -> Response:
    """Take a returned parcel in: known, unknown, already here, or `stop`.  The same parcel twice is one arrival."""
    done = service.sign_in(
        body["waybill"], body["warehouse_id"], place=body["place"], happened_at=body["happened_at"], actor=actor()
    )
    return answer(docking.signed(done, actor()))


@bp.route("/arrivals")
@needs(Permission.ARRIVAL_READ)
@bp.arguments(schemas.ArrivalsAsked, location="query")
@bp.response(200, schemas.ArrivalsOut)
def list_arrivals(asked: dict[str, Any]) -> Response:
    """Parcels of the warehouses that serve your stores, the longest waiting first."""
    chosen = []
    if asked["state"] is not None:
        chosen.append(Arrival.state == asked["state"])
    if asked["which"] == "unknown":
        chosen.append(docks.is_unknown())
    rows = docks.arrivals(actor(), *chosen, limit=asked["limit"])
    return answer({"items": [docking.arrival(row) for row in rows]})


@bp.route("/arrivals/<id:arrival_id>")
@needs(Permission.ARRIVAL_READ)
@bp.response(200, schemas.WholeArrivalOut)
def show_arrival(arrival_id: int) -> Response:
    """One parcel: expected, found, where its units went; while nobody matched it, the returns it may be for."""
    return _whole(docks.load_arrival(arrival_id, actor()))


@bp.route("/arrivals/<id:arrival_id>/opening", methods=["POST"])
@needs(Permission.ARRIVAL_INSPECT)
@bp.arguments(Nothing)
@keyed(required=True)
@bp.response(200, schemas.WholeArrivalOut)
def open_parcel(_body: dict[str, Any], arrival_id: int) -> Response:
    """It is unpacked now."""
    return _whole(service.open_arrival(arrival_id, actor=actor()))


@bp.route("/arrivals/<id:arrival_id>/findings", methods=["POST"])
@needs(Permission.ARRIVAL_INSPECT)
@bp.arguments(schemas.FindingsIn)
@keyed(required=True)
@bp.response(200, schemas.WholeArrivalOut)
def inspect(body: dict[str, Any], arrival_id: int) -> Response:
    """Write down all that was in it; with `seen_version` an inspection is corrected.

    422 `surplus`: more than was expected, or other goods; count again, or send it with `whose`.
    409 `inspected_already` says who was quicker; `put_away_already`, `case_closed`, `decided_already`: it stands.
    """
    found = [Found(**row) for row in body["items"]]
    if body["seen_version"] is not None:
        return _whole(service.correct(arrival_id, found, seen_version=body["seen_version"], actor=actor()))
    return _whole(service.inspect(arrival_id, found, actor=actor()))


@bp.route("/arrivals/<id:arrival_id>/dispositions", methods=["POST"])
@needs(Permission.ARRIVAL_INSPECT)
@bp.arguments(schemas.DispositionsIn)
@keyed(required=True)
@bp.response(200, schemas.WholeArrivalOut)
def put_away(body: dict[str, Any], arrival_id: int) -> Response:
    """Say where units of its findings go; all of them or none.  409 `put_away_already` says how many are left."""
    service.dispose(arrival_id, [Decided(**row) for row in body["items"]], actor=actor())
    return _whole(docks.load_arrival(arrival_id, actor()))


@bp.route("/arrivals/<id:arrival_id>/matches", methods=["POST"])
@needs(Permission.ARRIVAL_MATCH)
@bp.arguments(schemas.MatchIn)
@keyed(required=True)
@bp.response(200, schemas.WholeArrivalOut)
def match(body: dict[str, Any], arrival_id: int) -> Response:
    """Say that it holds goods of a return."""
    return _whole(service.match(arrival_id, body["return_id"], actor=actor()))


@bp.route("/arrivals/<id:arrival_id>/unmatching", methods=["POST"])
@needs(Permission.ARRIVAL_MATCH)
@bp.arguments(schemas.MatchIn)
@keyed(required=True)
@bp.response(200, schemas.WholeArrivalOut)
def unmatch(body: dict[str, Any], arrival_id: int) -> Response:
    """Take a match back; 409 `found_already` once something was found for it."""
    return _whole(service.unmatch(arrival_id, body["return_id"], actor=actor()))


@bp.route("/arrivals/<id:arrival_id>/description", methods=["POST"])
@needs(Permission.ARRIVAL_MATCH)
@bp.arguments(schemas.BoxIn)
@keyed(required=True)
@bp.response(200, schemas.WholeArrivalOut)
def describe(body: dict[str, Any], arrival_id: int) -> Response:
    """Write down what stands on the box, so that its return can be found; the answer carries the candidates."""
    return _whole(service.describe(arrival_id, **body, actor=actor()))


@bp.route("/arrivals/<id:arrival_id>/cases", methods=["POST"])
@needs(Permission.ARRIVAL_MATCH)
@bp.arguments(schemas.CaseForGoodsIn)
@keyed(required=True)
@bp.response(200, schemas.CaseForGoodsOut)
def open_case(body: dict[str, Any], arrival_id: int) -> Response:
    """Make a case for goods without one, or take the one that is open; after-sale confirms the return."""
    rows = body["units"]
    units = None if rows is None else {row["line_id"]: row["quantity"] for row in rows}
    case = service.open_for_goods(arrival_id, body["order_id"], units, actor=actor())
    return answer({"case_id": str(case.id), "case_number": case.number, "phase": str(case.phase)})


@bp.route("/arrivals/<id:arrival_id>/photos")
@needs(Permission.ARRIVAL_READ)
@bp.response(200, schemas.ArrivalPhotosOut)
def list_photos(arrival_id: int) -> Response:
    """Photos of the box and of what was in it."""
    return answer(_photos(docks.load_arrival(arrival_id, actor())))


@bp.route("/arrivals/<id:arrival_id>/photos", methods=["POST"])
@bp.doc(requestBody=body_of(service.MOST_PHOTOS))
@needs(Permission.ARRIVAL_INSPECT)
@keyed()
@bp.response(201, schemas.ArrivalPhotosOut)
def add_photos(arrival_id: int) -> Response:
    """Add photos: parts named `photos`, or one alone as the body; at most 9 a parcel, drawn anew without EXIF."""
    docks.load_arrival(arrival_id, actor(), Permission.ARRIVAL_INSPECT)
    taken = [pictures.tidy(content) for content in sent(service.MOST_PHOTOS)]
    row = service.add_photos(arrival_id, taken, actor=actor())
    return answer(_photos(row), 201, location=f"/arrivals/{row.id}/photos")


@bp.route("/arrivals/<id:arrival_id>/photos/<id:picture_id>")
@needs(Permission.ARRIVAL_READ)
@bp.response(200, BINARY, content_type="image/jpeg")
def show_photo(arrival_id: int, picture_id: int) -> Response:
    """One photo, as a JPEG."""
    return picture(docks.photo(docks.load_arrival(arrival_id, actor()), picture_id).sha256)


def _photos(row: Arrival) -> dict[str, Any]:
    return {
        "items": [
            {"id": str(one.id), "width": one.width, "height": one.height, "bytes": one.bytes,
             "added_at": at_text(one.added_at)}
            for one in docks.photos(row)
        ]
    }  # fmt: skip


def _whole(row: Arrival) -> Response:
    return answer(docking.whole(row, actor()))
