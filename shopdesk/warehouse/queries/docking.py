"""What the dock tells, as JSON values: codes and times, to be worded by who shows it.  No buyer, no money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import touch
from shopdesk.returns.models import Arrival, Disposition, Finding
from shopdesk.returns.queries import candidates, docks, on_table
from shopdesk.returns.queries.candidates import Suggestion
from shopdesk.returns.queries.on_table import Awaited
from shopdesk.returns.service import SignedIn
from shopdesk.staff import queries as staff


def signed(done: SignedIn, actor: Actor) -> dict[str, Any]:
    """What a scan at the dock came to."""
    for back in done.returns:
        touch(back.store_id)
    if done.parcel is not None:
        touch(done.parcel.store_id)
    if done.arrival is not None:
        touch(docks.store_for(done.arrival, actor, Permission.ORDER_READ))
    return {
        "code": done.code,
        "result": str(done.result),
        "reason": done.reason,
        "is_late": done.is_late,
        "arrival": arrival(done.arrival) if done.arrival else None,
        "stage": str(done.parcel.stage) if done.parcel else None,
        "returns": [str(back.id) for back in done.returns],
        "elsewhere": _elsewhere(done),
        "zone": staff.zone_for(actor, [back.store_id for back in done.returns]),
    }


def _elsewhere(done: SignedIn) -> str | None:
    """The warehouse where it was expected, where that is another one."""
    here = done.arrival.warehouse_id if done.arrival else None
    other = next((back.warehouse_id for back in done.returns if back.warehouse_id != here), None)
    return staff.warehouse(other).name if other is not None else None


def arrival(row: Arrival) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "warehouse_id": str(row.warehouse_id),
        "waybill": row.waybill,
        "state": str(row.state),
        "is_matched": row.is_matched,
        "place": row.place,
        "inside": row.inside,
        "signed_in_at": row.signed_in_at.isoformat(),
        "opened_at": row.opened_at.isoformat() if row.opened_at else None,
        "inspected_at": row.inspected_at.isoformat() if row.inspected_at else None,
        "case_id": str(row.case_id) if row.case_id else None,
        "version": row.version,
    }


def whole(row: Arrival, actor: Actor) -> dict[str, Any]:
    """A parcel with what is expected in it and what was found."""
    touch(docks.store_for(row, actor))
    found = docks.findings(row)
    placed = docks.dispositions([each.id for each in found])
    there = on_table.on_table(row, actor)
    lines = {line.id for one in there for line in one.lines}
    mine = [each for each in found if each.return_line_id is None or each.return_line_id in lines]
    return {
        **arrival(row),
        "returns": [_return(one) for one in there],
        "findings": [_finding(each, placed) for each in mine],
        "taken_out": [str(each.id) for each in docks.taken_out(row, actor)],
        "candidates": [] if row.is_matched else [_candidate(one) for one in candidates.candidates(row, actor)],
    }


def _return(one: Awaited) -> dict[str, Any]:
    return {
        "id": str(one.back.id),
        "case_number": one.case.number,
        "order_number": one.order_number,
        "state": str(one.back.state),
        "stands": str(one.stands),
        "origin": str(one.back.origin),
        "reason": str(one.case.reason) if one.case.reason else None,
        "lines": [
            {"id": str(line.id), "sku": line.sku, "title": line.title, "attributes": line.attributes,
             "part_of": one.part_of.get(line.id), "expected": line.expected, "arrived": line.arrived,
             "given_up": line.given_up}
            for line in one.lines
        ],
    }  # fmt: skip


def _finding(row: Finding, placed: Sequence[Disposition]) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "line_id": str(row.return_line_id) if row.return_line_id else None,
        "identity": str(row.identity),
        "quantity": row.quantity,
        "disposed": row.disposed,
        "grade": str(row.grade) if row.grade else None,
        "has_defect": row.has_defect,
        "sku": row.sku,
        "title": row.title,
        "note": row.note,
        "label": docks.label(row),
        "found_at": row.found_at.isoformat(),
        "dispositions": [
            {"place": str(one.place), "quantity": one.quantity, "shelf": one.shelf,
             "decided_at": one.decided_at.isoformat()}
            for one in placed if one.finding_id == row.id
        ],
    }  # fmt: skip


def _candidate(one: Suggestion) -> dict[str, Any]:
    return {
        "return_id": str(one.back.id),
        "case_number": one.case_number,
        "order_number": one.order_number,
        "score": one.candidate.score,
        "clues": [str(clue) for clue in one.candidate.clues],
    }
