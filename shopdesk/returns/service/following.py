"""A return, and its case, go as far as what was found in the parcels takes them."""

from __future__ import annotations

from sqlalchemy import select, update

from shopdesk.cases.models import Case
from shopdesk.cases.service import move as move_case
from shopdesk.cases.states import CasePhase, PhaseMove, WaitingFor
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.notices import service as notices
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.returns.models import Arrival, Return
from shopdesk.returns.queries import lines_of
from shopdesk.returns.queries.returning import at_dock, is_inspected, is_put_away
from shopdesk.returns.rules.findings import LineUnits, state_of
from shopdesk.returns.service.moving import AWAITED, follow, step
from shopdesk.returns.states import RETURN_MOVES, ReturnOrigin, ReturnState

R = ReturnState


@command
def settle(back: Return) -> Return:
    """Take a return to the state that its units and parcels say; the caller leaves the event.

    Through every state on the way, so that each has its time.  Nothing came, and nothing is awaited: it is cancelled.
    """
    lines = lines_of([back.id], back.store_id)
    wanted = state_of(
        back.state,
        [LineUnits(line.expected, line.arrived, line.given_up) for line in lines],
        is_inspected=is_inspected(back.id, back.store_id),
        is_put_away=is_put_away(back.id, back.store_id),
    )
    while back.state is not wanted:
        step(back, _next(back.state, wanted))
    return back


def _next(now: ReturnState, wanted: ReturnState) -> ReturnState:
    """The following state on the way from one to the other."""
    if (now, wanted) in RETURN_MOVES:
        return wanted
    if wanted is R.CANCELLED:
        return R.PARTLY_ARRIVED
    way = (R.ARRIVED, R.INSPECTED, R.DISPOSED, R.PARTLY_ARRIVED)
    return next(state for state in way if (now, state) in RETURN_MOVES)


@command
def follow_case(case_id: int, store_id: int, *, actor: Actor) -> Case:
    """Move the case on once nothing of its returns is awaited; otherwise it stays where it is."""
    case = db.session.scalars(in_store(select(Case).where(Case.id == case_id), store_id, Case)).one()
    return follow(case, actor=actor)


@command
def reopen(back: Return, *, actor: Actor) -> None:
    """Units of it are awaited again: a case that was to be resolved goes back to where goods are awaited."""
    if back.state not in AWAITED:
        return
    case = db.session.scalars(in_store(select(Case).where(Case.id == back.case_id), back.store_id, Case)).one()
    if case.phase is CasePhase.RESOLVE:
        move_case(case, PhaseMove.EXPECT_GOODS, actor=actor, waiting_for=WaitingFor.WAREHOUSE)


def awaited_from(origin: ReturnOrigin) -> WaitingFor:
    """Who has the goods until they are at the dock."""
    return WaitingFor.CUSTOMER if origin is ReturnOrigin.CUSTOMER else WaitingFor.COURIER


@command
def goods_are_here(back: Return) -> None:
    """A parcel of the return lies at the dock: its case waits for the warehouse now."""
    waits = update(Case).where(Case.id == back.case_id, Case.phase == CasePhase.RECEIVE)
    waits = waits.values(waiting_for=WaitingFor.WAREHOUSE, version=Case.version + 1)
    rows_changed(in_store(waits, back.store_id, Case))


@command
def goods_are_elsewhere(back: Return) -> None:
    """The parcel was somebody else's after all: the case waits again for whoever sends, unless another lies here."""
    mine = in_store(select(Return.id).where(Return.case_id == back.case_id), back.store_id, Return)
    if at_dock(db.session.scalars(mine).all(), back.store_id):
        return
    sender = awaited_from(back.origin)
    waits = update(Case).where(Case.id == back.case_id, Case.phase == CasePhase.RECEIVE)
    waits = waits.where(Case.waiting_for == WaitingFor.WAREHOUSE).values(waiting_for=sender, version=Case.version + 1)
    rows_changed(in_store(waits, back.store_id, Case))


@command
def tell_owner(back: Return, code: str, arrival: Arrival, *, actor: Actor) -> None:
    """Say to the case's owner, or to its role's inbox, what the dock found."""
    case = db.session.scalars(in_store(select(Case).where(Case.id == back.case_id), back.store_id, Case)).one()
    order = orders.order_by_id(back.order_id, back.store_id)
    notices.put(
        case.role, NoticeKind.ALARM, order, actor=actor, person_id=case.owner_id, parcel_id=case.parcel_id, code=code,
        case=case.number, arrival=str(arrival.id),
    )  # fmt: skip
