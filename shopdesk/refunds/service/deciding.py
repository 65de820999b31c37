"""The decision: approved, rejected, withdrawn.  Approving reserves the money and bears the numbers."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select, update

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, load
from shopdesk.core.text import strip_controls
from shopdesk.orders.models import Order
from shopdesk.payments import queries as payments
from shopdesk.payments import service as money
from shopdesk.refunds import queries
from shopdesk.refunds.models import Refund, RefundPayment
from shopdesk.refunds.rules import deciding as rules
from shopdesk.refunds.service import bearing, noticing, telling
from shopdesk.refunds.states import OPEN_PAYOUTS, PayoutState, RefundMove, RefundState
from shopdesk.staff import queries as staff
from shopdesk.staff.models import REFUND_LIMIT, REFUND_LIMIT_DAYS, Store


@command
def decide_or_wait(refund: Refund, order: Order, *, actor: Actor) -> Refund:
    """A draft of a locked order: approved where no limit applies, else it waits for somebody who did not ask."""
    if _is_limited(refund, staff.store_by_id(refund.store_id)):
        _move(refund, RefundMove.ASK_APPROVAL, actor)
    else:
        _approve(refund, order, actor)
    return refund


def _is_limited(refund: Refund, store: Store) -> bool:
    limit_minor = store.settings.get(REFUND_LIMIT)
    if limit_minor is None:
        return False
    window_minor = counted_in_window(refund.order_id, store, but=refund.id)
    return rules.needs_approval(refund.amount_minor, limit_minor=limit_minor, window_minor=window_minor)


def counted_in_window(order_id: int, store: Store, *, but: int | None = None) -> int:
    """What was asked for of an order within the store's rolling window, and what people noted as paid back."""
    since = clock.now() - timedelta(days=int(store.settings.get(REFUND_LIMIT_DAYS, 1)))
    by_refunds = queries.counted_minor(order_id, store.id, since=since, but=but)
    beside = queries.noted_beside_minor(order_id, store.id, since=since)
    return by_refunds + payments.noted_minor(order_id, store.id, since=since) + beside


@command
def approve(refund_id: int, *, actor: Actor) -> Refund:
    """Approve what somebody else asked for: the money is reserved, the numbers are born, the worker is told.

    Raises NotFound, NotAllowed (`own_request`), IllegalMove, RuleViolation (`more_than_left`), Conflict.
    """
    refund = load(Refund, refund_id, actor, Permission.REFUND_APPROVE)
    telling.lock(refund)
    order = locked_order(refund.order_id, refund.store_id)
    db.session.refresh(refund)
    rules.check_approver(refund.requested_by_id, actor.id)
    _approve(refund, order, actor)
    return refund


def locked_order(order_id: int, store_id: int) -> Order:
    statement = select(Order).where(Order.id == order_id).with_for_update(key_share=True)
    fresh = in_store(statement, store_id, Order).execution_options(populate_existing=True)
    return db.session.scalars(fresh).one()


def _approve(refund: Refund, order: Order, actor: Actor) -> None:
    _move(refund, RefundMove.APPROVE, actor)
    if queries.payouts_of([refund.id], refund.store_id):  # approved before, and held back by a lowered limit
        _send_again(refund)
        return
    there = money.follow(money.sale(order), actor=actor)
    for payment, amount_minor in money.parts_of(there, refund.amount_minor):
        bearing.bear(refund, payment, amount_minor, actor=actor)


def _send_again(refund: Refund) -> None:
    rows_changed(
        in_store(update(RefundPayment), refund.store_id, RefundPayment)
        .where(RefundPayment.refund_id == refund.id, RefundPayment.state.in_(OPEN_PAYOUTS))
        .where(or_(RefundPayment.state == PayoutState.RESERVED, RefundPayment.run_after.is_(None)))
        .where(RefundPayment.needs_person.is_(False))
        .values(run_after=clock.now())
    )


@command
def reject(refund_id: int, reason: str, *, actor: Actor) -> Refund:
    """Raises NotFound, NotAllowed (`own_request`), IllegalMove, RuleViolation (no reason), Conflict."""
    refund = load(Refund, refund_id, actor, Permission.REFUND_APPROVE)
    rules.check_approver(refund.requested_by_id, actor.id)
    return _end(refund, RefundMove.REJECT, reason, actor)


