"""Reads of refunds and their payouts."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

from shopdesk.cases.models import Case, CaseSettlement
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, in_store_given, load, of_found, within
from shopdesk.orders.models import Order
from shopdesk.payments import queries as payments
from shopdesk.refunds.models import CreditNote, Refund, RefundAttempt, RefundLine, RefundPayment
from shopdesk.refunds.rules import standing
from shopdesk.refunds.states import (
    AGREED,
    OPEN_PAYOUTS,
    PayoutState,
    RefundKind,
    RefundState,
    Shelf,
    Stand,
)

#: Codes of payouts that a person ended.
SAID = frozenset({"by_hand", AGREED, "verified"})
#: States that count into the window of a limit.
COUNTED = (RefundState.AWAITING_APPROVAL, RefundState.APPROVED)


def refund_by_id(refund_id: int, actor: Actor, permission: Permission = Permission.REFUND_READ) -> Refund:
    """Raises NotFound, NotAllowed."""
    return load(Refund, refund_id, actor, permission)


def kinds_of(refund_ids: Collection[int], actor: Actor) -> dict[int, RefundKind]:
    """What each of these is for, of those that the actor may read."""
    statement = select(Refund.id, Refund.kind).where(Refund.id.in_(refund_ids))
    return dict(db.session.execute(within(statement, actor, Permission.REFUND_READ, Refund)).all())


def refunds_of_order(order_id: int, store_id: int) -> list[Refund]:
    """Oldest first."""
    statement = select(Refund).where(Refund.order_id == order_id).order_by(Refund.id)
    return list(db.session.scalars(in_store(statement, store_id, Refund)))


def lines_of(refund: Refund) -> list[RefundLine]:
    statement = select(RefundLine).where(RefundLine.refund_id == refund.id).order_by(RefundLine.id)
    return list(db.session.scalars(in_store(statement, refund.store_id, RefundLine)))


_PAYOUTS = in_store_given(
    select(RefundPayment)
    .where(RefundPayment.refund_id.in_(bindparam("ids", expanding=True)))
    .order_by(RefundPayment.id),
    RefundPayment,
).execution_options(populate_existing=True)


def payouts_of(refund_ids: Iterable[int], store_id: int) -> list[RefundPayment]:
    """Oldest first, as they stand in the database now."""
    return list(db.session.scalars(_PAYOUTS, {"ids": list(refund_ids), "store_id": store_id}))


def payout_numbered(number: str) -> RefundPayment | None:
    """By our own number, which a place named in a webhook that was verified: whose it is, it says itself."""
    return db.session.scalars(of_found(select(RefundPayment).where(RefundPayment.number == number))).one_or_none()


def credit_note_of(payout: RefundPayment) -> CreditNote | None:
    statement = select(CreditNote).where(CreditNote.payout_id == payout.id, CreditNote.counters_id.is_(None))
    return db.session.scalars(in_store(statement, payout.store_id, CreditNote)).one_or_none()


def counter_note_of(payout: RefundPayment) -> CreditNote | None:
    """The note that takes the payout's credit note back."""
    statement = select(CreditNote).where(CreditNote.payout_id == payout.id, CreditNote.counters_id.is_not(None))
    return db.session.scalars(in_store(statement, payout.store_id, CreditNote)).one_or_none()


def payout_proved_by(reference: str, payout: RefundPayment) -> RefundPayment | None:
    """Another payout of its store at its place that this reference proves."""
    statement = select(RefundPayment).where(
        RefundPayment.place == payout.place, RefundPayment.place_reference == reference[:64],
        RefundPayment.id != payout.id,
    )  # fmt: skip
    return db.session.scalars(in_store(statement, payout.store_id, RefundPayment)).one_or_none()


def settlement_with(reference: str, store_id: int) -> CaseSettlement | None:
    """A note by hand in a case, not taken back, that names this reference."""
    statement = select(CaseSettlement).where(
        CaseSettlement.reference == reference, CaseSettlement.taken_back_at.is_(None)
    )
    return db.session.scalars(in_store(statement.limit(1), store_id, CaseSettlement)).first()


def newest_attempt() -> int:
    """The number of the last call that was begun, of any store; 0: none was."""
    return int(db.session.scalar(of_found(select(func.max(RefundAttempt.id)))) or 0)


def counted_minor(order_id: int, store_id: int, *, since: datetime, but: int | None = None) -> int:
    """What was refunded of an order since then, waiting for approval included (minor units).

    `but`: a refund that does not count itself, nor does what was asked for after it.
    """
    statement = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.order_id == order_id, Refund.state.in_(COUNTED), Refund.requested_at >= since
    )
    if but is not None:
        statement = statement.where(Refund.id < but)
    return int(db.session.scalar(in_store(statement, store_id, Refund)) or 0)


