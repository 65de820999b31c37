"""Orders: looked up, shown whole, revealed on the record."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app

from shopdesk.changes.queries.options import options
from shopdesk.core import paging
from shopdesk.core.errors import Malformed
from shopdesk.core.permissions import Permission
from shopdesk.desk import service
from shopdesk.desk.api.showing import hit_json, option_json
from shopdesk.desk.api.whole import order_json
from shopdesk.desk.queries import Found, OrderView, hits_of, look_up, newest, order_view
from shopdesk.desk.schemas import orders as schemas
from shopdesk.desk.schemas.changes import OptionsOut
from shopdesk.orders.states import KeyKind
from shopdesk.web.api import DeskBlueprint, answer
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_orders", __name__, tag="orders")
TOP = 10**18  # above every id


@bp.route("/orders")
@needs(Permission.ORDER_READ)
@bp.arguments(schemas.LookUp, location="query")
@bp.response(200, schemas.Hits)
def list_orders(asked: dict[str, Any]) -> Response:
    """Look up as the search box does (order number, buyer, phone or its tail, waybill, name, SKU); else the newest."""
    before, given = _place(asked["cursor"])
    text, limit = asked["q"], asked["limit"]
    found = _newest(limit, before) if text is None else _look_up(text, limit, before, given)
    return answer(
        {
            "items": [hit_json(hit) for hit in hits_of(found.order_ids, actor())],
            "next": _following(found, before, given),
            "matched": found.matched,
            "missing": found.missing,
        }
    )


def _place(cursor: str | None) -> tuple[int | None, list[int]]:
    """(only ids below, ids that the first page put before their turn)."""
    if cursor is None:
        return None, []
    before, given = paging.decode(cursor, (int, list))
    if not 0 <= before <= TOP or len(given) > paging.MAX_LIMIT or any(type(i) is not int for i in given):
        raise Malformed("That is not a cursor of this list.", code="bad_cursor")
    return before, given


def _newest(limit: int, before: int | None) -> Found:
    ids = newest(actor(), limit=limit + 1, before=before)
    return Found(ids[:limit], None, [], [], len(ids) > limit)


def _look_up(text: str, limit: int, before: int | None, given: list[int]) -> Found:
    found = look_up(text, actor(), limit=limit + len(given), before=before)
    if found.matched == "list":  # a pasted list is one page, however long it is
        return found
    ids = [i for i in found.order_ids if i not in given]
    has_more = found.has_more or len(ids) > limit
    return Found(ids[:limit], found.matched, found.terms, found.missing, has_more)


def _following(found: Found, before: int | None, given: list[int]) -> str | None:
    """The first page of an exact key ranks its kinds; the pages after it go by id, without what it gave."""
    ids = found.order_ids
    if not found.has_more or not ids:
        return None
    if before is None and found.matched in set(KeyKind):
        return paging.encode(newest(actor(), limit=1, before=None)[0] + 1, ids)  # what comes in later stays out
    return paging.encode(ids[-1], [i for i in given if i < ids[-1]])


@bp.route("/orders/<id:order_id>")
@needs(Permission.ORDER_READ)
@bp.response(200, schemas.OrderOut)
def show_order(order_id: int) -> Response:
    """One order with its lines, parcels, changes, amendments and memos."""
    return answer(order_json(order_view(order_id, actor()), actor()))


@bp.route("/orders/<id:order_id>/options")
@needs(Permission.ORDER_READ)
@bp.response(200, OptionsOut)
def show_options(order_id: int) -> Response:
    """What this caller may do now, and why not otherwise."""
    view = order_view(order_id, actor())
    kinds = [option_json(option) for option in view.options]
    return answer({"order_id": str(order_id), "kinds": kinds, "parcels": _by_parcel(view)})


def _by_parcel(view: OrderView) -> list[dict[str, Any]]:
    found = []
    for shown in view.parcels:
        parcel = shown.parcel
        opened = {c.change.kind: c.change.id for c in view.open_changes if c.change.parcel_id == parcel.id}
        there = [parcel] if shown.units else []
        kinds = options(view.order, there, actor(), stale=view.stale, open_changes=opened, is_gone=True)
        shapes = [option_json(option) for option in kinds]
        found.append({"parcel_id": str(parcel.id), "stage": str(parcel.stage), "kinds": shapes})
    return found


@bp.route("/orders/<id:order_id>/reveal", methods=["POST"])
@needs(Permission.PERSONAL_REVEAL)
@bp.arguments(schemas.RevealIn)
@keyed(private=True)
@bp.response(200, schemas.Revealed)
def reveal(body: dict[str, Any], order_id: int) -> Response:
    """A personal value in clear, on the record.  Without a reason only within one's own open work."""
    quota = current_app.config["REVEALS_PER_DAY"]
    value = service.reveal(order_id, body["what"], reason=body["reason"], quota=quota, actor=actor())
    return answer({"what": str(body["what"]), "value": value})
