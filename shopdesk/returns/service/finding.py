"""拆包验货: a parcel is opened, and what lies in it is written down by quantity, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from shopdesk.cases.models import Case
from shopdesk.cases.states import CasePhase
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, IllegalMove, NotFound, RuleViolation, Stale
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, within
from shopdesk.returns.models import Arrival, Finding, Return, ReturnLine
from shopdesk.returns.queries import docks, lines_of
from shopdesk.returns.rules.findings import Found, check_found
from shopdesk.returns.service import booking
from shopdesk.returns.service.following import follow_case, settle, tell_owner
from shopdesk.returns.states import ArrivalState, Identity, ReturnState
from shopdesk.staff import queries as staff

INSPECT = Permission.ARRIVAL_INSPECT


@command
def open_arrival(arrival_id: int, *, actor: Actor) -> Arrival:
    """A parcel is unpacked; opened twice it is opened once.  Raises NotFound, NotAllowed."""
    arrival = docks.load_arrival(arrival_id, actor, INSPECT, lock="update")
    if arrival.state is not ArrivalState.SIGNED_IN:
        return arrival
    now = clock.now()
    statement = (
        update(Arrival)
        .where(Arrival.id == arrival.id, Arrival.state == ArrivalState.SIGNED_IN)
        .values(state=ArrivalState.OPENED, opened_at=now, opened_by_id=actor.id)
    )
    rows_changed(statement)
    db.session.refresh(arrival)
    for store_id, order_id in about(arrival, returns_of(arrival, actor), actor):
        audit.record("arrival.opened", "arrival", arrival.id, actor, store_id=store_id, order_id=order_id)
    return arrival


@command
def inspect(arrival_id: int, found: Sequence[Found], *, actor: Actor) -> Arrival:
    """Write down what was in a parcel; what is right counts as arrived, and return and case follow.

    More than expected is unexpected; what is missing is noted, and stays awaited until after-sale decides.
    Raises NotFound (`no_such_line`), NotAllowed, RuleViolation (what cannot be), Conflict (`inspected_already` with
    `who`: of two at once the first wins).
    """
    check_found(found)
    arrival, backs = _locked(arrival_id, actor)
    now = clock.now()
    values = {"state": ArrivalState.INSPECTED, "inspected_at": now, "inspected_by_id": actor.id}
    opened = {} if arrival.opened_at else {"opened_at": now, "opened_by_id": actor.id}
    statement = (
        update(Arrival)
        .where(Arrival.id == arrival.id, Arrival.state != ArrivalState.INSPECTED)
        .values(**values, **opened, version=Arrival.version + 1)
    )
    done = rows_changed(statement)
    db.session.refresh(arrival)
    if done != 1:
        who = staff.signatures({arrival.inspected_by_id or 0}).get(arrival.inspected_by_id or 0, "")
        raise Conflict("%(who)s has inspected this parcel already.", code="inspected_already", who=who)
    _write(arrival, found, backs, actor)
    _follow("goods_inspected", arrival, backs, actor)
    counts = _counts(arrival)
    for store_id, order_id in about(arrival, backs, actor):
        audit.record("arrival.inspected", "arrival", arrival.id, actor, store_id=store_id, order_id=order_id, **counts)
    return arrival


@command
def correct(arrival_id: int, found: Sequence[Found], *, seen_version: int, actor: Actor) -> Arrival:
    """Write an inspection down anew, as long as nothing of it was put away and its cases are open.

    Raises NotFound, NotAllowed, RuleViolation, Stale, IllegalMove (`not_inspected`, `put_away_already`, `case_closed`).
    """
    check_found(found)
    arrival, backs = _locked(arrival_id, actor)
    if arrival.state is not ArrivalState.INSPECTED:
        raise IllegalMove("This parcel was not inspected yet.", code="not_inspected")
    if arrival.version != seen_version:
        raise Stale("Somebody has corrected it meanwhile. Please look again.", version=arrival.version)
    _refuse_closed(backs)
    lines = _lines(backs)
    former = [row for row in docks.findings(arrival) if row.return_line_id is None or row.return_line_id in lines]
    _replace(former)
    for row in sorted(former, key=lambda row: row.return_line_id or 0):
        if row.identity is Identity.RIGHT and row.return_line_id is not None:
            booking.take_out(lines[row.return_line_id], row.quantity)
    first = _write(arrival, found, backs, actor)
    rows_changed(update(Finding).where(Finding.id.in_([row.id for row in former])).values(replaced_by_id=first))
    moved = update(Arrival).where(Arrival.id == arrival.id).values(version=Arrival.version + 1)
    rows_changed(moved.values(inspected_by_id=actor.id, inspected_at=clock.now()))
    db.session.refresh(arrival)
    _follow("inspection_corrected", arrival, backs, actor)
    counts = _counts(arrival)
    for store_id, order_id in about(arrival, backs, actor):
        audit.record("arrival.corrected", "arrival", arrival.id, actor, store_id=store_id, order_id=order_id, **counts)
    return arrival


def returns_of(arrival: Arrival, actor: Actor, *, lock: str = "") -> list[Return]:
    """The returns that a parcel is matched with, of the actor's stores, by id."""
    ids = [match.return_id for match in docks.matches([arrival.id], actor, INSPECT)]
    statement = within(select(Return).where(Return.id.in_(ids)).order_by(Return.id), actor, INSPECT, Return)
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    return list(db.session.scalars(statement))


