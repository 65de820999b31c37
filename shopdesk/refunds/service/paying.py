"""Payouts by machine: begin (leased, fenced, noted) → the place is called by the worker → settle.  Three commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from shopdesk.core import audit, clock, outbox
from shopdesk.core.db import command, db, housekeeping, rows_changed
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.payments import queries as payments
from shopdesk.payments import service as money
from shopdesk.payments.models import Payment
from shopdesk.refunds import queries
from shopdesk.refunds.models import PlaceEvent, Refund, RefundAttempt, RefundPayment
from shopdesk.refunds.rules import paying as rules
from shopdesk.refunds.service import booking, deciding, documents, invoicing, telling
from shopdesk.refunds.states import (
    OPEN_PAYOUTS,
    PAID_AFTER_ALL,
    Act,
    Answer,
    Hint,
    Outcome,
    Payout,
    PayoutState,
    PlaceRules,
    RefundState,
)

LEASE = timedelta(seconds=60)
MOST_NUMBER = 32  # characters
REFERENCE_USED = "desk.reference_used"  # the code of a success that names the reference of another payout
HELD_UP = timedelta(minutes=5)  # until a payout that somebody or something else has to come before is looked at again


@dataclass(frozen=True, slots=True)
class Task:
    """What the worker has to do now about a payout; `fence` proves later that it was still its turn."""

    payout_id: int
    store_id: int
    place: str
    act: Act
    payout: Payout
    fence: int
    attempt_id: int  # rises with every sending of this database


@housekeeping
def begin(
    payout_id: int, store_id: int, places: Mapping[str, PlaceRules], *, actor: Actor,
    paused_at: datetime | None = None,
) -> Task | None:  # fmt: skip
    """Take the lease of a payout that is due and note what is going to be done; None: nothing is to be done now.

    Committed before anything leaves, so that a crash later is known to have possibly sent it.  `paused_at`: since when
    nothing is sent, only asked.
    """
    payout = locked(payout_id, store_id)
    now = clock.now()
    if payout.state not in OPEN_PAYOUTS or not _is_due(payout, now):
        return None
    place = places.get(payout.place)
    if place is None:
        payout.run_after = now + HELD_UP  # it may be configured again
        decided_at = _refund(payout).decided_at
        if decided_at is not None and now - decided_at >= rules.PATIENCE:
            _stand_aside(payout, needs_person=True)
        return None
    if paused_at is not None and place.sends:
        _doubt(payout, paused_at)
    act = rules.next_act(_standing(payout), place, now)
    if act is Act.SEND and paused_at is not None:
        payout.run_after = now + HELD_UP
        return None
    if act is None:
        _stand_aside(payout, needs_person=payout.first_sent_at is not None)
        return None
    if act is Act.SEND and not _may_leave(payout, place, now, actor):
        return None
    payout.state = PayoutState.SENDING if act is Act.SEND else PayoutState.UNKNOWN
    payout.fence += 1
    payout.attempts += 1
    payout.lease_until = payout.run_after = now + LEASE
    if act is Act.SEND:
        payout.first_sent_at = payout.first_sent_at or now
        payout.is_absent = False
    attempt = RefundAttempt(store_id=store_id, payout_id=payout.id, fence=payout.fence, act=act, begun_at=now)
    db.session.add(attempt)
    refund = _refund(payout)
    db.session.flush()
    audit.record(
        "payout.begun", "payout", payout.id, actor, store_id=store_id, order_id=refund.order_id, act=str(act),
        number=payout.number, attempt=payout.attempts,
    )  # fmt: skip
    return Task(payout.id, store_id, payout.place, act, _frozen(payout, refund), payout.fence, attempt.id)


def _doubt(payout: RefundPayment, paused_at: datetime) -> None:
    """A restored database may have forgotten a sending: what was approved before the pause counts as sent since then.

    So it is asked for, and sent again only as long as the place is sure to remember its number.
    """
    decided_at = _refund(payout).decided_at
    if payout.first_sent_at is None and decided_at is not None and decided_at <= paused_at:
        payout.first_sent_at = decided_at


@housekeeping
def look_again(store_id: int) -> int:
    """After a pause what waits is due at once; how many there are."""
    return rows_changed(
        in_store(update(RefundPayment), store_id, RefundPayment)
        .where(RefundPayment.state.in_(OPEN_PAYOUTS), RefundPayment.run_after.is_not(None))
        .where(RefundPayment.needs_person.is_(False), RefundPayment.lease_until.is_(None))
        .values(run_after=clock.now())
    )


def locked(payout_id: int, store_id: int) -> RefundPayment:
    statement = select(RefundPayment).where(RefundPayment.id == payout_id).with_for_update(key_share=True)
    return db.session.scalars(
        in_store(statement, store_id, RefundPayment).execution_options(populate_existing=True)
    ).one()


def locked_with_owner(payout_id: int, store_id: int) -> RefundPayment:
    """The same after the case or change that hears of its end, and their orders: everybody locks in this order."""
    found = queries.payout_in(payout_id, store_id)
    if found is not None:
        telling.lock(_refund(found))
    return locked(payout_id, store_id)


def _is_due(payout: RefundPayment, now: datetime) -> bool:
    is_free = payout.lease_until is None or payout.lease_until < now
    return is_free and payout.run_after is not None and payout.run_after <= now


def _standing(payout: RefundPayment) -> rules.Standing:
    return rules.Standing(payout.state, payout.first_sent_at, payout.is_absent, payout.attempts, payout.needs_person)


def _stand_aside(payout: RefundPayment, *, needs_person: bool) -> None:
    payout.run_after, payout.lease_until = None, None
    if payout.state is PayoutState.SENDING:  # whoever was at it has died: nobody knows
        payout.state = PayoutState.UNKNOWN
    payout.needs_person = payout.needs_person or needs_person
    db.session.flush()


def _may_leave(payout: RefundPayment, place: PlaceRules, now: datetime, actor: Actor) -> bool:
    """Whether it may be sent now; what keeps it back is noted on it."""
    refund = _refund(payout)
    is_first = not any(other.first_sent_at for other in queries.payouts_of([refund.id], refund.store_id))
    if payout.first_sent_at is None and refund.state is not RefundState.APPROVED:
        _stand_aside(payout, needs_person=False)  # approving brings it back
        return False
    if is_first and deciding.is_over_a_lowered_limit(refund):
        deciding.hold_back(refund, actor=actor)
        _stand_aside(payout, needs_person=False)
        return False
    if not documents.is_clear_of_platform(refund, payout):
        payout.run_after = now + HELD_UP
        return False
    if place.most_parts is not None and queries.parts_before(payout) >= place.most_parts:
        _stand_aside(payout, needs_person=True)  # the surplus one alone: a person pays it another way
        return False
    payment = _payment(payout, lock=True)  # two payouts of one payment look at each other one after the other
    if payment.reserved_minor + payment.settled_minor + payment.outside_minor > payment.captured_minor:
        _stand_aside(payout, needs_person=True)  # somebody else paid it back meanwhile
        return False
    if queries.is_somebody_at(payout.payment_id, payout.store_id, but=payout.id, now=now, pause=place.pause):
        payout.run_after = now + max(place.pause, timedelta(seconds=5))
        return False
    return True


def _refund(payout: RefundPayment) -> Refund:
    return db.session.scalars(
        in_store(select(Refund).where(Refund.id == payout.refund_id), payout.store_id, Refund)
    ).one()


def _payment(payout: RefundPayment, *, lock: bool = False) -> Payment:
    if not lock:
        return payments.payment_by_id(payout.payment_id, payout.store_id)
    statement = select(Payment).where(Payment.id == payout.payment_id).with_for_update(key_share=True)
    fresh = in_store(statement, payout.store_id, Payment).execution_options(populate_existing=True)
    return db.session.scalars(fresh).one()


def _frozen(payout: RefundPayment, refund: Refund) -> Payout:
    """The same at every sending: nothing of it is read from what may have changed since the approval."""
    return Payout(
        number=payout.number, amount_minor=payout.amount_minor, currency=payout.currency,
        payment_reference=payout.payment_reference, captured_minor=payout.captured_minor,
        account=refund.account.reveal("to pay a refund to it") if refund.account else None,
    )  # fmt: skip


@command
def settle(task: Task, answer: Answer, place: PlaceRules, *, actor: Actor) -> PayoutState | None:
    """Take in what the place said; None where it is not this worker's turn any more: another one settles it."""
    payout = locked_with_owner(task.payout_id, task.store_id)
    if payout.fence != task.fence:
        return None
    return hear(payout, answer, place, actor=actor)


