"""A replacement that goes out no more, or came back while the customer keeps the first goods."""

from __future__ import annotations

from sqlalchemy import update

from shopdesk.cases import service as cases
from shopdesk.cases.models import Case
from shopdesk.cases.queries import settling
from shopdesk.cases.states import CasePhase, Resolution
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, load
from shopdesk.core.text import strip_controls
from shopdesk.orders import queries as orders
from shopdesk.orders import service as order_service
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.states import Stage
from shopdesk.replacements import queries, rules
from shopdesk.replacements.models import Replacement
from shopdesk.replacements.service.releasing import locked, outbound_locked
from shopdesk.replacements.states import DifferenceSettled, ReplacementState
from shopdesk.returns import service as returns
from shopdesk.returns.models import Return
from shopdesk.returns.states import ReturnOrigin

P = Permission.REPLACEMENT_MAKE
MOST_REASON = 500  # characters


@command
def cancel(replacement_id: int, reason: str, *, actor: Actor) -> Replacement:
    """Take it back while nothing of it is printed, or once all was voided; its units and their money are free again.

    Raises NotFound, NotAllowed, IllegalMove (`printed_already`, `held_by_change`, `replacement_moved`,
    `settled_already`), RuleViolation (no reason).
    """
    case, found, why = _in_hand(replacement_id, reason, actor)
    order = outbound_locked(found)
    rules.check_cancel(queries.standing(found))
    there = parcels.parcels_of_order(order.id, order.store_id)
    statement = (
        update(Replacement)
        .where(Replacement.id == found.id, Replacement.state != ReplacementState.CANCELLED)
        .where(Replacement.undone_at.is_(None))
        .values(
            state=ReplacementState.CANCELLED, cancelled_at=clock.now(), why=why, version=Replacement.version + 1
        )
    )  # fmt: skip
    if rows_changed(in_store(statement, found.store_id, Replacement)) != 1:
        raise IllegalMove("This goes out no more.", code="replacement_moved", state=str(found.state))
    for parcel in there:
        if parcel.stage is not Stage.VOIDED:
            parcel_service.void(parcel, person_id=actor.id)
    for line in orders.lines(order.id, order.store_id):
        order_service.cancel_units(line.id, line.quantity - line.cancelled)
    order_service.close_own(order)
    _give_back(case, found)
    db.session.refresh(found)
    audit.record(
        "replacement.cancelled", "replacement", found.id, actor, store_id=found.store_id, order_id=found.order_id,
        outbound=found.outbound_id,
    )  # fmt: skip
    return found


@command
def expect_back(replacement_id: int, *, actor: Actor) -> Return:
    """The customer keeps the first goods and sends this back: the dock signs it in and inspects it, then it is undone.

    Also while the first goods are awaited: it was sent ahead of them.
    Raises NotFound, NotAllowed, IllegalMove (`replacement_moved`, `not_with_customer`), Conflict.
    """
    found = load(Replacement, replacement_id, actor, P)
    case = cases.in_hand(found.case_id, actor, P, phases=cases.UNDER_WAY)
    cases.lock_order(case)
    found = locked(replacement_id, found.store_id)
    order = outbound_locked(found)
    rules.check_expect_back(queries.standing(found))
    there = {line.id: line.shipped - line.in_return - line.returned for line in orders.lines(order.id, order.store_id)}
    units = {line_id: count for line_id, count in there.items() if count > 0}
    return returns.expect_units(case, order, units, ReturnOrigin.CUSTOMER, parcel_id=None, actor=actor)


@command
def undo(replacement_id: int, reason: str, *, actor: Actor) -> Replacement:
    """The customer keeps what they had and has sent this back: nobody is charged or refunded for it.

    A difference that they paid goes back.  Raises NotFound, NotAllowed, IllegalMove (`replacement_not_back`,
    `settled_already`, `replacement_moved`, `replacement_waits`), RuleViolation (no reason).
    """
    case, found, why = _in_hand(replacement_id, reason, actor)
    rules.check_undo(queries.standing(found))
    statement = (
        update(Replacement)
        .where(Replacement.id == found.id, Replacement.state == ReplacementState.RELEASED)
        .where(Replacement.undone_at.is_(None))
        .values(undone_at=clock.now(), why=why, version=Replacement.version + 1)
    )
    if rows_changed(in_store(statement, found.store_id, Replacement)) != 1:
        raise IllegalMove("This goes out no more.", code="replacement_moved", state=str(found.state))
    _give_back(case, found)
    db.session.refresh(found)
    audit.record(
        "replacement.undone", "replacement", found.id, actor, store_id=found.store_id, order_id=found.order_id,
        outbound=found.outbound_id,
    )  # fmt: skip
    _nothing_is_done(case, found, actor)
    return found


def _nothing_is_done(case: Case, undone: Replacement, actor: Actor) -> None:
    """An exchange that was undone is decided no more: what came back is what went out, and nobody is paid for it."""
    others = queries.alive(queries.of_case(case.id, case.store_id))
    if case.phase is not CasePhase.RESOLVE or any(one.kind is undone.kind for one in others):
        return
    cases.take_back(case.id, Resolution(str(undone.kind)), is_used=False, actor=actor)
    if not settling.kinds_of(case):
        cases.add_resolution(case.id, Resolution.NONE, actor=actor)


def _in_hand(replacement_id: int, reason: str, actor: Actor) -> tuple[Case, Replacement, str]:
    found = load(Replacement, replacement_id, actor, P)
    case = cases.in_hand(found.case_id, actor, P, phases=cases.UNDER_WAY)
    cases.lock_order(case)
    why = strip_controls(reason).strip()[:MOST_REASON]
    if not why:
        raise RuleViolation("Please say why.", code="value_required", missing="reason")
    return case, locked(replacement_id, found.store_id), why


def _give_back(case: Case, found: Replacement) -> None:
    """Units and paid shares go back to the sale; what went out is worth nothing any more."""
    for line in queries.lines_of([found.id], found.store_id):
        if line.credited_minor:
            cases.credit(case, line.line_id, -line.credited_minor)
            line.share_minor += line.credited_minor
        if line.is_claimed:
            cases.give_back_units(case, line.line_id, line.quantity, line.share_minor)
        if not order_service.set_worth(line.outbound_line_id, 0, line.store_id):
            raise IllegalMove("This was settled already. Take the wrong entry back first.", code="settled_already")
        line.share_minor = line.worth_minor = line.credited_minor = 0
    paid = found.settled_how in {DifferenceSettled.LINKED_ORDER, DifferenceSettled.PAYMENT}
    if paid and found.difference_minor > 0:
        cases.owe(case, found.difference_minor)
    db.session.flush()
