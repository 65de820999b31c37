"""处置: each unit that was found goes where it belongs, and is counted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import IllegalMove, NotFound, RuleViolation
from shopdesk.core.permissions import Actor
from shopdesk.core.text import strip_controls
from shopdesk.returns.models import Arrival, Disposition, Finding
from shopdesk.returns.queries import docks, lines_of
from shopdesk.returns.rules.findings import check_disposal
from shopdesk.returns.service.finding import INSPECT, about, returns_of
from shopdesk.returns.service.following import follow_case, settle
from shopdesk.returns.states import Disposal

MOST_SHELF = 64  # characters


@dataclass(frozen=True, slots=True)
class Decided:
    """So many units of a finding go there; `shelf` names the place for them."""

    finding_id: int
    place: Disposal
    quantity: int
    shelf: str | None = None


@command
def dispose(arrival_id: int, decided: Sequence[Decided], *, actor: Actor) -> list[Disposition]:
    """Put units of one parcel away; a return of which every unit went somewhere is disposed (I4).

    Raises NotFound, NotAllowed, RuleViolation (`nothing_decided`, `not_sound`, `not_there`, `bad_quantity`),
    IllegalMove (`put_away_already` with `left`: of two who put the last unit away the row count lets one win).
    """
    if not decided:
        raise RuleViolation("Say where the units go.", code="nothing_decided")
    arrival = docks.load_arrival(arrival_id, actor, INSPECT, lock="update")
    backs = returns_of(arrival, actor, lock="update")
    standing = _standing(arrival, {line.id for back in backs for line in lines_of([back.id], back.store_id)})
    made = []
    for one in sorted(decided, key=lambda one: one.finding_id):
        if one.finding_id not in standing:
            raise NotFound("There is no such thing here.")
        made.append(_put(standing[one.finding_id], one, actor))
    db.session.add_all(made)
    db.session.flush()
    for back in backs:
        settle(back)
    for case_id, store_id in {back.case_id: back.store_id for back in backs}.items():
        follow_case(case_id, store_id, actor=actor)
    for store, order_id in about(arrival, backs, actor):
        audit.record(
            "goods.put_away", "arrival", arrival.id, actor, store_id=store, order_id=order_id,
            units={str(one.place): sum(d.quantity for d in decided if d.place is one.place) for one in decided},
        )  # fmt: skip
    return made


def _standing(arrival: Arrival, line_ids: set[int]) -> dict[int, Finding]:
    """What was found in it, without goods of another store's return."""
    rows = docks.findings(arrival)
    return {row.id: row for row in rows if row.return_line_id is None or row.return_line_id in line_ids}


def _put(finding: Finding, one: Decided, actor: Actor) -> Disposition:
    check_disposal(
        finding.identity, finding.grade, one.place, has_defect=finding.has_defect, quantity=one.quantity
    )  # fmt: skip
    statement = (
        update(Finding)
        .where(
            Finding.id == finding.id, Finding.replaced_at.is_(None),
            Finding.disposed + one.quantity <= Finding.quantity,
        )
        .values(disposed=Finding.disposed + one.quantity)
    )  # fmt: skip
    if rows_changed(statement) != 1:
        row = db.session.execute(select(Finding.quantity, Finding.disposed).where(Finding.id == finding.id)).one()
        raise IllegalMove(
            "Only %(left)s of them are left to be put away.", code="put_away_already", left=row.quantity - row.disposed
        )
    return Disposition(
        finding_id=finding.id, quantity=one.quantity, place=one.place, decided_by_id=actor.id, decided_at=clock.now(),
        shelf=" ".join(strip_controls(one.shelf or "").split())[:MOST_SHELF] or None,
    )  # fmt: skip
