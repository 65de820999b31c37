"""What a courier is asked and tells of a parcel on its way, and what follows for its goods."""

from __future__ import annotations

from sqlalchemy import update

from shopdesk.cases import queries as cases
from shopdesk.cases.models import Case, CourierWord
from shopdesk.cases.service import close as close_case
from shopdesk.cases.service import move as move_case
from shopdesk.cases.service import outstanding as what_is_outstanding
from shopdesk.cases.service.courier import note_word
from shopdesk.cases.states import (
    COMES_BACK,
    TO_DECIDE,
    CasePhase,
    CourierOutcome,
    PhaseMove,
    WaitingFor,
)
from shopdesk.core import audit
from shopdesk.core.db import command, rows_changed
from shopdesk.core.errors import IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store
from shopdesk.orders import queries as orders
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.states import WAYBILLS_VALID
from shopdesk.returns import queries, rules
from shopdesk.returns.models import Return
from shopdesk.returns.service.confirming import asked_by, confirm, free_or_refuse, lock_case
from shopdesk.returns.service.moving import AWAITED, follow, outstanding, step
from shopdesk.returns.service.sending import announce
from shopdesk.returns.states import ReturnOrigin, ReturnState

W = CourierOutcome
ORIGIN = {
    W.TURNED_ROUND: ReturnOrigin.INTERCEPT,
    W.REFUSED: ReturnOrigin.REFUSAL,
    W.NOT_DELIVERED: ReturnOrigin.FAILED_DELIVERY,
    W.CAME_BACK: ReturnOrigin.FAILED_DELIVERY,
}
WAITS = {
    W.ASKED: WaitingFor.COURIER,
    W.PROOF_ASKED: WaitingFor.COURIER,
    W.TOO_LATE: WaitingFor.CUSTOMER,
    W.PROVED: WaitingFor.CUSTOMER,
}


@command
def tell(
    case_id: int, outcome: CourierOutcome, *, actor: Actor, said: str | None = None, parcel_id: int | None = None
) -> CourierWord:
    """Note what the courier was asked or told of a parcel; by the owner of the case or a supervisor.

    Turned round, refused, not delivered: the whole parcel comes back as a return of its own, no refund is forced.
    Done: the case closes, unless something else is outstanding.  Lost, or nobody can show who has it: what was awaited
    is given up, the case goes on to be decided.  A parcel that reappears opens a closed case again.
    Raises NotFound, NotAllowed, IllegalMove (`wrong_outcome`, `parcel_is_here`, `case_closed`, `not_left`, …),
    RuleViolation (`value_required`: which parcel, how it was done; `more_than_left`), Conflict.
    """
    case = cases.case_by_id(case_id, actor, Permission.RETURN_CONFIRM)
    lock_case(case)
    if queries.is_here(case):
        raise IllegalMove("The parcel is here: the dock has signed it in.", code="parcel_is_here")
    parcel = _parcel(case, parcel_id)
    word = note_word(case, outcome, parcel.id, said, actor=actor)
    if case.phase is CasePhase.CLOSED:
        move_case(case, PhaseMove.REOPEN, actor=actor, ending=None, closed_by_id=None)
    rules.check_may_keep(asked_by(case, actor))
    audit.record(
        "courier.told", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id, outcome=str(outcome),
        parcel=parcel.id,
    )  # fmt: skip
    _go_on(case, parcel, word, said, actor)
    return word


def _parcel(case: Case, parcel_id: int | None) -> Parcel:
    """The parcel that is meant.  Raises IllegalMove, RuleViolation where it has to be said."""
    left = {parcel.id: parcel for parcel in cases.left_parcels(case.order_id, case.store_id)}
    wanted = parcel_id or case.parcel_id
    if wanted is None and len(left) > 1:
        raise RuleViolation("Say which parcel.", code="value_required", missing="parcel")
    found = left.get(wanted) if wanted else next(iter(left.values()), None)
    if found is None:
        raise IllegalMove("This parcel has not left: ask for a change.", code="not_left")
    return found


def _go_on(case: Case, parcel: Parcel, word: CourierWord, said: str | None, actor: Actor) -> None:
    outcome = word.outcome
    if outcome in COMES_BACK:
        word.return_id = _bring_back(case, parcel, outcome, actor).id
    elif outcome is W.DONE:
        if what_is_outstanding(case) is None:  # else it stays open until that has ended, too
            close_case(case.id, said or "", actor=actor)
    elif outcome in TO_DECIDE or outcome is W.DELIVERED_AFTER_ALL:
        _nothing_comes(case, said, actor)
        if case.phase is CasePhase.COMMUNICATE:
            move_case(case, PhaseMove.DECIDE, actor=actor, waiting_for=None)
    else:
        statement = update(Case).where(Case.id == case.id, Case.phase != CasePhase.CLOSED)
        waits = statement.values(waiting_for=WAITS.get(outcome), version=Case.version + 1)
        rows_changed(in_store(waits, case.store_id, Case))


def _bring_back(case: Case, parcel: Parcel, outcome: CourierOutcome, actor: Actor) -> Return:
    """All units of the parcel that are this order's, under the waybills that stand on the box."""
    there = {line.id: line for line in orders.lines(case.order_id, case.store_id)}
    inside = {
        row.line_id: row.quantity
        for row in parcels.parcel_lines([parcel.id], case.store_id)
        if row.order_id == case.order_id and row.quantity and there[row.line_id].shipped
    }
    back = confirm(case.id, inside, ORIGIN[outcome], actor=actor, parcel_id=parcel.id)
    bills = parcels.waybills([parcel.id], case.store_id)
    valid = [bill for bill in bills if bill.state in WAYBILLS_VALID]
    return announce(back, [bill.number.upper() for bill in valid], valid[0].carrier if valid else None, actor=actor)


def _nothing_comes(case: Case, said: str | None, actor: Actor) -> None:
    """What the courier was to bring is not awaited any more; its units are free."""
    for back in queries.of_case(case.id, case.store_id):
        if back.origin is ReturnOrigin.CUSTOMER or back.state not in AWAITED - {ReturnState.PARTLY_ARRIVED}:
            continue
        step(back, ReturnState.CANCELLED, ended_why=said)
        for line in queries.lines_of([back.id], back.store_id):
            free_or_refuse(line, outstanding(line))
    follow(case, actor=actor)
