"""Stops: made, listed, ended; the orders they are about, and what their customers said."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from flask import Response

from shopdesk.changes import service as changes
from shopdesk.core import clock, paging
from shopdesk.core.errors import NotFound, RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.desk.schemas import stops as schemas
from shopdesk.parcels import service
from shopdesk.parcels.models import Stop
from shopdesk.parcels.queries import stops as queries
from shopdesk.parcels.queries.stops import Affected, StopRow
from shopdesk.parcels.service import Criteria, StopWanted
from shopdesk.parcels.states import StopReply, StopScope
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store
from shopdesk.staff.service.cut_offs import next_cut_off
from shopdesk.web.api import DeskBlueprint, Nothing, answer, at_text
from shopdesk.web.errors import message_of
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed, keyed_rows, once_per_part

stops = DeskBlueprint("api_stops", __name__, tag="stops")


@stops.route("/stops")
@needs(Permission.ORDER_READ)
@stops.arguments(schemas.AffectedPage, location="query")
@stops.response(200, schemas.Stops)
def list_stops(page: dict[str, Any]) -> Response:
    """The stops of the caller's stores, newest first."""
    before = paging.decode(page["cursor"], (int,))[0] if page["cursor"] else None
    rows = queries.newest_stops(actor(), limit=page["limit"] + 1, before=before)
    shown = rows[: page["limit"]]
    following = paging.encode(shown[-1].stop.id) if len(rows) > len(shown) else None
    return answer({"items": [_stop(row) for row in shown], "next": following})


@stops.route("/stores/<word:store>/stops", methods=["POST"])
@needs(Permission.STOP_WRITE)
@stops.arguments(schemas.StopIn)
@keyed()
@stops.response(201, schemas.StopOut)
def make_stop(body: dict[str, Any], store: str) -> Response:
    """Hold every parcel in the house that matches, and each that comes to match later, until the stop ends."""
    where = staff.store_by_slug(store, actor(), Permission.STOP_WRITE)
    phrase = body["phrase"]
    wanted = StopWanted(
        Criteria(body["scope"], body["sku"], body["carrier"], body["region"], _batch(body, where)), body["reason"],
        body["expires_at"] or next_cut_off(clock.now(), staff.warehouse(where.warehouse_id).cut_offs, where.zone),
        body["on_expiry"],
        phrase if phrase is not None else queries.offered_phrase(where.memo_language),
    )  # fmt: skip
    made = service.stop(where.id, wanted, actor=actor())
    return answer(_one(made), 201, location=f"/stops/{made.id}")


def _batch(body: dict[str, Any], where: Store) -> int | None:
    if body["scope"] is not StopScope.BATCH or not body["batch"]:
        return None
    found = queries.batch_id_of(body["batch"], where.id)
    if found is None:
        raise RuleViolation("There is no batch %(name)s in this store.", code="no_batch", name=body["batch"])
    return found


@stops.route("/stops/<id:stop_id>")
@needs(Permission.ORDER_READ)
@stops.response(200, schemas.StopOut)
def show_stop(stop_id: int) -> Response:
    """One stop with its figures."""
    return answer(_one(queries.stop_by_id(stop_id, actor())))


@stops.route("/stops/<id:stop_id>/orders")
@needs(Permission.ORDER_READ)
@stops.arguments(schemas.AffectedPage, location="query")
@stops.response(200, schemas.AffectedList)
def list_affected(page: dict[str, Any], stop_id: int) -> Response:
    """The orders that the stop holds or held, with the phrase for each and what its customer said."""
    found = queries.stop_by_id(stop_id, actor())
    after = paging.decode(page["cursor"], (int,))[0] if page["cursor"] else 0
    rows = queries.affected(found, limit=page["limit"] + 1, after=after)
    shown = rows[: page["limit"]]
    following = paging.encode(shown[-1].order_id) if len(rows) > len(shown) else None
    store = staff.store_by_id(found.store_id)
    goods = queries.goods_in(found, [row.order_id for row in shown], store.memo_language)
    return answer({"items": [_affected(row, found, store, goods[row.order_id]) for row in shown], "next": following})


@stops.route("/stops/<id:stop_id>/end", methods=["POST"])
@needs(Permission.STOP_WRITE)
@stops.arguments(Nothing)
@keyed()
@stops.response(200, schemas.StopOut)
def end_stop(_body: dict[str, Any], stop_id: int) -> Response:
    """End the stop and its holds; other stops and changes go on holding theirs."""
    return answer(_one(service.end_stop(stop_id, actor=actor())))


@stops.route("/stops/<id:stop_id>/answers", methods=["POST"], endpoint="answer")
@needs(Permission.STOP_ANSWER)
@stops.arguments(schemas.RepliesIn)
@keyed_rows
@stops.response(200, schemas.RepliesOut)
def note_answers(body: dict[str, Any], stop_id: int) -> Response:
    """Note what the customers of up to 500 of its orders said; all or none.

    `cancel` also asks to cancel each order, in the caller's name, 50 in a transaction; `refused` says where that cannot
    be.  There the answer is noted all the same, but not where the caller may not ask for changes.  After ten seconds
    `left` names what was not reached: send those again with a new key.
    """
    reply, parts = body["reply"], changes.parts_of(body["orders"], body["reply"])
    found = queries.stop_by_id(stop_id, actor())
    if len(queries.numbers_of(found.id, body["orders"], actor())) != sum(map(len, parts)):
        raise NotFound("There is no such thing here.")
    done: dict[str, Any] = {"answered": 0, "refused": [], "left": []}
    until = time.monotonic() + changes.SECONDS
    for index, ids in enumerate(parts):
        if index and time.monotonic() > until:
            done["left"] = [str(i) for part in parts[index:] for i in part]
            break
        one = once_per_part(index, partial(_answered, stop_id, ids, reply))
        done["answered"] += one["answered"]
        done["refused"] += one["refused"]
    return answer(done)


def _answered(stop_id: int, ids: list[int], reply: StopReply) -> dict[str, Any]:
    done = changes.answer_stop(stop_id, ids, reply, actor=actor())
    refused = [
        {"order": str(i), "error": why.code, "message": message_of(why), "facts": dict(why.facts)}
        for i, why in done.refused.items()
    ]
    return {"answered": done.noted, "refused": refused}


def _one(found: Stop) -> dict[str, Any]:
    return _stop(queries.stop_rows([found], actor())[0])


def _stop(row: StopRow) -> dict[str, Any]:
    found = row.stop
    return {
        "id": str(found.id), "store": staff.store_by_id(found.store_id).slug, "scope": str(found.scope),
        "sku": found.sku, "carrier": found.carrier, "region": found.region, "batch": row.batch,
        "reason": found.reason, "phrase": found.phrase, "made_at": at_text(found.made_at),
        "expires_at": at_text(found.expires_at), "on_expiry": str(found.on_expiry),
        "is_overdue": found.expired_at is not None and found.ended_at is None, "ended_at": at_text(found.ended_at),
        "held": row.held, "answers": row.answers,
    }  # fmt: skip


def _affected(row: Affected, found: Stop, store: Store, goods: str) -> dict[str, Any]:
    return {
        "order_id": str(row.order_id), "number": row.number, "is_held": row.is_held,
        "stages": [str(stage) for stage in row.stages], "reply": str(row.reply) if row.reply else None,
        "answered_at": at_text(row.answered_at),
        "phrase": service.written(found.phrase, order=row.number, store=store.name, goods=goods),
    }  # fmt: skip
