"""拆包验货: a parcel is opened, and what lies in it is written down by quantity, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update

from shopdesk.cases.models import Case
from shopdesk.cases.queries.settling import is_decided
from shopdesk.cases.states import CasePhase
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, IllegalMove, Stale
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, within
from shopdesk.returns.models import Arrival, Finding, Return, ReturnLine
from shopdesk.returns.queries import docks
from shopdesk.returns.queries.returning import has_surplus
from shopdesk.returns.rules.findings import Found, check_found
from shopdesk.returns.service import booking, strangers
from shopdesk.returns.service.following import follow_case, reopen, settle, tell_owner
from shopdesk.returns.service.writing import changed, lines_by_id, write
from shopdesk.returns.states import ArrivalState, Identity
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

    What is more than expected, or something else, is asked about (`Found.whose`) and then unexpected; what is missing
    is noted, and stays awaited until after-sale decides.
    Raises NotFound (`no_such_line`), NotAllowed, RuleViolation (what cannot be; `surplus`), Conflict
    (`inspected_already` with `who`: of two at once the first wins).
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
    write(arrival, found, backs, actor)
    _follow("goods_inspected", arrival, backs, actor)
    counts = _counts(arrival)
    for store_id, order_id in about(arrival, backs, actor):
        audit.record("arrival.inspected", "arrival", arrival.id, actor, store_id=store_id, order_id=order_id, **counts)
    return arrival


@command
def correct(arrival_id: int, found: Sequence[Found], *, seen_version: int, actor: Actor) -> Arrival:
    """Write an inspection down anew, as long as nothing of it was put away and nobody has decided on it.

    What it says of other returns, and stays as it was, is not touched; what was taken out as somebody else's, and lies
    apart as it was, is part of it.  A case that was to be resolved waits again for
    what has to come or to be inspected.  Raises NotFound, NotAllowed, RuleViolation, Stale, IllegalMove
    (`not_inspected`, `put_away_already`, `case_closed`, `decided_already` with `case`).
    """
    check_found(found)
    arrival, backs = _locked(arrival_id, actor)
    if arrival.state is not ArrivalState.INSPECTED:
        raise IllegalMove("This parcel was not inspected yet.", code="not_inspected")
    if arrival.version != seen_version:
        raise Stale("Somebody has corrected it meanwhile. Please look again.", version=arrival.version)
    lines = lines_by_id(backs)
    standing = [row for row in docks.findings(arrival) if row.return_line_id is None or row.return_line_id in lines]
    standing += strangers.still_apart(arrival, lock="update")
    former, found = changed(standing, found, {line.id: line.return_id for line in lines.values()})
    touched = _touched(backs, former, found, lines)
    _refuse_decided(touched)
    _replace(former)
    for row in sorted(former, key=lambda row: row.return_line_id or 0):
        if row.identity is Identity.RIGHT and row.return_line_id is not None:
            booking.take_out(lines[row.return_line_id], row.quantity)
    first = write(arrival, found, backs, actor) if found else None
    rows_changed(update(Finding).where(Finding.id.in_([row.id for row in former])).values(replaced_by_id=first))
    moved = update(Arrival).where(Arrival.id == arrival.id).values(version=Arrival.version + 1)
    rows_changed(moved.values(inspected_by_id=actor.id, inspected_at=clock.now()))
    db.session.refresh(arrival)
    _follow("inspection_corrected", arrival, touched, actor)
    counts = _counts(arrival)
    for store_id, order_id in about(arrival, touched, actor):
        audit.record("arrival.corrected", "arrival", arrival.id, actor, store_id=store_id, order_id=order_id, **counts)
    return arrival


def _touched(
    backs: Sequence[Return], former: Sequence[Finding], found: Sequence[Found], lines: Mapping[int, ReturnLine]
) -> list[Return]:
    """The returns of which something else is said now."""
    named = {row.return_line_id for row in former} | {one.line_id for one in found}
    ids = {line.return_id for line in lines.values() if line.id in named}
    return [back for back in backs if back.id in ids]


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


def _replace(former: Sequence[Finding]) -> None:
    """The findings stand no longer; the row count decides against who puts a unit away at the same moment."""
    ids = [row.id for row in former]
    untouched = Finding.id.in_(ids), Finding.replaced_at.is_(None), Finding.disposed == 0
    if rows_changed(update(Finding).where(*untouched).values(replaced_at=clock.now())) != len(ids):
        raise IllegalMove("Units of it were put away already: the inspection stands as it is.", code="put_away_already")


def _refuse_decided(backs: Sequence[Return]) -> None:
    """Who decides holds the case as well: of a decision and a correction at once one is refused."""
    for case_id, back in sorted({back.case_id: back for back in backs}.items()):
        statement = select(Case).where(Case.id == case_id).with_for_update(key_share=True)
        fresh = in_store(statement, back.store_id, Case).execution_options(populate_existing=True)
        case = db.session.scalars(fresh).one()
        if case.phase is CasePhase.CLOSED:
            raise IllegalMove("This case is closed.", code="case_closed", phase="closed")
        if case.phase is CasePhase.RESOLVE and is_decided(case):
            raise IllegalMove(
                "After-sale has decided on it: they take the decision back first (case %(case)s).",
                code="decided_already", case=case.number,
            )  # fmt: skip


def _follow(code: str, arrival: Arrival, backs: Sequence[Return], actor: Actor) -> None:
    for back in backs:
        settle(back)
        if code == "inspection_corrected":
            reopen(back, actor=actor)
    for case_id, back in {back.case_id: back for back in backs}.items():
        follow_case(case_id, back.store_id, actor=actor)
        is_more = has_surplus(back.id, back.store_id, arrival_id=arrival.id)
        tell_owner(back, "goods_unexpected" if is_more else code, arrival, actor=actor)


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
