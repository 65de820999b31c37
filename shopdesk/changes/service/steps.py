"""Doing a step: one table of handlers; order, role and stage are checked before any of them runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from shopdesk.changes import queries, rules
from shopdesk.changes.models import Change, Step
from shopdesk.changes.playbook import WORKING, Code
from shopdesk.changes.queries.money import refundable
from shopdesk.changes.service import applying, copying, expiring, units
from shopdesk.changes.service.closing import close_others
from shopdesk.changes.states import ChangeState, ConfirmChannel
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, DomainError, IllegalMove, NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Permission, require, require_role
from shopdesk.core.personal import Personal
from shopdesk.core.scope import in_store, load
from shopdesk.notices import service as notices
from shopdesk.orders import queries as orders
from shopdesk.orders import service as order_service
from shopdesk.orders.models import OrderLine
from shopdesk.orders.states import NOT_PACKED
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.states import Stage

NO_COMMAND = "This step cannot be done in the desk yet. A supervisor can end the change with a reason."


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is recorded with a step: the customer's words for *confirm*, figures for *refund*."""

    text: str | None = None
    via: ConfirmChannel | None = None
    at: datetime | None = None
    amount_minor: int | None = None
    reference: str | None = None


@command
def do_step(change_id: int, position: int, evidence: Evidence, *, actor: Actor) -> Change:
    """Do one step of a change.

    Raises NotFound, NotAllowed (another role's step), IllegalMove (done, out of order, not open, not possible yet),
    RuleViolation (evidence).
    """
    change = load(Change, change_id, actor, Permission.STEP_DO)
    parcels.locked_with_orders([change.parcel_id], change.store_id)
    change = load(Change, change_id, actor, Permission.STEP_DO, lock="update")
    steps = queries.steps_of([change.id], change.store_id)
    step = next((s for s in steps if s.position == position), None)
    expiring.refuse_late_yes(change, position)
    if step is None:
        raise _gone(change, position)
    require_role(actor, step.role, change.store_id)
    if change.state is not ChangeState.OPEN and not step.after_hold:
        raise IllegalMove("This change is %(state)s.", code="change_not_open", state=str(change.state))
    _check_turn(change, step, steps)
    handler = HANDLERS.get(Code(step.code)) if step.column in WORKING else None
    if handler is None:
        raise IllegalMove(NO_COMMAND, code="step_not_available", step=step.code)
    handler(change, step, evidence, actor)
    change.version += 1
    db.session.flush()
    audit.record(
        "step.done", "change", change.id, actor, store_id=change.store_id, order_id=change.order_id, step=step.code
    )
    return change


def _gone(change: Change, position: int) -> DomainError:
    """Why a step is not there: the change ended, or the stage moved and brought other steps."""
    known = select(Step.id).where(Step.change_id == change.id, Step.position == position)
    if db.session.scalar(in_store(known, change.store_id, Step)) is None:
        return NotFound("The change has no such step.")
    if change.state is not ChangeState.OPEN:
        return IllegalMove("This change is %(state)s.", code="change_not_open", state=str(change.state))
    return Conflict("Other steps took this one's place meanwhile. See what is possible now.", code="step_replaced")


def _check_turn(change: Change, step: Step, steps: list[Step]) -> None:
    """The customer's yes may come while printing is still being asked; it is kept and counts afterwards."""
    waits_for_printing = not change.is_applied and step.code == Code.CONFIRM
    if not waits_for_printing:
        rules.check_turn(queries.step_views(steps), step.position)


def _confirm(change: Change, _step: Step, evidence: Evidence, actor: Actor) -> None:
    rules.check_confirmation(evidence.text, evidence.via, evidence.at, now=clock.now())
    at, words = evidence.at or clock.now(), (evidence.text or "").strip()
    for _, wish in queries.wishes_of([change.id], change.store_id):
        if wish.confirmed_at is None:
            wish.confirmed_text = Personal(words, "text")
            wish.confirmed_via, wish.confirmed_at = evidence.via, at
    db.session.flush()
    order = orders.order_by_id(change.order_id, change.store_id)
    if change.is_applied:
        applying.record_confirmation(change, order, actor)
    else:
        audit.record(
            "change.confirmed", "change", change.id, actor, store_id=change.store_id, order_id=order.id,
            via=str(evidence.via), early=True,
        )  # fmt: skip


