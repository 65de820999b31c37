"""One parcel on the table: what is expected in it, what was found, where each unit goes; its labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from flask import render_template, request, url_for

from shopdesk.core.permissions import Permission
from shopdesk.core.text import fold
from shopdesk.orders.models import Order
from shopdesk.printing.queries.drawing import bars
from shopdesk.returns import service
from shopdesk.returns.models import Arrival, Finding, ReturnLine
from shopdesk.returns.queries import candidates, docks, on_table, turned
from shopdesk.returns.queries.candidates import Suggestion
from shopdesk.returns.queries.on_table import Awaited
from shopdesk.returns.service import MOST_PHOTOS
from shopdesk.returns.states import ArrivalState, Disposal, Grade, Identity
from shopdesk.staff import queries as staff
from shopdesk.warehouse.forms import BoxForm, FindingsForm
from shopdesk.warehouse.views.dock import ID, bp
from shopdesk.web.forms import DeskForm
from shopdesk.web.frame import shown_at
from shopdesk.web.guard import actor, needs
from shopdesk.web.photos import PhotosForm

UNEXPECTED = Identity.UNEXPECTED
FREE_ROWS = 2  # for what nobody expected
ROWS_EACH = 2  # of one expected thing: in two conditions, or one of them missing


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the inspection's form, as it is prefilled or was typed."""

    number: int
    line_id: int | None
    name: str
    awaited: int
    is_first: bool
    values: dict[str, str]
    is_asked: bool = False  # more than was expected: whose is it?
    case_number: str = ""  # of what is expected: for which case, and of which order
    order_number: str = ""
    is_alike: bool = False  # another case in this parcel awaits the same goods


@bp.get(f"/dock/arrivals/<{ID}:arrival_id>")
@needs(Permission.ARRIVAL_READ)
def parcel(arrival_id: int) -> tuple[str, int]:
    return show(docks.load_arrival(arrival_id, actor()))


def show(
    arrival: Arrival,
    *,
    status: int = 200,
    problem: str | None = None,
    typed: DeskForm | None = None,
    surplus: Collection[int] = (),
) -> tuple[str, int]:
    """The page; after a refusal with the reason and everything typed.

    `surplus`: lines of which more was counted than is awaited (0: other goods), to be asked about.
    """
    shown_at(url_for("dock.parcel", arrival_id=arrival.id))
    there = on_table.on_table(arrival, actor())
    found = _mine(docks.findings(arrival), there)
    may_inspect = actor().may(Permission.ARRIVAL_INSPECT, docks.store_for(arrival, actor()))
    may_match = actor().may(Permission.ARRIVAL_MATCH, docks.store_for(arrival, actor()))
    is_inspected = arrival.state is ArrivalState.INSPECTED
    corrects = is_inspected and ("correct" in request.args or isinstance(typed, FindingsForm))
    is_open = arrival.state is not ArrivalState.SIGNED_IN
    is_asked = corrects or not is_inspected
    stands = [*found, *service.still_apart(arrival)] if corrects else []
    people = (arrival.signed_in_by_id, arrival.opened_by_id, arrival.inspected_by_id)
    html = render_template(
        "dock/parcel.html",
        arrival=arrival,
        house=staff.warehouse(arrival.warehouse_id).name,
        there=there,
        found=found,
        placed=docks.dispositions([row.id for row in found]),
        rows=_rows(there, stands, surplus) if may_inspect and is_open and is_asked else [],
        asks=bool(surplus),
        beside=[(f"more:{one.lines[0].id}", one) for one in there if one.lines],
        corrects=corrects,
        may_correct=may_correct(arrival),
        may_inspect=may_inspect,
        **_photos(arrival, may_inspect),
        may_match=may_match,
        suggested=_suggested(arrival, there) if may_match and is_sought(found) else [],
        without=parcel_orders(arrival) if may_match else [],
        box_form=typed if isinstance(typed, BoxForm) else BoxForm(formdata=None),
        names=staff.signatures({person_id for person_id in people if person_id}),
        zone=staff.zone_for(actor(), [docks.store_for(arrival, actor())]),
        problem=problem,
        grades=list(Grade),
        places=list(Disposal),
        identities=[Identity.RIGHT, Identity.WRONG, Identity.MISSING],
        case_of={line.id: one.case.number for one in there for line in one.lines} if len(there) > 1 else {},
        taken_out=docks.taken_out(arrival, actor()),
        taken_from=docks.taken_from(arrival, actor()),
        outstanding=on_table.outstanding,
        may_read_case=actor().has_anywhere(Permission.CASE_READ),
    )
    return html, status


def parcel_orders(arrival: Arrival) -> list[Order]:
    """Orders of a parcel of ours that came back of which nobody has accounted yet."""
    ours = turned.came_back(arrival, actor())
    return turned.unaccounted(arrival, ours) if ours else []


def may_correct(arrival: Arrival) -> bool:
    """Whether the reader may write its inspection down anew: nothing of it was put away."""
    may = actor().may(Permission.ARRIVAL_INSPECT, docks.store_for(arrival, actor()))
    found = _mine(docks.findings(arrival), on_table.on_table(arrival, actor()))
    return may and arrival.state is ArrivalState.INSPECTED and not any(row.disposed for row in found)


