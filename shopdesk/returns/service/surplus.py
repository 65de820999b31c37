"""Units that lay beside what was awaited: after-sale agrees to them by confirming a return of them."""

from __future__ import annotations

from sqlalchemy import select, update

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.permissions import Actor
from shopdesk.returns import queries
from shopdesk.returns.models import Arrival, Finding, Return, ReturnLine
from shopdesk.returns.service import booking
from shopdesk.returns.service.following import follow_case, settle
from shopdesk.returns.service.matching import join
from shopdesk.returns.service.moving import outstanding
from shopdesk.returns.states import Identity


@command
def take_surplus(back: Return, *, actor: Actor) -> int:
    """Count units that were more than another return of the case awaits as come for this one; how many.

    Only the same goods, of which nothing was put away; what is over stays unexpected.  For whoever confirms the return.
    """
    others = [one.id for one in queries.of_case(back.case_id, back.store_id) if one.id != back.id]
    beside = {line.id: line for line in queries.lines_of(others, back.store_id)}
    mine = {line.line_id: line for line in queries.lines_of([back.id], back.store_id)}
    taken = 0
    for row in queries.surplus(others, back.store_id):
        line = mine.get(beside[row.return_line_id or 0].line_id)
        if line is not None and (row.sku, row.title) == (line.sku, line.title):
            taken += _take(row, line, back, actor)
    if taken:
        settle(back)
        follow_case(back.case_id, back.store_id, actor=actor)
    return taken


def _take(row: Finding, line: ReturnLine, back: Return, actor: Actor) -> int:
    statement = select(Arrival).where(Arrival.id == row.arrival_id).with_for_update(key_share=True)
    arrival = db.session.scalars(statement.execution_options(populate_existing=True)).one()
    units = min(outstanding(line), row.quantity)
    still = Finding.id == row.id, Finding.replaced_at.is_(None), Finding.disposed == 0
    if not units or rows_changed(update(Finding).where(*still).values(replaced_at=clock.now())) != 1:
        return 0  # put away, or corrected, meanwhile
    counted = booking.take_in(line, units)
    parts = [(Identity.RIGHT, counted, line.id), (Identity.UNEXPECTED, row.quantity - counted, row.return_line_id)]
    made = [_like(row, *part) for part in parts if part[1]]
    db.session.add_all(made)
    db.session.flush()
    rows_changed(update(Finding).where(Finding.id == row.id).values(replaced_by_id=made[0].id))
    rows_changed(update(Arrival).where(Arrival.id == arrival.id).values(version=Arrival.version + 1))
    db.session.refresh(arrival)
    join(arrival, back, actor=actor, by_person=True)
    audit.record(
        "arrival.surplus_agreed", "arrival", arrival.id, actor, store_id=back.store_id, order_id=back.order_id,
        units=counted, **{"return": back.id},
    )  # fmt: skip
    return counted


def _like(row: Finding, identity: Identity, units: int, line_id: int | None) -> Finding:
    """The same goods as they were found, by the same person."""
    return Finding(
        arrival_id=row.arrival_id, return_line_id=line_id, identity=identity, quantity=units, grade=row.grade,
        has_defect=row.has_defect, sku=row.sku, title=row.title, note=row.note, found_by_id=row.found_by_id,
        found_at=row.found_at,
    )  # fmt: skip