def noted_beside_minor(sale_id: int, store_id: int, *, since: datetime) -> int:
    """What people noted in cases as paid since then and no payment of the sale counts, e.g. compensations."""
    family = payments.orders_of_sale(sale_id, store_id)
    statement = (
        select(CaseSettlement.id, CaseSettlement.amount_minor)
        .join(Case, Case.id == CaseSettlement.case_id)
        .where(Case.order_id.in_(family), CaseSettlement.payout_id.is_(None))
        .where(CaseSettlement.taken_back_at.is_(None), CaseSettlement.noted_at >= since)
    )
    found = 0
    for settlement_id, amount_minor in db.session.execute(in_store(statement, store_id, CaseSettlement, Case)):
        counted = payments.parts_by_hand(f"case_settlement:{settlement_id}", store_id)
        found += amount_minor - sum(part.amount_minor for part in counted)
    return found


def due_payouts(store_ids: Iterable[int], now: datetime, *, limit: int = 100) -> list[tuple[int, int]]:
    """(store, payout) of what a machine has to look at now, the longest waiting first; of one payment one at a time."""
    found: list[tuple[int, int]] = []
    for store_id in store_ids:
        free = or_(RefundPayment.lease_until.is_(None), RefundPayment.lease_until < now)
        statement = (
            select(RefundPayment.id)
            .where(RefundPayment.state.in_(OPEN_PAYOUTS), RefundPayment.run_after <= now, free)
            .order_by(RefundPayment.run_after, RefundPayment.id)
            .limit(limit)
        )
        found += [(store_id, id_) for id_ in db.session.scalars(in_store(statement, store_id, RefundPayment))]
    return found


def is_somebody_at(payment_id: int, store_id: int, *, but: int, now: datetime, pause: timedelta) -> bool:
    """Whether another payout of the payment is being sent, or was sent less than `pause` ago."""
    begun = (
        select(RefundAttempt.id)
        .join(RefundPayment, RefundPayment.id == RefundAttempt.payout_id)
        .where(RefundPayment.payment_id == payment_id, RefundPayment.id != but, RefundAttempt.begun_at > now - pause)
        .limit(1)
    )
    at_it = (
        select(RefundPayment.id)
        .where(RefundPayment.payment_id == payment_id, RefundPayment.id != but, RefundPayment.lease_until >= now)
        .limit(1)
    )
    if db.session.scalar(in_store(at_it, store_id, RefundPayment)):
        return True
    return bool(pause and db.session.scalar(in_store(begun, store_id, RefundAttempt, RefundPayment)))


def waiting_by_hand(store_id: int) -> list[tuple[RefundPayment, Refund]]:
    """What finance has not paid yet of a store, locked: approved, and nothing of its refund was sent or paid."""
    other = aliased(RefundPayment)
    begun = exists().where(
        other.refund_id == Refund.id, other.store_id == Refund.store_id,
        or_(other.first_sent_at.is_not(None), other.state == PayoutState.SUCCEEDED),
    )  # fmt: skip
    statement = (
        select(RefundPayment, Refund)
        .join(Refund, Refund.id == RefundPayment.refund_id)
        .where(RefundPayment.state == PayoutState.RESERVED, RefundPayment.place == "manual")
        .where(Refund.state == RefundState.APPROVED, ~begun)
        .order_by(RefundPayment.id)
        .with_for_update(of=RefundPayment)
    )
    rows = db.session.execute(in_store(statement, store_id, RefundPayment, Refund))
    return [(payout, refund) for payout, refund in rows]


def parts_before(payout: RefundPayment) -> int:
    """How many payouts of its payment, which did not fail, come before it: sent already, or born earlier."""
    statement = select(func.count(RefundPayment.id)).where(
        RefundPayment.payment_id == payout.payment_id, RefundPayment.id != payout.id,
        RefundPayment.place == payout.place, RefundPayment.state != PayoutState.FAILED,
        or_(RefundPayment.first_sent_at.is_not(None), RefundPayment.id < payout.id),
    )  # fmt: skip
    return int(db.session.scalar(in_store(statement, payout.store_id, RefundPayment)) or 0)


def payout_in(payout_id: int, store_id: int) -> RefundPayment | None:
    statement = select(RefundPayment).where(RefundPayment.id == payout_id)
    return db.session.scalars(in_store(statement, store_id, RefundPayment)).one_or_none()


