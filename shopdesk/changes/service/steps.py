"""Doing a step: one table of handlers; order, role and stage are checked before any of them runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from shopdesk.changes import queries, rules
from shopdesk.changes.models import Change, Step
from shopdesk.changes.playbook import CONTACT, WORKING, Code
from shopdesk.changes.service import applying, copying, expiring, papers, recalling
from shopdesk.changes.service.settling import refund
from shopdesk.changes.service.voiding import void
from shopdesk.changes.states import ChangeState, ConfirmChannel, Destination, StepState
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import Conflict, DomainError, IllegalMove, NotFound
from shopdesk.core.permissions import Actor, Permission, require_role
from shopdesk.core.personal import Personal
from shopdesk.core.scope import in_store, load
from shopdesk.orders import queries as orders
from shopdesk.orders import service as order_service
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Stage


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is recorded with a step; each step takes its own part."""

    text: str | None = None  # confirm: what the customer answered
    via: ConfirmChannel | None = None
    at: datetime | None = None
    amount_minor: int | None = None  # refund
    reference: str | None = None
    destination: Destination = Destination.PLATFORM
    to: int | None = None  # hand_out, hand_to_after_sale: id of the person who holds it from now on
    waybill: str | None = None  # reprint: the new number
    grams: int | None = None  # repack
    counted: Mapping[int, int] | None = None  # book_in: line → units that came back; None = nobody counted


@dataclass(frozen=True, slots=True)
class Turn:
    """A step whose turn it is, its change locked."""

    change: Change
    step: Step


@command
def do_step(
    change_id: int, position: int, evidence: Evidence, *, actor: Actor, seen_version: int | None = None
) -> Change:
    """Do one step of a change; `seen_version` is the change's version that the doer looked at.

    Raises NotFound, NotAllowed (another role's step), Conflict (`stale_version`, `step_replaced`), IllegalMove (done,
    out of order, not open, not a step that is done so), RuleViolation (evidence).
    """
    turn = take_turn(change_id, position, Permission.STEP_DO, actor=actor, seen_version=seen_version)
    if turn.step.by_message:
        raise IllegalMove(
            "The supplier does this: send them the message and note their answer.", code="by_message",
            step=turn.step.code,
        )  # fmt: skip
    return carry_out(turn, evidence, actor=actor)


def take_turn(
    change_id: int, position: int, needed: Permission, *, actor: Actor, seen_version: int | None = None
) -> Turn:
    """The step, once order, role and version are checked; raises as `do_step`."""
    change = load(Change, change_id, actor, needed)
    parcels.locked_with_orders([change.parcel_id], change.store_id)
    change = load(Change, change_id, actor, needed, lock="update")
    steps = queries.steps_of([change.id], change.store_id)
    step = next((s for s in steps if s.position == position), None)
    expiring.refuse_late_yes(change, position)
    if step is None:
        raise _gone(change, position)
    _check_role(change, step, actor)
    if not _goes_on(change, step):
        raise IllegalMove("This change is %(state)s.", code="change_not_open", state=str(change.state))
    _check_turn(change, step, steps)
    rules.check_seen(change.version, seen_version)
    return Turn(change, step)


def carry_out(turn: Turn, evidence: Evidence, *, actor: Actor) -> Change:
    """Do it, and what is the desk's own turn after it."""
    change, step = turn.change, turn.step
    handler = HANDLERS.get(Code(step.code)) if step.column in WORKING else None
    if handler is None:
        raise IllegalMove(
            "This step is done with another action: with the submit, or with the answer to a notice.",
            code="step_not_available", step=step.code,
        )  # fmt: skip
    handler(change, step, evidence, actor)
    recalling.advance(change, actor)
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


def _check_role(change: Change, step: Step, actor: Actor) -> None:
    if step.by_message:
        may = [role for role in CONTACT if actor.acts_as(role, change.store_id)]
        require_role(actor, may[0] if may else step.role, change.store_id)
    elif step.code == Code.AMEND_PAPERS:
        papers.check_holder(change, actor)
    else:
        require_role(actor, step.role, change.store_id)


def _goes_on(change: Change, step: Step) -> bool:
    """Tasks after the hold go on in a done change; a withdrawn one may still have papers out."""
    if change.state is ChangeState.WITHDRAWN:
        return step.state is StepState.OPEN
    return change.state is ChangeState.OPEN or step.after_hold


def _check_turn(change: Change, step: Step, steps: list[Step]) -> None:
    """The customer's yes may come while printing is still being asked; it is kept and counts afterwards."""
    is_unprinted = change.column is Stage.UNPRINTED
    waits_for_printing = is_unprinted and not change.is_applied and step.code == Code.CONFIRM
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


def _enter_in_platform(change: Change, _step: Step, _evidence: Evidence, actor: Actor) -> None:
    for _, wish in queries.wishes_of([change.id], change.store_id):
        if wish.amendment_id is not None:
            amendment = orders.amendment_by_id(wish.amendment_id, change.store_id)
            if amendment.ended_at is None and amendment.state in {"to_do", "contradicted"}:
                order_service.note_done_by_hand(amendment)
    for member in (change, *queries.siblings(change)):  # the platform has one quantity, whatever the parcels
        copying.finish_step(member, Code.ENTER_IN_PLATFORM, actor)


#: Steps that people do; system steps are done with the command that causes them, the acknowledgement with its notice.
HANDLERS: dict[Code, Callable[[Change, Step, Evidence, Actor], None]] = {
    Code.AMEND: papers.amend,
    Code.CONFIRM: _confirm,
    Code.REFUND: refund,
    Code.ENTER_IN_PLATFORM: _enter_in_platform,
    Code.VOID: void,
    Code.TAKE_OUT: void,
    Code.HAND_OUT: papers.hand_out,
    Code.HAND_TO_AFTER_SALE: papers.hand_out,
    Code.AMEND_PAPERS: papers.amend_papers,
    Code.REPRINT: papers.reprint,
    Code.TAKE_BACK: papers.take_back,
    Code.REPACK: papers.repack,
    Code.DESTROY_PAPERS: papers.destroy_papers,
    Code.BOOK_IN: papers.book_in,
}