@housekeeping
def learn(payout_id: int, store_id: int, answer: Answer, place: PlaceRules, *, actor: Actor) -> PayoutState:
    """What a place says when it is asked out of turn: taken in where it is final, else nothing changes."""
    payout = locked_with_owner(payout_id, store_id)
    led_to = rules.result(payout.state, answer, amount_minor=payout.amount_minor, currency=payout.currency)
    if led_to in OPEN_PAYOUTS or (led_to is payout.state and answer.outcome is not Outcome.SUCCEEDED):
        return payout.state
    return hear(payout, answer, place, actor=actor)


@command
def hear(payout: RefundPayment, answer: Answer, place: PlaceRules, *, actor: Actor) -> PayoutState:
    """What a place says of a locked payout, whenever and however often it says it; the same again changes nothing.

    Success settles the reserve, a final refusal releases it, a success taken back frees it again.
    """
    now, answer = clock.now(), _doubted(payout, answer)
    _end_attempt(payout, answer, now)
    led_to = rules.result(payout.state, answer, amount_minor=payout.amount_minor, currency=payout.currency)
    if led_to in OPEN_PAYOUTS:
        _wait_for_more(payout, led_to, answer, place, now)
        audit.record(
            "payout.waits", "payout", payout.id, actor, store_id=payout.store_id, order_id=_refund(payout).order_id,
            outcome=str(answer.outcome), code=answer.code[:64],
        )  # fmt: skip
        return led_to
    if led_to is payout.state:
        _heard_again(payout, answer, actor)
    else:
        end(payout, led_to, actor=actor, code=answer.code[:64], place_reference=answer.reference)
    return payout.state