def is_said_by_people(payout: RefundPayment) -> bool:
    """Whether a person said that it was paid, and no place or list: what they said they can take back."""
    return payout.state is PayoutState.SUCCEEDED and payout.ended_by_id is not None and payout.code in SAID


def order_of_payout(payout: RefundPayment) -> int:
    statement = select(Refund.order_id).where(Refund.id == payout.refund_id)
    return db.session.scalars(in_store(statement, payout.store_id, Refund)).one()


def stand_of(refund: Refund, payouts: Iterable[RefundPayment], agreed_alone: Container[RefundPayment]) -> Stand:
    """How it stands, in true words.  `agreed_alone`: what no list of the platform confirms yet."""
    there = [standing.One(one.state, one.place, one.needs_person, one in agreed_alone) for one in payouts]
    return standing.stand(refund.state, there)


def attempts_of(payout_ids: Iterable[int], store_id: int) -> list[RefundAttempt]:
    """Oldest first."""
    statement = select(RefundAttempt).where(RefundAttempt.payout_id.in_(list(payout_ids))).order_by(RefundAttempt.id)
    return list(db.session.scalars(in_store(statement, store_id, RefundAttempt)))


def page(actor: Actor, shelf: Shelf, *, before: int = 0, limit: int = 50) -> list[Refund]:
    """Newest first; what waits for approval oldest first is the same list read from its end."""
    statement = select(Refund).order_by(Refund.id.desc()).limit(limit)
    if before:
        statement = statement.where(Refund.id < before)
    condition = _on(shelf)
    if condition is not None:
        statement = statement.where(condition)
    return list(db.session.scalars(within(statement, actor, Permission.REFUND_READ, Refund)))


def counts(actor: Actor) -> dict[Shelf, int]:
    """How many stand on each list, but for the last."""
    found = {}
    for shelf in (Shelf.TO_APPROVE, Shelf.UNDER_WAY, Shelf.TROUBLE):
        statement = select(func.count(Refund.id)).where(_on(shelf))  # type: ignore[arg-type]
        found[shelf] = int(db.session.scalar(within(statement, actor, Permission.REFUND_READ, Refund)) or 0)
    return found


def count_to_approve(actor: Actor) -> int:
    """What waits for this person: of others' asking alone."""
    statement = select(func.count(Refund.id)).where(*_for(actor))
    return int(db.session.scalar(within(statement, actor, Permission.REFUND_APPROVE, Refund)) or 0)


def to_approve(actor: Actor, *, limit: int = 100) -> list[tuple[Refund, str]]:
    """What waits for this person with its order's number, the longest waiting first; of others' asking alone."""
    statement = select(Refund, Order.number).join(Order, Order.id == Refund.order_id).where(*_for(actor))
    rows = db.session.execute(
        within(statement.order_by(Refund.id).limit(limit), actor, Permission.REFUND_APPROVE, Refund)
    )
    return [(refund, number) for refund, number in rows]


def _for(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return Refund.state == RefundState.AWAITING_APPROVAL, Refund.requested_by_id != actor.id


def _on(shelf: Shelf) -> ColumnElement[bool] | None:
    of_it = RefundPayment.refund_id == Refund.id
    if shelf is Shelf.TO_APPROVE:
        return Refund.state == RefundState.AWAITING_APPROVAL
    if shelf is Shelf.UNDER_WAY:
        going = exists().where(of_it, RefundPayment.store_id == Refund.store_id, RefundPayment.state.in_(OPEN_PAYOUTS))
        return (Refund.state == RefundState.APPROVED) & going
    if shelf is Shelf.TROUBLE:
        bad = or_(
            RefundPayment.state.in_([PayoutState.FAILED, PayoutState.REVERSED, PayoutState.UNKNOWN]),
            RefundPayment.needs_person,
        )
        return (Refund.state == RefundState.APPROVED) & exists().where(
            of_it, RefundPayment.store_id == Refund.store_id, bad
        )
    return None


def refunds_of_case(case_id: int, store_id: int) -> list[Refund]:
    """Oldest first."""
    statement = select(Refund).where(Refund.case_id == case_id).order_by(Refund.id)
    return list(db.session.scalars(in_store(statement, store_id, Refund)))


def refunds_of_change(change_id: int, store_id: int) -> list[Refund]:
    """Oldest first."""
    statement = select(Refund).where(Refund.change_id == change_id).order_by(Refund.id)
    return list(db.session.scalars(in_store(statement, store_id, Refund)))