def _photos(arrival: Arrival, may_add: bool) -> dict[str, Any]:  # noqa: FBT001
    rows = docks.photos(arrival)
    at = [url_for("dock.photo", arrival_id=arrival.id, picture_id=row.id) for row in rows]
    return {
        "shots": [(href, row.width, row.height) for href, row in zip(at, rows, strict=True)],
        "most_photos": MOST_PHOTOS,
        "photos_form": PhotosForm(formdata=None) if may_add and len(rows) < MOST_PHOTOS else None,
    }


def _suggested(arrival: Arrival, there: list[Awaited]) -> list[Suggestion]:
    """Without those it is matched with already."""
    known = {one.back.id for one in there}
    return [one for one in candidates.candidates(arrival, actor()) if one.back.id not in known]


def is_sought(found: list[Finding]) -> bool:
    """Whether it may hold goods of a return that it is not matched with."""
    strange = any(row.return_line_id is None and row.disposed < row.quantity for row in found)
    return strange or not any(row.identity is Identity.RIGHT for row in found)


def _mine(found: list[Finding], there: list[Awaited]) -> list[Finding]:
    """Without goods of another store's return."""
    lines = {line.id for one in there for line in one.lines}
    return [row for row in found if row.return_line_id is None or row.return_line_id in lines]


def _rows(there: list[Awaited], found: list[Finding], surplus: Collection[int]) -> list[Row]:
    """A row for each condition of each expected thing, some for what nobody expected; filled with what stands."""
    typed = request.form if request.method == "POST" and request.form.get("f-0-quantity") is not None else {}
    rows: list[Row] = []
    single = sum(one.outstanding for one in there) == 1 and not found
    free = [row for row in found if row.identity is UNEXPECTED]
    names = Counter(_name(line) for one in there for line in one.lines)
    for one in there:
        for line in one.lines:
            stands = [row for row in found if row.return_line_id == line.id and row.identity is not UNEXPECTED]
            counted = sum(row.quantity for row in stands if row.identity is Identity.RIGHT)
            awaited = on_table.outstanding(line) + counted
            said = [_of(row) for row in stands] or _meant(line, free)
            for place in range(max(ROWS_EACH, len(said) + 1)):
                values = said[place] if place < len(said) else _empty(single=single and place == 0)
                row = _row(len(rows), line.id, _name(line), awaited, place == 0, values, typed)
                is_asked = line.id in surplus and row.values.get("identity") == "right"
                rows.append(replace(row, is_asked=is_asked, case_number=one.case.number or "",
                                    order_number=one.order_number, is_alike=names[_name(line)] > 1))  # fmt: skip
    for place in range(max(FREE_ROWS, len(free) + 1)):
        values = _of(free[place]) if place < len(free) else {}
        row = _row(len(rows), None, "", 0, place == 0, values, typed)
        rows.append(replace(row, is_asked=bool(there)))
    return rows


def _name(line: ReturnLine) -> str:
    return " · ".join(part for part in (line.sku, line.title, line.attributes) if part)


def _meant(line: ReturnLine, free: list[Finding]) -> list[dict[str, str]]:
    """What nobody had expected when it was found, and is called as this line: most likely it is this now."""
    words = {fold(text) for text in (line.sku, line.title) if text}
    for row in free:
        same = words & {fold(text) for text in (row.sku, row.title) if text}
        if row.return_line_id is None and same and on_table.outstanding(line) > 0:
            free.remove(row)
            return [_of(row) | {"identity": str(Identity.RIGHT), "words": ""}]
    return []


def _row(
    number: int, line_id: int | None, name: str, awaited: int, is_first: bool, values: dict[str, str], typed: Any  # noqa: FBT001
) -> Row:  # fmt: skip
    head = f"f-{number}-"
    given = {key.removeprefix(head): text for key, text in typed.items() if key.startswith(head)}
    return Row(number, line_id, name, awaited, is_first, given or values)


def _empty(*, single: bool) -> dict[str, str]:
    """The one unit that is awaited is there in most parcels; of more the clerk says the number that was counted."""
    return {"identity": "right", "quantity": "1", "grade": "A", "defect": "no"} if single else {}


def _of(row: Finding) -> dict[str, str]:
    defect = "" if row.has_defect is None else "yes" if row.has_defect else "no"
    return {
        "identity": str(row.identity), "quantity": str(row.quantity), "grade": str(row.grade or ""), "defect": defect,
        "words": row.title or row.sku or "", "note": row.note or "",
        "whose": f"more:{row.return_line_id}" if row.return_line_id else "others",
    }  # fmt: skip


@bp.get(f"/dock/arrivals/<{ID}:arrival_id>/labels")
@needs(Permission.ARRIVAL_READ)
def labels(arrival_id: int) -> str:
    """One label for each thing that was found: case, order, item, condition, barcode (M120)."""
    arrival = docks.load_arrival(arrival_id, actor())
    there = on_table.on_table(arrival, actor())
    of_line = {line.id: one for one in there for line in one.lines}
    rows = [row for row in _mine(docks.findings(arrival), there) if row.identity is not Identity.MISSING]
    return render_template(
        "dock/labels.html",
        arrival=arrival,
        labels=[
            {"finding": row, "of": of_line.get(row.return_line_id or 0), "code": docks.label(row),
             "bars": bars(docks.label(row))}
            for row in rows
        ],
        zone=staff.zone_for(actor(), [docks.store_for(arrival, actor())]),
    )  # fmt: skip
