"""Money taken in, set aside and given back: each move is one conditional UPDATE and one entry of the ledger."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Update, select, update

from shopdesk.core import clock, outbox
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.orders import queries as orders
from shopdesk.orders.models import HandPayment, Order
from shopdesk.orders.states import OrderStatus
from shopdesk.payments import queries, rules
from shopdesk.payments.models import HandPart, LedgerEntry, Payment
from shopdesk.payments.states import POSTINGS, Posting

LOOK = "money.look"  # the outbox's topic: books and the platform's list are held against each other again
MORE = "More than the order still holds: %(left_minor)d are left."


@command
def follow(order: Order, *, actor: Actor) -> list[Payment]:
    """The payments of a locked order, brought up to what it says was paid; oldest first.

    What people noted stands by itself, the rest is what the feed told.  A feed that lowers its sum below what was given
    back stays a contradiction that is shown: the captured amount does not fall below it (D7).  A closed order is told
    as paid with nothing: what was paid before stands.
    """
    by_hand = _by_hand(order)
    if order.status is OrderStatus.CLOSED:
        return queries.payments_of_order(order.id, order.store_id) or _as_it_was(order, by_hand, actor)
    told_minor = max(0, (orders.paid_minor_of(order) or 0) - sum(one.amount_minor for one in by_hand))
    there = queries.payments_of_order(order.id, order.store_id)
    known = {payment.hand_payment_id: payment for payment in there}
    has_moved = False
    if told_minor or None in known:
        has_moved = _capture(order, known.get(None), None, told_minor, actor)
    for one in by_hand:
        has_moved |= _capture(order, known.get(one.id), one, one.amount_minor, actor)
    return queries.payments_of_order(order.id, order.store_id) if has_moved else there


def _as_it_was(order: Order, by_hand: list[HandPayment], actor: Actor) -> list[Payment]:
    """Of an order that was closed before any money went back: what its lines carry is what was paid."""
    shares_minor = sum(line.share_minor or 0 for line in orders.lines(order.id, order.store_id))
    paid_minor = max(order.paid_minor, shares_minor + (order.shipping_minor or 0) if shares_minor else 0)
    told_minor = max(0, paid_minor - sum(one.amount_minor for one in by_hand))
    if told_minor:
        _capture(order, None, None, told_minor, actor)
    for one in by_hand:
        _capture(order, None, one, one.amount_minor, actor)
    return queries.payments_of_order(order.id, order.store_id)


def _by_hand(order: Order) -> list[HandPayment]:
    statement = select(HandPayment).where(HandPayment.order_id == order.id).order_by(HandPayment.id)
    return list(db.session.scalars(in_store(statement, order.store_id, HandPayment)))


def _capture(order: Order, payment: Payment | None, noted: HandPayment | None, paid_minor: int, actor: Actor) -> bool:
    """Whether there was anything to do."""
    is_new = payment is None
    if payment is None:
        payment = Payment(
            store_id=order.store_id, order_id=order.id, hand_payment_id=noted.id if noted else None,
            currency=order.currency, reference=noted.reference if noted else order.number,
            paid_at=noted.noted_at if noted else order.paid_at,
            captured_minor=0, reserved_minor=0, settled_minor=0, outside_minor=0,
        )  # fmt: skip
        db.session.add(payment)
        db.session.flush()
    more_minor = max(paid_minor, payment.reserved_minor + payment.settled_minor) - payment.captured_minor
    if not more_minor:
        return is_new
    kept = Payment.captured_minor + more_minor
    _move(payment, kept >= Payment.reserved_minor + Payment.settled_minor, captured_minor=kept)
    _post(payment, Posting.CAPTURE if more_minor > 0 else Posting.CAPTURE_BACK, abs(more_minor), actor)
    return True


@command
def reserve(payment: Payment, amount_minor: int, *, actor: Actor, payout_id: int | None = None) -> None:
    """Set money aside for a refund: the one guard against giving back too much.  Raises RuleViolation."""
    reserved = Payment.reserved_minor + amount_minor
    room = reserved + Payment.settled_minor + Payment.outside_minor <= Payment.captured_minor
    if amount_minor <= 0 or not _moved(payment, room, reserved_minor=reserved):
        left_minor = queries.balance([queries.payment_by_id(payment.id, payment.store_id)]).left_minor
        raise RuleViolation(MORE, code="more_than_left", left_minor=left_minor, amount_minor=amount_minor)
    _post(payment, Posting.RESERVE, amount_minor, actor, payout_id)


@command
def release(payment: Payment, amount_minor: int, *, actor: Actor, payout_id: int | None = None) -> None:
    """What was set aside was finally not paid."""
    reserved = Payment.reserved_minor - amount_minor
    _move(payment, reserved >= 0, reserved_minor=reserved)
    _post(payment, Posting.RELEASE, amount_minor, actor, payout_id)


@command
def hand_on(payment: Payment, amount_minor: int, *, actor: Actor, from_payout: int, to_payout: int) -> None:
    """What one payout had set aside and did not pay stays set aside for another: the counters do not move."""
    _post(payment, Posting.RELEASE, amount_minor, actor, from_payout)
    _post(payment, Posting.RESERVE, amount_minor, actor, to_payout)


@command
def settle(payment: Payment, amount_minor: int, *, actor: Actor, payout_id: int | None = None) -> None:
    """What was set aside was paid."""
    reserved = Payment.reserved_minor - amount_minor
    _move(payment, reserved >= 0, reserved_minor=reserved, settled_minor=Payment.settled_minor + amount_minor)
    _post(payment, Posting.SETTLE, amount_minor, actor, payout_id)


@command
def reverse(payment: Payment, amount_minor: int, *, actor: Actor, payout_id: int | None = None) -> None:
    """What was paid came back: the customer does not have it.  It is free again."""
    settled = Payment.settled_minor - amount_minor
    _move(payment, settled >= 0, settled_minor=settled)
    _post(payment, Posting.REVERSE, amount_minor, actor, payout_id)


@command
def pay_by_hand(order: Order, amount_minor: int, *, note: str, actor: Actor) -> int:
    """Somebody noted money of a locked order as paid back: it counts like a payout of the desk, the last payment first.

    Of goods that went out in exchange it is the sale's money.  It is a fact and never refused: what the payments do not
    hold (a difference that was paid apart, an order of which nobody told what was paid) is not counted on them.
    `note`: whose it is, e.g. "case_settlement:12".  Returns what was counted (minor units).
    """
    there = follow(sale(order), actor=actor)
    counted_minor = min(amount_minor, sum(queries.balance([one]).left_minor for one in there))
    for payment, part_minor in parts_of(there, counted_minor):
        reserve(payment, part_minor, actor=actor)
        settle(payment, part_minor, actor=actor)
        db.session.add(
            HandPart(store_id=order.store_id, note=note, payment_id=payment.id, amount_minor=part_minor)
        )  # fmt: skip
    db.session.flush()
    if any(one.outside_minor for one in there):  # it may be the very money that the platform's list told
        outbox.put(LOOK, store_id=order.store_id, order_id=order.id)
    return counted_minor


@command
def take_back_by_hand(order: Order, *, note: str, actor: Actor) -> int:
    """An entry by hand was wrong: exactly what it counted is free again, once.  Returns how much (minor units)."""
    sale(order)  # locked before its payments, as by everybody
    freed_minor = 0
    for part in queries.parts_by_hand(note, order.store_id):
        once = in_store(update(HandPart), order.store_id, HandPart).where(
            HandPart.id == part.id, HandPart.taken_back_at.is_(None)
        )
        if rows_changed(once.values(taken_back_at=clock.now())) == 1:
            reverse(queries.payment_by_id(part.payment_id, order.store_id), part.amount_minor, actor=actor)
            freed_minor += part.amount_minor
    outbox.put(LOOK, store_id=order.store_id, order_id=order.id)
    return freed_minor


@command
def take_back_unnamed(order: Order, amount_minor: int, *, actor: Actor) -> None:
    """Likewise of an entry from before each kept its parts: what such entries counted, the first payment first."""
    there = queries.payments_of_order(sale(order).id, order.store_id)[::-1]
    given = queries.unnamed_minor([one.id for one in there], order.store_id)
    room = [min(one.settled_minor, max(0, given[one.id])) for one in there]
    for payment, part_minor in _parts(there, min(amount_minor, sum(room)), room):
        reverse(payment, part_minor, actor=actor)


def sale(order: Order) -> Order:
    """The order whose money it is, locked as the order is: two who give back of one sale count one after the other."""
    sale_id = queries.sale_of(order)
    if sale_id == order.id:
        return order
    statement = select(Order).where(Order.id == sale_id).with_for_update(key_share=True)
    return db.session.scalars(
        in_store(statement, order.store_id, Order).execution_options(populate_existing=True)
    ).one()


def parts_of(payments: list[Payment], amount_minor: int) -> list[tuple[Payment, int]]:
    """How much of each payment an amount is given back from, the last one first.  Raises RuleViolation."""
    return _parts(payments, amount_minor, [queries.balance([one]).left_minor for one in payments])


def _parts(payments: list[Payment], amount_minor: int, room: list[int]) -> list[tuple[Payment, int]]:
    parts = rules.spread(amount_minor, room)
    return [(payment, part) for payment, part in zip(payments, parts, strict=True) if part]


@command
def note_outside(payment: Payment, outside_minor: int, *, actor: Actor) -> int:
    """What others paid back of it, as a sum: the highest that was told stands.  Returns by how much it rose.

    It is a fact and never refused, also beyond what was captured.
    """
    more_minor = outside_minor - queries.payment_by_id(payment.id, payment.store_id).outside_minor
    if more_minor <= 0:
        return 0
    if not _moved(payment, Payment.outside_minor < outside_minor, outside_minor=outside_minor):
        return 0
    _post(payment, Posting.OUTSIDE, more_minor, actor)
    return more_minor


def _move(payment: Payment, condition: ColumnElement[bool], **values: object) -> None:
    if not _moved(payment, condition, **values):
        raise RuntimeError(f"payment {payment.id}: the counters do not allow {sorted(values)}")


def _moved(payment: Payment, condition: ColumnElement[bool], **values: object) -> bool:
    statement: Update = update(Payment).where(Payment.id == payment.id, condition).values(**values)
    return rows_changed(in_store(statement, payment.store_id, Payment)) == 1


def _post(payment: Payment, posting: Posting, amount_minor: int, actor: Actor, payout_id: int | None = None) -> None:
    falls, rises = POSTINGS[posting]
    db.session.add(
        LedgerEntry(
            store_id=payment.store_id, payment_id=payment.id, posting=posting, source=falls, target=rises,
            amount_minor=amount_minor, currency=payment.currency, at=clock.now(), payout_id=payout_id, by_id=actor.id,
        )
    )  # fmt: skip
    db.session.flush()


@command
def move_outside(order: Order, more_minor: int, *, actor: Actor) -> None:
    """What others paid back of a locked order rises, or falls where it was withdrawn.  A fact, never refused.

    It fills what the payments hold, the last one first; what is beyond that stands on the last one: overpaid.
    """
    there = follow(sale(order), actor=actor)
    if not there:  # nobody told yet what was paid
        _capture(sale(order), None, None, 0, actor)
        there = queries.payments_of_order(sale(order).id, order.store_id)
    if more_minor > 0:
        room = [queries.balance([one]).left_minor for one in there]
        parts = rules.spread(min(more_minor, sum(room)), room)
        parts[-1] += more_minor - sum(parts)
    else:
        beyond = [min(one.outside_minor, queries.balance([one]).overpaid_minor) for one in there]
        first = rules.spread(min(-more_minor, sum(beyond)), beyond)
        kept = [one.outside_minor - part for one, part in zip(there, first, strict=True)]
        then = rules.spread(-more_minor - sum(first), kept)
        parts = [-(one + other) for one, other in zip(first, then, strict=True)]
    for payment, part_minor in zip(there, parts, strict=True):
        _book_outside(payment, part_minor, actor)


def _book_outside(payment: Payment, part_minor: int, actor: Actor) -> None:
    if not part_minor:
        return
    after = Payment.outside_minor + part_minor
    _move(payment, after >= 0, outside_minor=after)
    falls, rises = POSTINGS[Posting.OUTSIDE] if part_minor > 0 else POSTINGS[Posting.OUTSIDE][::-1]
    db.session.add(
        LedgerEntry(
            store_id=payment.store_id, payment_id=payment.id, posting=Posting.OUTSIDE, source=falls, target=rises,
            amount_minor=abs(part_minor), currency=payment.currency, at=clock.now(), by_id=actor.id,
        )
    )  # fmt: skip
    db.session.flush()