def _locked(arrival_id: int, actor: Actor) -> tuple[Arrival, list[Return]]:
    """The parcel, then its returns in ascending id: the order in which everybody at the dock locks."""
    arrival = docks.load_arrival(arrival_id, actor, INSPECT, lock="update")
    return arrival, returns_of(arrival, actor, lock="update")


def _lines(backs: Sequence[Return]) -> dict[int, ReturnLine]:
    return {line.id: line for back in backs for line in lines_of([back.id], back.store_id)}


def _write(arrival: Arrival, found: Sequence[Found], backs: Sequence[Return], actor: Actor) -> int:
    """Count and write each line; the id of the first finding."""
    lines = _lines(backs)
    for one in found:
        if one.line_id is not None and one.line_id not in lines:
            raise NotFound("Nothing of this kind is expected in this parcel.", code="no_such_line")
    _revive(found, backs, lines)
    made: list[Finding] = []
    # By line, so that two parcels of one order count its lines in the same order.
    for one in sorted(found, key=lambda one: one.line_id or 0):
        line = lines[one.line_id] if one.line_id is not None else None
        made += _rows(arrival, one, line, actor)
    _check_missing(found, lines)
    db.session.add_all(made)
    db.session.flush()
    return made[0].id


def _rows(arrival: Arrival, one: Found, line: ReturnLine | None, actor: Actor) -> list[Finding]:
    if one.identity is not Identity.RIGHT or line is None:
        return [_row(arrival, one, line, one.identity, one.quantity, actor)]
    counted = booking.take_in(line, one.quantity)
    parts = ((Identity.RIGHT, counted, line), (Identity.UNEXPECTED, one.quantity - counted, None))
    return [_row(arrival, one, of, identity, units, actor, line) for identity, units, of in parts if units]


def _row(
    arrival: Arrival, one: Found, line: ReturnLine | None, identity: Identity, units: int, actor: Actor,
    named: ReturnLine | None = None,
) -> Finding:  # fmt: skip
    """`named`: the line that says what the thing is called, also of surplus."""
    is_itself = identity is not Identity.WRONG
    called = (named or line) if is_itself else None
    return Finding(
        arrival_id=arrival.id, return_line_id=line.id if line else None, identity=identity, quantity=units,
        grade=one.grade, has_defect=one.has_defect, sku=called.sku if called else one.sku,
        title=called.title if called else one.title, note=one.note, found_by_id=actor.id, found_at=clock.now(),
    )  # fmt: skip


def _revive(found: Sequence[Found], backs: Sequence[Return], lines: dict[int, ReturnLine]) -> None:
    """A cancelled return of which something comes: its units are not held any more, so they count as given up."""
    came = {lines[one.line_id].return_id for one in found if one.line_id and one.identity is Identity.RIGHT}
    for back in backs:
        if back.state is ReturnState.CANCELLED and back.id in came:
            for line in (line for line in lines.values() if line.return_id == back.id):
                booking.give_up_rest(line)


def _check_missing(found: Sequence[Found], lines: dict[int, ReturnLine]) -> None:
    missing: Counter[int] = Counter()
    for one in found:
        if one.identity is Identity.MISSING and one.line_id is not None:
            missing[one.line_id] += one.quantity
    for line_id, units in missing.items():
        left = lines[line_id].expected - lines[line_id].arrived - lines[line_id].given_up
        if units > left:
            raise RuleViolation("No more than %(left)s can be missing.", code="too_many_missing", left=left)


def _replace(former: Sequence[Finding]) -> None:
    """The findings stand no longer; the row count decides against who puts a unit away at the same moment."""
    ids = [row.id for row in former]
    untouched = Finding.id.in_(ids), Finding.replaced_at.is_(None), Finding.disposed == 0
    if rows_changed(update(Finding).where(*untouched).values(replaced_at=clock.now())) != len(ids):
        raise IllegalMove("Units of it were put away already: the inspection stands as it is.", code="put_away_already")


def _refuse_closed(backs: Sequence[Return]) -> None:
    for back in backs:
        phase = select(Case.phase).where(Case.id == back.case_id)
        if db.session.scalar(in_store(phase, back.store_id, Case)) is CasePhase.CLOSED:
            raise IllegalMove("This case is closed.", code="case_closed", phase="closed")


def _follow(code: str, arrival: Arrival, backs: Sequence[Return], actor: Actor) -> None:
    for back in backs:
        settle(back)
    for case_id, back in {back.case_id: back for back in backs}.items():
        follow_case(case_id, back.store_id, actor=actor)
        tell_owner(back, code, arrival, actor=actor)


def _counts(arrival: Arrival) -> dict[str, Any]:
    """What the event says: units of each kind, and how many have a quality problem."""
    units: Counter[str] = Counter()
    standing = docks.findings(arrival)
    for row in standing:
        units[str(row.identity)] += row.quantity
    return {"units": dict(units), "defects": sum(row.quantity for row in standing if row.has_defect)}


def about(arrival: Arrival, backs: Sequence[Return], actor: Actor) -> list[tuple[int | None, int | None]]:
    """(store, order) of each order that an event about a parcel concerns; of one that nobody knows the desk's own."""
    found: set[tuple[int | None, int | None]] = {(back.store_id, back.order_id) for back in backs}
    return sorted(found, key=str) or [(docks.store_of(arrival, actor), None)]
