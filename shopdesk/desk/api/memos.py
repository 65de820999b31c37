"""Memos of an order, and the whole text for the platform."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.changes import service as changes
from shopdesk.core.permissions import Permission
from shopdesk.desk import service
from shopdesk.desk.api.whole import memo_json
from shopdesk.desk.queries import MemoView
from shopdesk.desk.schemas import orders as schemas
from shopdesk.orders import queries as orders
from shopdesk.orders import service as order_service
from shopdesk.web.api import DeskBlueprint, Nothing, answer
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_memos", __name__, tag="orders")


@bp.route("/orders/<id:order_id>/memos", methods=["POST"])
@needs(Permission.MEMO_WRITE)
@bp.arguments(schemas.MemoIn)
@keyed()
@bp.response(201, schemas.MemoOut)
def write_memo(body: dict[str, Any], order_id: int) -> Response:
    """Write a memo; date and name are put behind it, printing gets a notice while the parcel is here."""
    memo = changes.write_note(order_id, body["text"], flag=body["flag"], actor=actor())
    order = orders.order_by_id(memo.order_id, memo.store_id)
    rows = orders.memos(order.id, order.store_id)
    lines = dict(zip((row.id for row in rows), orders.memo_lines(order), strict=True))
    return answer(memo_json(MemoView(memo, lines[memo.id])), 201, location=f"/orders/{order_id}")


@bp.route("/orders/<id:order_id>/memo-text", methods=["POST"])
@needs(Permission.MEMO_WRITE)
@bp.arguments(schemas.MemoTextIn)
@keyed(private=True)
@bp.response(200, schemas.MemoText)
def copy_memo(body: dict[str, Any], order_id: int) -> Response:
    """The whole text for the platform's memo field, personal values written out; the copy is on record.

    Where `fits` is false, ask again with `shorter`: older lines are cut where `…` stands, the desk keeps every word.
    """
    text, measured = service.copy_memo(order_id, shorter=body["shorter"], actor=actor())
    return answer({"text": text, "fits": measured.fits, **measured._asdict()})


@bp.route("/orders/<id:order_id>/memos/pasted", methods=["POST"])
@needs(Permission.MEMO_WRITE)
@bp.arguments(Nothing)
@keyed()
@bp.response(200, schemas.Pasted)
def tick_pasted(_body: dict[str, Any], order_id: int) -> Response:
    """Remember that the whole text stands in the platform."""
    return answer({"memos": order_service.tick_pasted(order_id, actor=actor())})
