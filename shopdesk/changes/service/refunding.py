"""The refund task done by the desk itself: set aside when it is asked for, ticked when the money was paid out.

Refunds stand above changes: they call these.  What people note by hand (`settling`) books the same shares of the same
lines and is refused while a refund is under way, so that the same money goes back once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, update

from shopdesk.changes import queries, rules
from shopdesk.changes.models import Change, Step
from shopdesk.changes.playbook import Code
from shopdesk.changes.queries.money import APART, refundable, under_way
from shopdesk.changes.service import copying, recalling
from shopdesk.changes.service.steps import take_turn
from shopdesk.changes.states import ChangeState, StepState
from shopdesk.core import audit
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store
from shopdesk.orders import queries as orders
from shopdesk.orders.models import OrderLine
from shopdesk.parcels import queries as parcels

Parts = Mapping[int | None, int]  # line (None: beside every line) → minor units


@dataclass(frozen=True, slots=True)
class PaidOut:
    """What a refund paid of a change: its id, the payout's number, where it went.

    `is_last`: no payout of it is open any more; `is_whole`: every one of them was paid.
    """

    refund_id: int
    number: str
    destination: str
    is_last: bool
    is_whole: bool


def refund_turn(change_id: int, position: int, *, actor: Actor) -> Change:
    """The change, locked, whose refund step's turn it is.  Raises as `do_step`, IllegalMove (`refund_under_way`)."""
    turn = take_turn(change_id, position, Permission.STEP_DO, actor=actor)
    if turn.step.code != Code.REFUND or turn.step.by_message:
        raise IllegalMove("This step is not a refund.", code="step_not_available", step=turn.step.code)
    if under_way(change_id, turn.change.store_id):
        raise rules.refund_under_way()
    return turn.change


def refund_shares(change: Change, amount_minor: int | None) -> dict[int | None, int]:
    """Line → how much of an amount goes back for it; without an amount all that was paid for the units.

    Raises RuleViolation (`nothing_refunded`, `more_than_paid`).
    """
    shares = refundable(change)
    most_minor = sum(shares.values())
    wanted = most_minor if amount_minor is None else amount_minor
    currency = orders.order_by_id(change.order_id, change.store_id).currency
    if wanted <= 0:
        raise RuleViolation(
            "Up to %(most_minor)s was paid for this: say what was refunded.", code="nothing_refunded",
            amount_minor=wanted, most_minor=most_minor, currency=currency,
        )  # fmt: skip
    rules.check_refund(wanted, "R0", most_minor=most_minor, currency=currency)
    found: dict[int | None, int] = {}
    for line_id, most in shares.items():
        part = min(wanted - sum(found.values()), most)
        if part > 0:
            found[line_id] = part
    return found


@command
def take_refund(change: Change, parts: Parts, refund_id: int) -> None:
    """Set aside what a refund asks for on a locked change.  Raises RuleViolation (`more_than_paid`), IllegalMove."""
    for line_id, part in parts.items():
        if line_id is not APART and not _counted(line_id, change.store_id, reserved=part):
            raise RuleViolation("More than was paid for these units.", code="more_than_paid", amount_minor=part)
    step = copying.open_step(change, Code.REFUND)
    if step is None:
        raise IllegalMove("This change is %(state)s.", code="change_not_open", state=str(change.state))
    step.refund_id, step.evidence = refund_id, {"refunding_minor": sum(parts.values())}
    change.version += 1
    db.session.flush()


def lock_with_orders(change_id: int, store_id: int) -> Change:
    """Orders, parcels, the change: the order of locks is the same everywhere."""
    parcels.locked_with_orders([queries.change_by_id(change_id, store_id).parcel_id], store_id)
    statement = select(Change).where(Change.id == change_id).with_for_update(key_share=True)
    return db.session.scalars(in_store(statement, store_id, Change).execution_options(populate_existing=True)).one()


@command
def let_go_refund(change: Change, parts: Parts, refund_id: int, *, is_last: bool) -> None:
    """What was under way is finally not paid: the task stands again as it was."""
    for line_id, part in parts.items():
        if line_id is not APART:
            _must(_counted(line_id, change.store_id, reserved=-part), change)
    step = _step_of(change, refund_id)
    if step is not None:
        _less(step, sum(parts.values()))
        if is_last:
            _free(step)
    change.version += 1
    db.session.flush()