def _doubted(payout: RefundPayment, answer: Answer) -> Answer:
    """A success under a reference that proves another payout already proves nothing of this one."""
    if answer.outcome is not Outcome.SUCCEEDED or payout.state not in OPEN_PAYOUTS or not answer.reference:
        return answer
    if queries.payout_proved_by(answer.reference, payout) is None:
        return answer
    return replace(answer, outcome=Outcome.UNKNOWN, code=REFERENCE_USED, look=True)


def _heard_again(payout: RefundPayment, answer: Answer, actor: Actor) -> None:
    """The same word changes nothing; a success of what counts as not paid is money that went out beside the books."""
    is_news = payout.code != PAID_AFTER_ALL and answer.outcome is Outcome.SUCCEEDED
    if payout.state in {PayoutState.FAILED, PayoutState.REVERSED} and is_news:
        payment = _payment(payout, lock=True)
        money.note_outside(payment, payment.outside_minor + payout.amount_minor, actor=actor)
        payout.code, payout.needs_person, payout.follow_up = PAID_AFTER_ALL, True, None
        db.session.flush()
    audit.record(
        "payout.heard", "payout", payout.id, actor, store_id=payout.store_id, order_id=_refund(payout).order_id,
        outcome=str(answer.outcome), code=payout.code or "",
    )  # fmt: skip


def _end_attempt(payout: RefundPayment, answer: Answer, now: datetime) -> None:
    rows_changed(
        in_store(update(RefundAttempt), payout.store_id, RefundAttempt)
        .where(RefundAttempt.payout_id == payout.id, RefundAttempt.fence == payout.fence,
               RefundAttempt.ended_at.is_(None))
        .values(ended_at=now, outcome=answer.outcome, code=answer.code[:64])
    )  # fmt: skip


def _wait_for_more(
    payout: RefundPayment, led_to: PayoutState, answer: Answer, place: PlaceRules, now: datetime
) -> None:
    is_absent = answer.outcome.value == "not_there"
    payout.state, payout.code, payout.is_absent, payout.lease_until = led_to, answer.code[:64], is_absent, None
    payout.needs_person = payout.needs_person or rules.needs_person(_standing(payout), answer, place, now)
    payout.run_after = now if is_absent and not payout.needs_person else now + rules.wait(payout.attempts)
    db.session.flush()


@dataclass(frozen=True, slots=True)
class ByHand:
    """A person ended it: what they saw, and how much was truly paid where that is not the payout's amount."""

    evidence: str | None = None
    paid_minor: int | None = None


@command
def end(
    payout: RefundPayment, state: PayoutState, *, actor: Actor, code: str = "", place_reference: str | None = None,
    by_hand: ByHand | None = None,
) -> None:  # fmt: skip
    """The one way to a final state: counters, ledger, credit note and trace in one transaction."""
    now, was = clock.now(), payout.state
    telling.lock(_refund(payout))
    values: dict[str, Any] = {
        "state": state, "code": code or None, "run_after": None, "lease_until": None, "needs_person": False,
        "ended_at": now, "ended_by_id": actor.id if by_hand else None,
    }  # fmt: skip
    if place_reference:
        values["place_reference"] = place_reference[:64]
    if by_hand and by_hand.evidence:
        values["evidence"] = by_hand.evidence
    if state is PayoutState.SUCCEEDED:
        values["paid_minor"] = (by_hand and by_hand.paid_minor) or payout.amount_minor
    statement = update(RefundPayment).where(RefundPayment.id == payout.id, RefundPayment.state == was).values(**values)
    if rows_changed(in_store(statement, payout.store_id, RefundPayment)) != 1:
        raise RuntimeError(f"payout {payout.number}: it is locked, and moved nevertheless")
    db.session.refresh(payout)
    refund = _refund(payout)
    booking.book(refund, payout, _payment(payout), actor=actor)
    telling.ended(payout, refund, actor=actor)
    invoicing.follow(refund, actor=actor)
    refund.version += 1
    db.session.flush()
    audit.record(
        "payout.ended", "payout", payout.id, actor, store_id=payout.store_id, order_id=refund.order_id,
        state=str(state), number=payout.number, amount_minor=payout.amount_minor, code=code,
        **({} if payout.settled_minor == payout.amount_minor == (payout.paid_minor or payout.amount_minor)
           else {"paid_minor": payout.paid_minor}),
    )  # fmt: skip


@housekeeping
def take_in(hint: Hint) -> bool:
    """Keep a verified webhook once; True where it is news: our payout is looked at soon."""
    there = select(PlaceEvent.id).where(PlaceEvent.source == hint.source, PlaceEvent.event_id == hint.event_id)
    if db.session.scalar(there):
        return False
    number = hint.number if hint.number and len(hint.number) <= MOST_NUMBER else None  # none of ours is longer
    db.session.add(PlaceEvent(source=hint.source, event_id=hint.event_id, number=number, heard_at=clock.now()))
    db.session.flush()
    outbox.put("refund.look", number=number)
    return True
