"""Our books of a store and destination against its statements, day by day in the store's zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from shopdesk.cases.states import PaidTo
from shopdesk.core.db import db
from shopdesk.core.scope import in_store
from shopdesk.orders.models import Order
from shopdesk.reconciling.models import DifferenceAnswer, PlatformRefund, StatementLine
from shopdesk.reconciling.rules.comparing import BESIDE, Booked, Difference, Line, differences
from shopdesk.reconciling.states import CountsAs
from shopdesk.refunds.models import CreditNote, Refund, RefundPayment
from shopdesk.staff.models import Store

__all__ = ["Day", "Difference", "days", "order_numbers"]
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
    lines = _lines(store, destination, first - BESIDE, last + BESIDE, booked)
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
    """By their credit notes: what went out at its time, and what came back at its own.

    Of a payout that came back both notes, whichever of them is of these days.
    """
    beside = aliased(CreditNote)
    begin, end = _begin(store, first), _begin(store, last, more=1)
    here = in_store(select(beside.id).where(beside.issued_at >= begin, beside.issued_at < end), store.id, beside)
    countered = here.with_only_columns(beside.counters_id).where(beside.counters_id.is_not(None))
    told = select(PlatformRefund.number).where(PlatformRefund.payout_id == RefundPayment.id).limit(1)
    statement: Any = (
        select(
            CreditNote.id, CreditNote.number, CreditNote.issued_at, CreditNote.amount_minor, CreditNote.currency,
            CreditNote.counters_id, RefundPayment.number, RefundPayment.place_reference,
            in_store(told, store.id, PlatformRefund).scalar_subquery(), Refund.order_id,
        )
        .join(RefundPayment, RefundPayment.id == CreditNote.payout_id)
        .join(Refund, Refund.id == RefundPayment.refund_id)
        .where(Refund.destination == destination)
        .where(or_(CreditNote.id.in_(here), CreditNote.id.in_(countered), CreditNote.counters_id.in_(here)))
        .order_by(CreditNote.id)
    )  # fmt: skip
    rows = db.session.execute(in_store(statement, store.id, CreditNote, Refund)).all()
    keys = {row[0]: f"note:{row[1]}" for row in rows}
    found = []
    for id_, _note, issued_at, amount_minor, currency, counters, *numbers, order_id in rows:
        signed_minor, day = amount_minor if counters is None else -amount_minor, _day_of(store, issued_at)
        named = tuple(one for one in numbers if one)
        found.append(Booked(keys[id_], day, signed_minor, currency, order_id, named, counters=keys.get(counters)))
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


def _lines(store: Store, destination: PaidTo, first: date, last: date, booked: Sequence[Booked]) -> list[Line]:
    """Of those days; and what names, on whatever day, a payout that came back of which one note is not of them."""
    there = and_(StatementLine.day >= first, StatementLine.day <= last)
    names = [number for entry in booked if not first <= entry.day <= last for number in entry.numbers]
    if names:
        there = or_(there, StatementLine.reference.in_(names), StatementLine.number.in_(names))
    statement = select(StatementLine).where(StatementLine.destination == destination, there)
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
