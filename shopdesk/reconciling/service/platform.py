"""The platforms' own refunds: ours are confirmed, what they paid without us is booked as outside, once each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from shopdesk.cases.models import Case
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, housekeeping
from shopdesk.core.errors import NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.core.scope import in_store
from shopdesk.feeds import service as feeds
from shopdesk.feeds.models import FeedKind
from shopdesk.orders.models import Order
from shopdesk.payments import service as money
from shopdesk.reconciling.models import PlatformRefund
from shopdesk.reconciling.queries import told as reads
from shopdesk.reconciling.rules import matching as rules
from shopdesk.reconciling.rules.matching import Match
from shopdesk.reconciling.service import recovering
from shopdesk.reconciling.states import CountsAs
from shopdesk.refunds import queries as refunds
from shopdesk.refunds.service import by_hand, paying
from shopdesk.refunds.states import PayoutState
from shopdesk.staff import queries as staff

TOLD = "told"  # the code of a payout that the platform's list confirmed
WITHDRAWN = "withdrawn"  # of one that it took back


@dataclass(frozen=True, slots=True)
class Refunded:
    """One refund as a platform's list tells it; `number` is the platform's own.  Minor units of the order's currency.

    `is_paid` None: the list does not say that it ended, which changes nothing.
    """

    number: str
    amount_minor: int | None
    is_paid: bool | None


@command
def hear_platform(order: Order, refunded: Refunded, *, as_of: datetime, actor: Actor) -> bool:
    """Take in what a list of that time says of a refund of a locked order; whether it was news.

    Told again, or by an older list, it changes nothing that stands.  Raises RuleViolation (`refund_of_other_order`).
    """
    row = _locked(refunded.number, order.store_id)
    if row is not None and row.order_id != order.id:
        raise RuleViolation("This application is known on another order.", code="refund_of_other_order")
    if refunded.is_paid is None:
        return False
    known = rules.Standing(row.amount_minor, row.is_paid, row.as_of, row.paid_as_of) if row else rules.Standing()
    now = rules.put_together(known, amount_minor=refunded.amount_minor, is_paid=refunded.is_paid, as_of=as_of)
    if row is None:
        row = PlatformRefund(store_id=order.store_id, order_id=order.id, number=refunded.number, booked_minor=0)
        row.counts_as = CountsAs.NOTHING
        db.session.add(row)
    is_news = (now.amount_minor, now.is_paid, now.paid_as_of) != (known.amount_minor, known.is_paid, known.paid_as_of)
    row.amount_minor, row.is_paid, row.paid_as_of = now.amount_minor, now.is_paid, now.paid_as_of
    row.as_of = now.as_of or as_of
    db.session.flush()
    if is_news:
        audit.record(
            "platform_refund.told", "platform_refund", row.id, actor, store_id=order.store_id, order_id=order.id,
            number=row.number, amount_minor=row.amount_minor, paid=row.is_paid,
        )  # fmt: skip
        look(order, actor=actor)
    return is_news


@command
def report_refund(store_id: int, order_number: str, refunded: Refunded, *, as_of: datetime, actor: Actor) -> bool:
    """The same, told by the shop's own system.  Raises NotAllowed, NotFound (`order_not_here`), RuleViolation."""
    require(actor, Permission.FACTS_WRITE, store_id)
    there = in_store(select(Order.id).where(Order.number == order_number), store_id, Order)
    _lock_cases(db.session.scalar(there) or 0, store_id)
    statement = select(Order).where(Order.number == order_number).with_for_update(key_share=True)
    fresh = in_store(statement, store_id, Order).execution_options(populate_existing=True)
    order = db.session.scalars(fresh).one_or_none()
    if order is None:
        raise NotFound("This order is not here yet; import the order list first.", code="order_not_here")
    is_news = hear_platform(order, refunded, as_of=min(as_of, clock.now()), actor=actor)
    audit.record(
        "platform_refund.reported", "order", order.id, actor, store_id=store_id, order_id=order.id,
        number=refunded.number,
    )  # fmt: skip
    return is_news


@command
def note_list(store_id: int, origin: str, *, as_of: datetime, actor: Actor) -> None:
    """A whole list of the store's refunds was told as of then: a payout asked for before may leave."""
    require(actor, Permission.FACTS_WRITE, store_id)
    feeds.note(staff.store_by_id(store_id), FeedKind.REFUNDS, origin, as_of=as_of)
    audit.record("platform_refund.list_told", "store", store_id, actor, store_id=store_id, origin=origin)