@command
def withdraw(refund_id: int, reason: str, *, actor: Actor) -> Refund:
    """Before it is approved.  Raises NotFound, NotAllowed, IllegalMove, RuleViolation (no reason), Conflict."""
    return _end(load(Refund, refund_id, actor, Permission.REFUND_ASK), RefundMove.WITHDRAW, reason, actor)


def clean(text: str | None) -> str | None:
    return strip_controls(text or "").strip() or None


def _end(refund: Refund, move: RefundMove, reason: str, actor: Actor) -> Refund:
    said = clean(reason)
    if not said:
        raise RuleViolation("Say why.", code="reason_required")
    if any(payout.first_sent_at for payout in queries.payouts_of([refund.id], refund.store_id)):
        raise IllegalMove("A part of it was sent already.", code="sent_already")
    telling.lock(refund)
    _move(refund, move, actor)
    if queries.payouts_of([refund.id], refund.store_id):
        _release_held(refund, actor)
    else:
        telling.dropped(refund)
    return refund


def _release_held(refund: Refund, actor: Actor) -> None:
    """What a lowered limit held back was reserved already."""
    from_here = in_store(update(RefundPayment), refund.store_id, RefundPayment)
    for payout in queries.payouts_of([refund.id], refund.store_id):
        taken = rows_changed(
            from_here.where(RefundPayment.id == payout.id, RefundPayment.state == PayoutState.RESERVED)
            .values(state=PayoutState.FAILED, run_after=None, code="not_approved", ended_at=clock.now(),
                    ended_by_id=actor.id)
        )  # fmt: skip
        if taken:
            payment = payments.payment_by_id(payout.payment_id, payout.store_id)
            money.release(payment, payout.amount_minor, actor=actor, payout_id=payout.id)
            db.session.refresh(payout)
            telling.ended(payout, refund, actor=actor)


@command
def note_look(refund_id: int, *, actor: Actor) -> Refund:
    """Finance looked at the platform's list of refunds: it has not paid this itself (domain.md §5).

    Raises NotFound, NotAllowed.
    """
    refund = load(Refund, refund_id, actor, Permission.PAYOUT_CONFIRM)
    refund.looked_by_id, refund.looked_at = actor.id, clock.now()
    refund.version += 1
    _send_again(refund)
    audit.record("refund.looked_up", "refund", refund.id, actor, store_id=refund.store_id, order_id=refund.order_id)
    return refund


def hold_back(refund: Refund, *, actor: Actor) -> None:
    """A lowered limit is met before the first sending: a supervisor has to approve it."""
    _move(refund, RefundMove.ASK_APPROVAL, actor)


def is_limited(refund: Refund) -> bool:
    """Whether a limit applies to it, or did when it was decided."""
    by_another = refund.decided_by_id is not None and refund.decided_by_id != refund.requested_by_id
    return by_another or _is_limited(refund, staff.store_by_id(refund.store_id))


def is_over_a_lowered_limit(refund: Refund) -> bool:
    """Whether it was approved by nobody but who asked for it, and a limit applies now."""
    if refund.decided_by_id != refund.requested_by_id:
        return False
    return _is_limited(refund, staff.store_by_id(refund.store_id))


def _move(refund: Refund, move: RefundMove, actor: Actor) -> None:
    """One conditional UPDATE decides between two who are at it."""
    before, target = refund.state, rules.check_move(refund.state, move)
    statement = (
        update(Refund)
        .where(Refund.id == refund.id, Refund.state == refund.state)
        .values(state=target, decided_by_id=actor.id, decided_at=clock.now(), version=Refund.version + 1)
    )
    if rows_changed(in_store(statement, refund.store_id, Refund)) != 1:
        raise Conflict("Somebody else did the same a moment ago. Please look again.", code="already_there")
    db.session.refresh(refund)
    audit.record(
        "refund.moved", "refund", refund.id, actor, store_id=refund.store_id, order_id=refund.order_id,
        state=str(target), amount_minor=refund.amount_minor,
    )  # fmt: skip
    if target is RefundState.AWAITING_APPROVAL:
        noticing.ask_for_approval(refund, actor=actor)
    elif before is RefundState.AWAITING_APPROVAL:
        noticing.approval_is_decided(refund)
