"""What is told of a scanned parcel: its place in the batch, why it is stopped, what is in it.  No buyer, no money."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from shopdesk.changes import queries as changes
from shopdesk.changes.models import Change, Step
from shopdesk.changes.states import ONLY_UNPAID, ChangeState, StepState
from shopdesk.core.db import db
from shopdesk.core.scope import in_store, touch
from shopdesk.orders.models import OrderLine
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Batch, Parcel, ParcelLine, Recall, Stop
from shopdesk.parcels.states import WAYBILLS_VALID, HoldCause
from shopdesk.staff import queries as staff
from shopdesk.warehouse.queries.recalls import Turn, turns
from shopdesk.warehouse.states import Scan


def told(scan: Scan) -> dict[str, Any]:
    """The scan's result as JSON values: codes and times, to be worded by who shows it."""
    found = {
        "code": scan.code, "mode": str(scan.mode), "result": str(scan.result), "reasons": list(scan.reasons),
        "is_late": scan.is_late, "happened_at": _at(scan.at), "parcel": None,
    }  # fmt: skip
    if scan.parcel_id is None or scan.store_id is None:
        return found
    touch(scan.store_id)
    parcel = parcels.parcel_by_id(scan.parcel_id, scan.store_id)
    holds = parcels.open_holds([parcel.id], parcel.store_id)
    return {
        **found,
        "parcel": {
            "id": str(parcel.id), "store_id": str(parcel.store_id), "stage": str(parcel.stage),
            "stage_at": _at(parcel.stage_at), "stage_source": str(parcel.stage_source),
            "stage_origin": parcel.stage_origin, "batch": _batch(parcel), "position": parcel.position,
            "waybill": scan.valid_waybill or _waybill(parcel),
            "hold_until": _at(max((hold.expires_at for hold in holds), default=None)),
            "lines": _lines(parcel), **_changes(parcel), "recalls": _recalls(parcel),
            "stops": _stops([hold.cause_id for hold in holds if hold.cause is HoldCause.STOP], parcel.store_id),
        },
    }  # fmt: skip


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _batch(parcel: Parcel) -> str | None:
    statement = select(Batch.name).where(Batch.id == parcel.batch_id)
    return db.session.scalar(in_store(statement, parcel.store_id, Batch)) if parcel.batch_id else None


def _waybill(parcel: Parcel) -> str | None:
    """The newest valid one."""
    valid = [bill for bill in parcels.waybills([parcel.id], parcel.store_id) if bill.state in WAYBILLS_VALID]
    return valid[-1].number if valid else None


def _lines(parcel: Parcel) -> list[dict[str, Any]]:
    statement = (
        select(ParcelLine.line_id, OrderLine.sku, OrderLine.title, ParcelLine.quantity)
        .join(OrderLine, OrderLine.id == ParcelLine.line_id)
        .where(ParcelLine.parcel_id == parcel.id, ParcelLine.quantity > 0)
        .order_by(ParcelLine.id)
    )
    rows = db.session.execute(in_store(statement, parcel.store_id, ParcelLine))
    return [{"line_id": str(row.line_id), "sku": row.sku, "title": row.title, "quantity": row.quantity} for row in rows]


def _changes(parcel: Parcel) -> dict[str, Any]:
    """Open ones hold it: what, who asked, whose turn it is.  Done ones say what to look for in it."""
    found = changes.changes_of_parcel(parcel.id, parcel.store_id, ChangeState.OPEN, ChangeState.DONE)
    meant = [change for change in found if change.kind not in ONLY_UNPAID]
    there = [change for change in meant if change.state is ChangeState.OPEN]
    done = dict.fromkeys(str(change.kind) for change in meant if change.state is ChangeState.DONE)
    return {"changes": [_open(change) for change in there], "done": list(done)}


def _recalls(parcel: Parcel) -> list[dict[str, Any]]:
    """What of it is being fetched or is out, with what is due; where nothing is, the last one that was answered."""
    there = turns(parcel)
    if there:
        return [_recall(turn.recall, turn) for turn in there]
    last = parcels.last_recall(parcel.id, parcel.store_id)
    return [_recall(last, None)] if last else []


def _recall(recall: Recall, turn: Turn | None) -> dict[str, Any]:
    ids = {recall.found_by_id, recall.handed_out_by_id, recall.handed_to_id, recall.ended_by_id}
    names = staff.signatures({i for i in ids if i})
    step = turn.step if turn else None
    return {
        "id": str(recall.id), "change_id": str(recall.change_id), "kind": str(recall.kind), "state": str(recall.state),
        "change_kind": str(turn.change.kind) if turn else None, "asked_as": turn.change.asked_as if turn else None,
        "requested_at": _at(recall.requested_at), "until": _at(recall.until),
        "found_at": _at(recall.found_at), "found_by": names.get(recall.found_by_id or 0),
        "handed_out_at": _at(recall.handed_out_at), "handed_out_by": names.get(recall.handed_out_by_id or 0),
        "handed_to": names.get(recall.handed_to_id or 0),
        "ended_at": _at(recall.ended_at), "ended_by": names.get(recall.ended_by_id or 0),
        "next": _next(step), "version": turn.change.version if turn else None,
    }  # fmt: skip


def _stops(stop_ids: list[int], store_id: int) -> list[dict[str, Any]]:
    """The stops that hold it: what they look at is on the parcel itself; why and by whom is said here."""
    if not stop_ids:
        return []
    statement = in_store(select(Stop).where(Stop.id.in_(stop_ids)).order_by(Stop.id), store_id, Stop)
    found = list(db.session.scalars(statement))
    names = staff.signatures({stop.made_by_id for stop in found if stop.made_by_id})
    return [
        {"id": str(stop.id), "scope": str(stop.scope), "reason": stop.reason, "made_at": _at(stop.made_at),
         "made_by": names.get(stop.made_by_id or 0), "expires_at": _at(stop.expires_at)}
        for stop in found
    ]  # fmt: skip


def _next(step: Step | None) -> dict[str, Any] | None:
    return {"code": step.code, "role": str(step.role), "position": step.position} if step else None


def _open(change: Change) -> dict[str, Any]:
    steps = [step for step in changes.steps_of([change.id], change.store_id) if step.state is StepState.OPEN]
    return {
        "id": str(change.id), "kind": str(change.kind), "asked_as": change.asked_as, "opened_at": _at(change.opened_at),
        "next": _next(steps[0] if steps else None), "version": change.version,
    }  # fmt: skip