def _locked(number: str, store_id: int) -> PlatformRefund | None:
    statement = select(PlatformRefund).where(PlatformRefund.number == number).with_for_update(key_share=True)
    fresh = in_store(statement, store_id, PlatformRefund).execution_options(populate_existing=True)
    return db.session.scalars(fresh).one_or_none()


@housekeeping
def look_again(order_id: int, store_id: int, *, actor: Actor) -> None:
    """The same, where a person noted something by hand about an order of which the platform told."""
    _lock_cases(order_id, store_id)
    statement = select(Order).where(Order.id == order_id).with_for_update(key_share=True)
    fresh = in_store(statement, store_id, Order).execution_options(populate_existing=True)
    look(db.session.scalars(fresh).one(), actor=actor)


def _lock_cases(order_id: int, store_id: int) -> None:
    """The cases that hear of the order's payouts: everybody else locks a case before its order."""
    ids = {one.case_id for one in refunds.refunds_of_order(order_id, store_id)} - {None}
    if ids:
        statement = select(Case.id).where(Case.id.in_(ids)).order_by(Case.id).with_for_update(key_share=True)
        db.session.scalars(in_store(statement, store_id, Case)).all()


def look(order: Order, *, actor: Actor) -> None:
    """Bring the books of a locked order in step with what the platform told; what is in step stays."""
    rows = reads.told_of(order)
    if not rows:
        return
    for payout_id in reads.at_platform(order):  # nobody confirms one or gives it up while it is matched
        paying.locked(payout_id, order.store_id)
    for row in rows:
        _let_go(row, actor)
    paid = [row for row in rows if row.is_paid and row.amount_minor and row.paid_as_of]
    told = [rules.Told(n.id, n.number, n.amount_minor, n.paid_as_of, n.payout_id) for n in paid if n.paid_as_of]
    kept = {row.payout_id for row in paid if row.payout_id is not None}
    found = rules.match(told, reads.asked_of(order, kept), reads.noted_of(order))
    before_minor = sum(row.booked_minor for row in rows)
    for row in rows:
        _count(row, found.get(row.id, Match(CountsAs.NOTHING)), actor)
    _ask_what_follows(order, actor)
    db.session.flush()
    more_minor = sum(row.booked_minor for row in rows) - before_minor
    if more_minor:
        money.move_outside(order, more_minor, actor=actor)
        audit.record(
            "platform_refund.counted", "order", order.id, actor, store_id=order.store_id, order_id=order.id,
            outside_minor=more_minor,
        )  # fmt: skip
    recovering.look(order, actor=actor)


def _ask_what_follows(order: Order, actor: Actor) -> None:
    """A payout that was ended as paid otherwise waits for finance again while the list says so no more.

    Only what its end had answered by itself; what finance answered since stays.
    """
    db.session.flush()
    for payout_id, rows in reads.paid_instead(order.id, order.store_id).items():
        payout = paying.locked(payout_id, order.store_id)
        by_hand.follow_list(payout, order.id, is_told=bool(rows), actor=actor)


def _let_go(row: PlatformRefund, actor: Actor) -> None:
    """A row keeps a payout that it ended while it says the same; what it takes back is reversed."""
    if row.payout_id is None:
        return
    payout = paying.locked(row.payout_id, row.store_id)
    is_by_row = payout.state is PayoutState.SUCCEEDED and payout.code == TOLD
    if is_by_row and row.is_paid and row.amount_minor == payout.amount_minor:
        return
    row.payout_id = None
    if is_by_row:
        paying.end(payout, PayoutState.REVERSED, actor=actor, code=WITHDRAWN)


def _count(row: PlatformRefund, match: Match, actor: Actor) -> None:
    row.counts_as, row.booked_minor = match.counts_as, match.booked_minor
    if match.payout_id is None or match.payout_id == row.payout_id:
        row.payout_id = match.payout_id
        return
    row.payout_id = match.payout_id
    payout = paying.locked(match.payout_id, row.store_id)
    if payout.state is PayoutState.RESERVED:
        proof = None if refunds.payout_proved_by(row.number, payout) else row.number  # withdrawn, and paid again
        paying.end(payout, PayoutState.SUCCEEDED, actor=actor, code=TOLD, place_reference=proof)


__all__ = ["Refunded", "hear_platform", "look", "look_again", "note_list", "report_refund"]