def _refund(change: Change, _step: Step, evidence: Evidence, actor: Actor) -> None:
    """Settled by hand until the desk itself pays: amount ≤ paid share of the units, and its reference."""
    shares = refundable(change)
    amount_minor = evidence.amount_minor
    if amount_minor is None:
        raise RuleViolation("Say the amount that was refunded.", code="value_required", missing="amount_minor")
    rules.check_refund(amount_minor, evidence.reference, most_minor=sum(shares.values()))
    left = amount_minor
    for line_id, most in shares.items():
        part = min(left, most)
        left -= part
        if part:
            _book_refund(line_id, part, change.store_id)
    copying.finish_step(change, Code.REFUND, actor, amount_minor=amount_minor, reference=evidence.reference)


def _book_refund(line_id: int, amount_minor: int, store_id: int) -> None:
    """One conditional UPDATE decides, with the CHECK behind it (domain.md §5)."""
    room = OrderLine.reserved_minor + OrderLine.refunded_minor + amount_minor <= OrderLine.share_minor
    booked = rows_changed(
        in_store(update(OrderLine), store_id, OrderLine)
        .where(OrderLine.id == line_id, room)
        .values(refunded_minor=OrderLine.refunded_minor + amount_minor)
    )
    if booked != 1:
        raise RuleViolation("More than was paid for these units.", code="more_than_paid", amount_minor=amount_minor)


def _enter_in_platform(change: Change, _step: Step, _evidence: Evidence, actor: Actor) -> None:
    for _, wish in queries.wishes_of([change.id], change.store_id):
        if wish.amendment_id is not None:
            amendment = orders.amendment_by_id(wish.amendment_id, change.store_id)
            if amendment.ended_at is None and amendment.state in {"to_do", "contradicted"}:
                order_service.note_done_by_hand(amendment)
    for member in (change, *queries.siblings(change)):  # the platform has one quantity, whatever the parcels
        copying.finish_step(member, Code.ENTER_IN_PLATFORM, actor)


def _void(change: Change, _step: Step, _evidence: Evidence, actor: Actor) -> None:
    """Printing voids the parcel; in a merged one only this order's lines are taken out."""
    require(actor, Permission.PARCEL_VOID, change.store_id)
    parcel = parcels.parcel_by_id(change.parcel_id, change.store_id)
    if parcel.stage is not Stage.UNPRINTED:
        raise IllegalMove(rules.NOT_YET.message, code=rules.NOT_YET.code, stage=str(parcel.stage))
    others = [o for o in parcels.orders_in_parcel(parcel.id, change.store_id) if o.id != change.order_id]
    cancel_lines(change, parcel.id, goes_on=bool(others))
    copying.finish_step(change, Code.VOID, actor)
    notices.withdraw(change.id)
    if not others:
        parcel_service.void(parcel, person_id=actor.id)
    close_others(change, actor)
    for order in others[:1]:
        parcel_service.readdress(order)  # the parcel goes where those want it that stay in it
    applying.release(change, actor)


def cancel_lines(change: Change, parcel_id: int, *, goes_on: bool) -> None:
    """Every unit of the change's order in the parcel counts as cancelled.

    It leaves a parcel that goes on with other orders; a parcel that is voided keeps it, so that a reported shipment
    knows which units went after all (domain.md §5).
    """
    parcel = parcels.parcel_by_id(parcel_id, change.store_id)
    for row in parcels.parcel_lines([parcel_id], change.store_id):
        if row.order_id != change.order_id or row.quantity <= 0:
            continue
        if goes_on:
            units.take_off(row.line_id, row.quantity, parcel)
        else:
            order_service.cancel_units(row.line_id, row.quantity)
    lines = select(OrderLine).where(OrderLine.order_id == change.order_id, OrderLine.kind.in_(NOT_PACKED))
    for line in db.session.scalars(in_store(lines, change.store_id, OrderLine)):
        if line.cancelled + line.shipped < line.quantity:
            order_service.cancel_units(line.id, line.quantity - line.cancelled - line.shipped)


#: Steps that people do; system steps are done with the command that causes them, the acknowledgement with its notice.
HANDLERS: dict[Code, Callable[[Change, Step, Evidence, Actor], None]] = {
    Code.CONFIRM: _confirm,
    Code.REFUND: _refund,
    Code.ENTER_IN_PLATFORM: _enter_in_platform,
    Code.VOID: _void,
}
