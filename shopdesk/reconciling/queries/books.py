"""Our books of a store and destination against its statements, day by day in the store's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from shopdesk.cases.states import PaidTo
from shopdesk.core.db import db
from shopdesk.core.scope import in_store
from shopdesk.orders.models import Order
from shopdesk.reconciling.models import DifferenceAnswer, PlatformRefund, StatementLine
from shopdesk.reconciling.rules.comparing import Booked, Difference, Line, differences
from shopdesk.reconciling.states import CountsAs
from shopdesk.refunds.models import CreditNote, Refund, RefundPayment
from shopdesk.staff.models import Store

__all__ = ["Day", "Difference", "days", "order_numbers"]
BESIDE = timedelta(days=4)  # a payment may be in the statement of a day before or after
MOST_DAYS = 31


@dataclass(frozen=True, slots=True)
class Day:
    """A day of one destination, in minor units by currency; `open` counts the differences that nobody answered.

    `is_told`: a statement has reached the day; before, what is missing cannot be known.
    """

    day: date
    booked_minor: int
    told_minor: int
    found: list[Difference]
    answers: dict[str, DifferenceAnswer]
    is_told: bool

    @property
    def open(self) -> int:
        return sum(one.key not in self.answers for one in self.found)


def days(store: Store, destination: PaidTo, first: date, last: date) -> list[Day]:
    """The days that have anything to say, the latest first; at most 31 of them.

    Sums are of the store's currency.
    """
    first = max(first, last - timedelta(days=MOST_DAYS - 1))
    booked = _booked(store, destination, first - BESIDE, last + BESIDE)
    lines = _lines(store, destination, first - BESIDE, last + BESIDE)
    until = _told_until(store, destination)
    found = []
    for offset in range((last - first).days + 1):
        day = last - timedelta(days=offset)
        ours = sum(n.amount_minor for n in booked if n.day == day and n.currency == store.currency)
        theirs = sum(n.amount_minor for n in lines if n.day == day and n.currency == store.currency)
        told = differences(day, booked, lines, told_until=until)
        if ours or theirs or told:
            found.append(
                Day(day, ours, theirs, told, _answers(store, told), is_told=until is not None and until >= day)
            )
    return found


def _answers(store: Store, found: list[Difference]) -> dict[str, DifferenceAnswer]:
    if not found:
        return {}
    statement = select(DifferenceAnswer).where(DifferenceAnswer.key.in_([one.key for one in found]))
    rows = db.session.scalars(in_store(statement, store.id, DifferenceAnswer))
    return {row.key: row for row in rows}


def _booked(store: Store, destination: PaidTo, first: date, last: date) -> list[Booked]:
    found = _payouts(store, destination, first, last)
    return found + _outside(store, first, last) if destination is PaidTo.PLATFORM else found


def _payouts(store: Store, destination: PaidTo, first: date, last: date) -> list[Booked]:
    """By their credit notes: what went out at its time, and what came back at its own."""
    statement: Any = (
        select(
            CreditNote.number, CreditNote.issued_at, CreditNote.amount_minor, CreditNote.currency,
            CreditNote.counters_id, RefundPayment.number, RefundPayment.place_reference, Refund.order_id,
        )
        .join(RefundPayment, RefundPayment.id == CreditNote.payout_id)
        .join(Refund, Refund.id == RefundPayment.refund_id)
        .where(Refund.destination == destination)
        .where(CreditNote.issued_at >= _begin(store, first), CreditNote.issued_at < _begin(store, last, more=1))
    )  # fmt: skip
    found = []
    for row in db.session.execute(in_store(statement, store.id, CreditNote, Refund)):
        note, issued_at, amount_minor, currency, counters, number, reference, order_id = row
        signed_minor = amount_minor if counters is None else -amount_minor
        numbers = tuple(one for one in (number, reference) if one)
        found.append(Booked(f"note:{note}", _day_of(store, issued_at), signed_minor, currency, order_id, numbers))
    return found


def _outside(store: Store, first: date, last: date) -> list[Booked]:
    told = PlatformRefund.paid_as_of
    statement = select(PlatformRefund).where(
        PlatformRefund.counts_as == CountsAs.OUTSIDE, told >= _begin(store, first), told < _begin(store, last, more=1)
    )
    rows = db.session.scalars(in_store(statement, store.id, PlatformRefund))
    return [
        Booked(f"told:{row.id}", _day_of(store, row.paid_as_of), row.amount_minor, store.currency, row.order_id,
               (row.number,), is_outside=True)
        for row in rows if row.paid_as_of
    ]  # fmt: skip


def _lines(store: Store, destination: PaidTo, first: date, last: date) -> list[Line]:
    statement = select(StatementLine).where(
        StatementLine.destination == destination, StatementLine.day >= first, StatementLine.day <= last
    )
    rows = db.session.scalars(in_store(statement.order_by(StatementLine.id), store.id, StatementLine))
    return [Line(n.id, n.day, n.reference, n.number, n.amount_minor, n.currency) for n in rows]


def _told_until(store: Store, destination: PaidTo) -> date | None:
    statement = select(func.max(StatementLine.day)).where(StatementLine.destination == destination)
    return db.session.scalar(in_store(statement, store.id, StatementLine))


def _begin(store: Store, day: date, *, more: int = 0) -> datetime:
    """When the day begins in the store's zone."""
    local = datetime.combine(day + timedelta(days=more), time(), tzinfo=ZoneInfo(store.zone))
    return local.astimezone(UTC)


def _day_of(store: Store, at: datetime) -> date:
    return at.astimezone(ZoneInfo(store.zone)).date()


def order_numbers(store: Store, found: list[Day]) -> dict[int, str]:
    """Order → its number, of all that the days name."""
    ids = {one.booked.order_id for of_day in found for one in of_day.found if one.booked}
    statement = select(Order.id, Order.number).where(Order.id.in_(ids))
    return {row[0]: row[1] for row in db.session.execute(in_store(statement, store.id, Order))}
