"""Steps copied from the playbook: when a change opens, when a wish joins it, when the stage moves under it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select

from shopdesk.changes import queries, rules
from shopdesk.changes.models import Change, Step
from shopdesk.changes.playbook import ASK_FIRST, BY_MESSAGE, EMPTIED, PULL_BACK, Code, StepSpec, at_supplier, steps_for
from shopdesk.changes.queries import emptying, parts
from shopdesk.changes.states import HANDED_TO, ChangeState, Kind, StepState
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.notices import service as notices
from shopdesk.notices.models import NoticeKind
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Stage
from shopdesk.staff.models import Store


def copy_steps(change: Change, stage: Stage, store: Store, *, is_paid: bool, asks_first: bool) -> None:
    """Copy the column's steps.  In a change that a further wish joins, the open ones make room and start anew."""
    met = rules.conditions(change.kind, is_paid=is_paid, has_electronic_waybill=store.electronic_waybills)
    cell = steps_for(change.kind, stage, met, of_lines=_takes_lines_out(change), empties=emptying.empties(change))
    specs = (PULL_BACK,) if stage is Stage.SHIPPED else cell
    change.column = stage  # first: each copy notes the column that it comes from
    replace_open(change, ((ASK_FIRST, *specs) if asks_first else specs))


def _takes_lines_out(change: Change) -> bool:
    """A cancel of lines after which something stays in the parcel, as things stand."""
    return change.kind is Kind.CANCEL and parts.leaves_some(change)


def follow_units(change: Change, store: Store, *, is_paid: bool) -> None:
    """Let the open steps of a quantity change end as its parcel does: void where nothing is left in it, else papers.

    What was done counts, what is open and stands in both ways stays open.
    """
    if change.kind is not Kind.QUANTITY or change.state is not ChangeState.OPEN or change.column not in EMPTIED:
        return
    empties = emptying.empties(change)
    steps = queries.steps_of([change.id], change.store_id)
    if empties == any(step.code == Code.VOID for step in steps) or not any(step.ends_hold for step in steps):
        return
    met = rules.conditions(change.kind, is_paid=is_paid, has_electronic_waybill=store.electronic_waybills)
    way, other = (steps_for(change.kind, change.column, met, empties=e) for e in (empties, not empties))
    still = {step.code for step in steps if step.state is StepState.OPEN}
    specs = [spec for spec in way if _stands(spec.code, still, {spec.code for spec in other})]
    replace_open(change, tuple([ASK_FIRST, *specs] if ASK_FIRST.code in still else specs))


def _stands(code: Code, still: Collection[str], other: Collection[str]) -> bool:
    if code in HANDED_TO:
        return not HANDED_TO.keys().isdisjoint(still)
    return code in still or code not in other


def move_column(change: Change, stage: Stage, store: Store, *, is_paid: bool) -> None:
    """Replace the open steps by copies of another column's; what the change did already counts as done there."""
    done = {s.code: s for s in queries.steps_of([change.id], change.store_id) if s.state is StepState.DONE}
    copy_steps(change, stage, store, is_paid=is_paid, asks_first=False)
    db.session.flush()
    for step in queries.steps_of([change.id], change.store_id):
        former = done.get(step.code)
        if former is not None and step.state is StepState.OPEN and rules.is_done_with(step.code):
            step.state, step.done_at, step.done_by_id = StepState.DONE, former.done_at, former.done_by_id
            step.evidence = {"before_the_stage_moved": True}
    db.session.flush()


def replace_open(change: Change, specs: tuple[StepSpec, ...]) -> None:
    # Open tasks after the hold go too: `specs` asks for them again, so none stands twice.
    for step in queries.steps_of([change.id], change.store_id):
        if step.state is StepState.OPEN:
            step.state = StepState.REPLACED
            if step.nudged_at is not None:
                notices.withdraw(change.id, NoticeKind.NUDGE)
    append(change, specs)


def append(change: Change, specs: Sequence[StepSpec]) -> None:
    """Copies of these steps behind all others."""
    last = select(func.max(Step.position)).select_from(Step).where(Step.change_id == change.id)
    first = int(db.session.scalar(in_store(last, change.store_id, Step)) or 0) + 1
    is_supplied = parcels.is_supplied(change.parcel_id, change.store_id)
    for position, given in enumerate(specs, start=first):
        by_message = is_supplied and given.code in BY_MESSAGE
        spec = at_supplier(given) if by_message else given
        db.session.add(
            Step(
                store_id=change.store_id, change_id=change.id, position=position, code=str(spec.code),
                column=Stage.UNPRINTED if given is ASK_FIRST else change.column, role=spec.role,
                ends_hold=spec.ends_hold, after_hold=spec.after_hold, state=StepState.OPEN, by_message=by_message,
            )
        )  # fmt: skip
    db.session.flush()


def finish_step(change: Change, code: Code, actor: Actor, **evidence: Any) -> Step | None:
    """Mark the first open step of that code done; None when there is none."""
    for step in queries.steps_of([change.id], change.store_id):
        if step.code == code and step.state is StepState.OPEN:
            step.state, step.done_at, step.done_by_id = StepState.DONE, clock.now(), actor.id
            step.evidence = evidence or None
            db.session.flush()
            if step.nudged_at is not None:
                notices.settle_nudges(change.id, step.position, store_id=change.store_id, actor=actor)
            return step
    return None


def open_step(change: Change, code: Code) -> Step | None:
    steps = queries.steps_of([change.id], change.store_id)
    return next((s for s in steps if s.code == code and s.state is StepState.OPEN), None)