@command
def note_refunded(change: Change, parts: Parts, paid: PaidOut, *, actor: Actor) -> None:
    """A payout was paid: its lines are refunded; with the last one the task is done, in whatever state the change is.

    It is a fact, and was set aside before.
    """
    amount_minor = sum(parts.values())
    for line_id, part in parts.items():
        if line_id is not APART:
            _must(_counted(line_id, change.store_id, reserved=-part, refunded=part), change)
    step = _step_of(change, paid.refund_id)
    if step is not None:
        step.refunded_minor += amount_minor
        _less(step, amount_minor)
        if paid.is_last:
            _tick(change, step, paid, actor)
    change.version += 1
    db.session.flush()
    audit.record(
        "change.refunded", "change", change.id, actor, store_id=change.store_id, order_id=change.order_id,
        amount_minor=amount_minor, reference=paid.number,
    )  # fmt: skip


def _tick(change: Change, step: Step, paid: PaidOut, actor: Actor) -> None:
    """The task is done where all that was asked for was paid; else what is left of it stands again."""
    _free(step)
    if not paid.is_whole:
        return
    current = copying.finish_step(
        change, Code.REFUND, actor, amount_minor=step.refunded_minor, reference=paid.number,
        destination=paid.destination, by_refund=True,
    )  # fmt: skip
    if current is not None and current.id != step.id:  # the stage moved meanwhile and brought another copy
        current.refunded_minor, step.refunded_minor = step.refunded_minor, 0
    recalling.advance(change, actor)


@command
def take_back_refunded(change: Change, parts: Parts, number: str, *, actor: Actor) -> None:
    """The place took a payout back: the task stands again, also in a change that is done."""
    amount_minor = sum(parts.values())
    for line_id, part in parts.items():
        if line_id is not APART:
            _must(_counted(line_id, change.store_id, refunded=-part), change)
    for step in queries.steps_of([change.id], change.store_id):
        if step.code != Code.REFUND or not step.refunded_minor:
            continue
        step.refunded_minor = max(0, step.refunded_minor - amount_minor)
        if step.state is StepState.DONE:
            step.state, step.done_at, step.done_by_id, step.evidence = StepState.OPEN, None, None, None
            step.after_hold = step.after_hold or change.state is not ChangeState.OPEN
        break
    change.version += 1
    db.session.flush()
    audit.record(
        "change.payout_reversed", "change", change.id, actor, store_id=change.store_id, order_id=change.order_id,
        amount_minor=amount_minor, reference=number,
    )  # fmt: skip


def _step_of(change: Change, refund_id: int) -> Step | None:
    statement = select(Step).where(Step.change_id == change.id, Step.refund_id == refund_id)
    return db.session.scalars(in_store(statement, change.store_id, Step)).one_or_none()


def _less(step: Step, amount_minor: int) -> None:
    evidence = dict(step.evidence or {})
    evidence["refunding_minor"] = max(0, evidence.get("refunding_minor", 0) - amount_minor)
    step.evidence = evidence


def _free(step: Step) -> None:
    step.refund_id, step.evidence = None, None


def _counted(line_id: int, store_id: int, *, reserved: int = 0, refunded: int = 0) -> bool:
    """One conditional UPDATE decides, with the CHECK behind it (I2)."""
    aside, paid = OrderLine.reserved_minor + reserved, OrderLine.refunded_minor + refunded
    room: ColumnElement[bool] = aside + paid <= OrderLine.share_minor
    statement = update(OrderLine).where(OrderLine.id == line_id, aside >= 0, paid >= 0, room)
    counted = statement.values(reserved_minor=aside, refunded_minor=paid)
    return rows_changed(in_store(counted, store_id, OrderLine)) == 1


def _must(counted: bool, change: Change) -> None:  # noqa: FBT001 - what an UPDATE said
    if not counted:
        raise RuntimeError(f"change {change.id}: its lines do not carry what was set aside")
