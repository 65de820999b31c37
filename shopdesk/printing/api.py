"""The print queue, batches printed here, papers once more."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.core import paging
from shopdesk.core.permissions import Permission
from shopdesk.core.scope import touch
from shopdesk.parcels import queries as parcels
from shopdesk.printing import schemas, service
from shopdesk.printing.models import PrintRun
from shopdesk.printing.queries import runs
from shopdesk.printing.queries.queue import MOST, Asked, QueueRow
from shopdesk.printing.queries.queue import queue as read_queue
from shopdesk.staff import queries as staff
from shopdesk.web.api import DeskBlueprint, answer, at_text
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_printing", __name__, tag="printing")


@bp.route("/stores/<word:store>/print-queue")
@needs(Permission.PARCEL_PRINT)
@bp.arguments(schemas.QueuePage, location="query")
@bp.response(200, schemas.QueueOut)
def show_queue(page: dict[str, Any], store: str) -> Response:
    """What is to be printed in a store: changed orders first, what may not be printed last, with why."""
    where = staff.store_by_slug(store, actor(), Permission.PARCEL_PRINT)
    after = paging.decode(page["cursor"], (int,))[0] if page["cursor"] else 0
    asked = Asked(page["group"], page["courier"], min(max(after, 0), MOST))
    view = read_queue(where, asked, actor(), size=page["limit"])
    following = paging.encode(view.next_after) if view.next_after else None
    return answer(
        {"items": [_row(row) for row in view.rows], "next": following, "total": view.total,
         "groups": dict(view.groups), "couriers": dict(view.couriers)}
    )  # fmt: skip


@bp.route("/print-runs", methods=["POST"])
@needs(Permission.PARCEL_PRINT)
@bp.arguments(schemas.RunIn)
@keyed(required=True)
@bp.response(201, schemas.RunOut)
def print_batch(body: dict[str, Any]) -> Response:
    """Print parcels as one batch: all or none (409 `not_printable`, or `list_changed` where one is not as it was shown;
    with the codes why for each parcel)."""
    run = service.print_batch(
        body["parcels"], body["batch"], body["paper"], body["parts"],
        shown=body["shown"], actor=actor(),
    )  # fmt: skip
    return answer(_run(run), 201, location=f"/print-runs/{run.id}")


@bp.route("/print-runs/<id:print_id>")
@needs(Permission.PARCEL_PRINT)
@bp.response(200, schemas.RunOut)
def show_run(print_id: int) -> Response:
    """Who printed what when, in which version; the papers themselves are a page."""
    return answer(_run(runs.run_by_id(print_id, actor())))


@bp.route("/parcels/<id:parcel_id>/printing", methods=["POST"])
@needs(Permission.PARCEL_PRINT)
@bp.arguments(schemas.OneIn)
@keyed(required=True)
@bp.response(201, schemas.RunOut)
def print_one(body: dict[str, Any], parcel_id: int) -> Response:
    """Print one parcel, as a batch of its own or into a named one; 409 `not_printable` with the codes why."""
    run = service.print_batch([parcel_id], body["batch"], body["paper"], body["parts"], actor=actor())
    return answer(_run(run), 201, location=f"/print-runs/{run.id}")


@bp.route("/parcels/<id:parcel_id>/reprints", methods=["POST"])
@needs(Permission.PARCEL_PRINT)
@bp.arguments(schemas.ReprintIn)
@keyed(required=True)
@bp.response(201, schemas.RunOut)
def reprint(body: dict[str, Any], parcel_id: int) -> Response:
    """Print a parcel's papers once more as a new version; where a change's turn it is, that is its step."""
    run = service.reprint(
        parcel_id, body["why"], body["paper"], body["parts"], waybill=body["waybill"], actor=actor()
    )  # fmt: skip
    return answer(_run(run), 201, location=f"/print-runs/{run.id}")


def _row(row: QueueRow) -> dict[str, Any]:
    line = row.line
    assert line.parcel is not None  # noqa: S101 a queue has parcels
    there = [order for order in (line.order, *line.mates) if order]
    return {
        "parcel_id": str(line.parcel.id), "group": str(line.group), "reasons": list(line.reasons),
        "is_first": row.is_first, "courier": row.courier, "flags": [str(flag) for flag in row.flags],
        "memos": row.memos, "shown": line.shown, "may_be_printed_elsewhere": row.may_be_printed_elsewhere,
        "change_ids": [str(change.change_id) for change in line.changes],
        "orders": [{"id": str(o.order_id), "number": o.number, "units": o.units} for o in there],
        "hold_until": at_text(line.hold_expires_at),
    }  # fmt: skip


def _run(run: PrintRun) -> dict[str, Any]:
    touch(run.store_id)
    there = runs.parcels_of(run)
    return {
        "id": str(run.id), "store": staff.store_by_id(run.store_id).slug, "batch": runs.batch_of(run),
        "paper": str(run.paper), "parts": str(run.parts), "why": str(run.why) if run.why else None,
        "change_id": str(run.change_id) if run.change_id else None, "made_at": at_text(run.made_at),
        "parcels": [
            {"parcel_id": str(parcel.id), "version": printed.version, "position": parcel.position,
             "code": parcels.paper_code(parcel.id, printed.version),
             "is_valid": runs.left_out(run, printed, parcel) is None}
            for printed, parcel in there
        ],
    }  # fmt: skip
