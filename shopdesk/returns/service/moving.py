"""A return goes from one state to another, its units with it, and its case follows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from shopdesk.cases.models import Case
from shopdesk.cases.service import move as move_case
from shopdesk.cases.states import CasePhase, PhaseMove, WaitingFor
from shopdesk.core import clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, IllegalMove
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.orders.models import OrderLine
from shopdesk.returns.models import Return, ReturnLine
from shopdesk.returns.queries import returning
from shopdesk.returns.states import RETURN_MOVES, ReturnState

R = ReturnState
AWAITED = frozenset({R.CONFIRMED, R.SENT, R.PARTLY_ARRIVED})
HERE = frozenset({R.ARRIVED, R.INSPECTED, R.DISPOSED})
ENDED = frozenset({R.DISPOSED, R.CANCELLED})


@command
def step(back: Return, to: ReturnState, **values: Any) -> Return:
    """Make one move of the table on a return that was found through the scope; the caller leaves the event.

    Times that belong to the state are set here.  Raises IllegalMove (`wrong_state`), Conflict (`return_moved`).
    """
    if (back.state, to) not in RETURN_MOVES:
        raise IllegalMove(
            "This does not fit where the return is now: %(state)s.", code="wrong_state", state=str(back.state)
        )
    now = clock.now()
    times: dict[str, Any] = {"ended_at": now if to in ENDED else None}
    if to is R.SENT:
        times["sent_at"] = back.sent_at or now
    if to is R.ARRIVED:
        times["arrived_at"] = now
    statement = (
        update(Return)
        .where(Return.id == back.id, Return.state == back.state)
        .values(state=to, version=Return.version + 1, **{**times, **values})
    )
    done = rows_changed(in_store(statement, back.store_id, Return))
    db.session.refresh(back)
    if done != 1:
        raise Conflict("The return has moved on meanwhile. Please look again.", code="return_moved")
    return back


@command
def hold_units(line_id: int, units: int, store_id: int) -> bool:
    """Count units of an order line as coming back.  False where fewer can (I3); the row count decides."""
    return _count(line_id, store_id, OrderLine.in_return + units)


@command
def free_units(line_id: int, units: int, store_id: int) -> bool:
    """They do not come back any more."""
    return _count(line_id, store_id, OrderLine.in_return - units)


def _count(line_id: int, store_id: int, after: Any) -> bool:
    fits = (after >= 0, after + OrderLine.returned <= OrderLine.shipped)
    statement = update(OrderLine).where(OrderLine.id == line_id, *fits).values(in_return=after)
    return rows_changed(in_store(statement, store_id, OrderLine)) == 1


def outstanding(line: ReturnLine) -> int:
    return line.expected - line.arrived - line.given_up


@command
def follow(case: Case, *, actor: Actor) -> Case:
    """Move a case on once nothing is awaited any more: to inspect, to resolve; or leave it where it is."""
    states = {back.state for back in returning.of_case(case.id, case.store_id)}
    if states & AWAITED:
        return case
    if case.phase is CasePhase.RECEIVE:
        if not states & HERE:
            return move_case(case, PhaseMove.NOTHING_COMES, actor=actor, waiting_for=None)
        move_case(case, PhaseMove.GOODS_ARRIVED, actor=actor, waiting_for=WaitingFor.WAREHOUSE)
    if case.phase is CasePhase.INSPECT and R.ARRIVED not in states:
        move_case(case, PhaseMove.GOODS_INSPECTED, actor=actor, waiting_for=None)
    return case
