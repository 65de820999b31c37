"""Payouts as finance meets them: to be paid, to be looked up at the platform, to be verified, failed, done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from shopdesk.cases.states import PaidTo
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.personal import Personal
from shopdesk.core.scope import load, within
from shopdesk.feeds import queries as feeds
from shopdesk.orders.models import Order
from shopdesk.reconciling.models import PayoutReceipt
from shopdesk.reconciling.states import FOR_FINANCE, Desk
from shopdesk.refunds.models import Refund, RefundPayment
from shopdesk.refunds.states import ENDED_BADLY, FollowUp, PayoutState, RefundState
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Platform, Store

P = Permission.PAYOUT_CONFIRM
MOST_ROWS = 100
#: Stores whose platform pays nothing back by itself.
WITHOUT_PLATFORM = frozenset({Platform.PHONE, Platform.OTHER})


@dataclass(frozen=True, slots=True)
class PayoutRow:
    """A payout with what one needs to pay it; the account prints masked."""

    id: int
    number: str
    store_id: int
    refund_id: int
    order_id: int
    order_number: str
    place: str
    destination: PaidTo
    account: Personal | None
    amount_minor: int
    currency: str
    state: PayoutState
    follow_up: FollowUp | None
    code: str | None
    reference: str | None
    asked_at: datetime
    decided_at: datetime | None
    ended_at: datetime | None


_COLUMNS = (
    RefundPayment.id, RefundPayment.number, RefundPayment.store_id, Refund.id, Order.id, Order.number,
    RefundPayment.place, Refund.destination, Refund.account, RefundPayment.amount_minor, RefundPayment.currency,
    RefundPayment.state, RefundPayment.follow_up, RefundPayment.code, RefundPayment.place_reference,
    Refund.requested_at, Refund.decided_at, RefundPayment.ended_at,
)  # fmt: skip


def on_desk(desk: Desk, actor: Actor, *, after: int = 0, limit: int = MOST_ROWS) -> list[PayoutRow]:
    """The longest waiting first; of what is done the newest first (`after`: before that one)."""
    is_done = desk is Desk.DONE
    statement = _joined(select(*_COLUMNS)).where(_lies_on(desk, actor))
    if is_done:
        statement = statement.order_by(RefundPayment.id.desc())
        statement = statement.where(RefundPayment.id < after) if after else statement
    else:
        statement = statement.order_by(RefundPayment.id).where(RefundPayment.id > after)
    rows = db.session.execute(within(statement.limit(limit), actor, P, RefundPayment, Refund))
    return [PayoutRow(*row) for row in rows]


def counts(actor: Actor, desks: Iterable[Desk] = (*FOR_FINANCE, Desk.PLATFORM)) -> dict[Desk, int]:
    """How many lie on each tray; what is done is not counted."""
    found: dict[Desk, int] = {}
    for desk in desks:
        statement = _joined(select(func.count(RefundPayment.id))).where(_lies_on(desk, actor))
        found[desk] = int(db.session.scalar(within(statement, actor, P, RefundPayment, Refund)) or 0)
    return found


def count_waiting(actor: Actor) -> int:
    """What waits for finance altogether."""
    return sum(counts(actor, FOR_FINANCE).values())


def _joined(statement: Any) -> Any:
    return statement.join(Refund, Refund.id == RefundPayment.refund_id).join(Order, Order.id == Refund.order_id)


def _lies_on(desk: Desk, actor: Actor) -> ColumnElement[bool]:
    waits = and_(RefundPayment.state == PayoutState.RESERVED, Refund.state == RefundState.APPROVED)
    if desk is Desk.PAY:  # also what a machine must not send any more
        by_people = or_(RefundPayment.place == "manual", RefundPayment.needs_person)
        return and_(waits, by_people, ~_needs_look(actor))
    if desk is Desk.LOOK:
        return and_(waits, _needs_look(actor))
    if desk is Desk.PLATFORM:
        return and_(waits, RefundPayment.place == "platform", ~RefundPayment.needs_person)
    if desk is Desk.VERIFY:
        return and_(RefundPayment.state == PayoutState.UNKNOWN, RefundPayment.needs_person)
    if desk is Desk.FAILED:
        return _is_unanswered()
    return RefundPayment.state == PayoutState.SUCCEEDED


def _is_unanswered() -> ColumnElement[bool]:
    """Failed or taken back, and nobody said what follows; or *asked anew* was said, and no later refund is there."""
    later = aliased(Refund)
    is_followed = exists().where(
        later.order_id == Refund.order_id, later.requested_at >= RefundPayment.ended_at, later.id != Refund.id,
        later.state.not_in([RefundState.REJECTED, RefundState.WITHDRAWN]),
    )  # fmt: skip
    unsaid = or_(RefundPayment.follow_up.is_(None), and_(RefundPayment.follow_up == FollowUp.ASKED_ANEW, ~is_followed))
    return and_(RefundPayment.state.in_(ENDED_BADLY), Refund.state == RefundState.APPROVED, unsaid)


def _needs_look(actor: Actor) -> ColumnElement[bool]:
    """Whether the platform may have paid the same: its list of refunds is older than the request, and nobody looked."""
    stores = [store for store in staff.stores_of(actor) if actor.may(P, store.id)]
    unclear = [_is_unclear(store) for store in stores if store.platform not in WITHOUT_PLATFORM]
    of_stores = or_(*unclear) if unclear else false()
    return and_(RefundPayment.place != "platform", Refund.looked_at.is_(None), of_stores)


def _is_unclear(store: Store) -> ColumnElement[bool]:
    told_at = feeds.refunds_as_of(store.id)
    of_store = Refund.store_id == store.id
    return of_store if told_at is None else and_(of_store, Refund.requested_at >= told_at)


def receipts_of(payout_ids: Iterable[int], actor: Actor) -> dict[int, list[PayoutReceipt]]:
    """Payout → its receipts, as they were added."""
    found: dict[int, list[PayoutReceipt]] = {}
    statement = select(PayoutReceipt).where(PayoutReceipt.payout_id.in_(list(payout_ids))).order_by(PayoutReceipt.id)
    for row in db.session.scalars(within(statement, actor, P, PayoutReceipt)):
        found.setdefault(row.payout_id, []).append(row)
    return found


def receipt_by_id(receipt_id: int, actor: Actor) -> PayoutReceipt:
    """Raises NotFound, NotAllowed."""
    return load(PayoutReceipt, receipt_id, actor, P)


def payout_by_id(payout_id: int, actor: Actor) -> RefundPayment:
    """Raises NotFound, NotAllowed."""
    return load(RefundPayment, payout_id, actor, P)


def row_of(payout_id: int, actor: Actor) -> PayoutRow:
    """One payout, wherever it lies.  Raises NotFound, NotAllowed."""
    payout = payout_by_id(payout_id, actor)
    statement = _joined(select(*_COLUMNS)).where(RefundPayment.id == payout.id)
    return PayoutRow(*db.session.execute(within(statement, actor, P, RefundPayment, Refund)).one())
