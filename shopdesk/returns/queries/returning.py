"""Reads about returns: of a case, of an order, by waybill; where their units are; which are overdue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, load, within
from shopdesk.orders.models import Order, OrderLink
from shopdesk.parcels.models import ParcelLine, Waybill
from shopdesk.returns.models import Arrival, ArrivalMatch, Finding, Return, ReturnLine, ReturnWaybill
from shopdesk.returns.states import ArrivalState, Identity, ReturnStands, ReturnState, stands


@dataclass(frozen=True, slots=True)
class Goods:
    """The units of a case that come back; `found` and `disposed` count what lay in the parcels, wrong ones too."""

    expected: int = 0
    arrived: int = 0
    given_up: int = 0
    found: int = 0
    disposed: int = 0

    @property
    def outstanding(self) -> int:
        return self.expected - self.arrived - self.given_up

    @property
    def is_balanced(self) -> bool:
        """Nothing is awaited, and everything found went somewhere (I4)."""
        return self.outstanding == 0 and self.found == self.disposed


@dataclass(frozen=True, slots=True)
class ReturnView:
    """A return with what belongs to it."""

    back: Return
    lines: list[ReturnLine]
    waybills: list[ReturnWaybill]
    at_dock: list[Arrival]  # signed in, and not inspected yet

    @property
    def outstanding(self) -> int:
        return sum(outstanding_of(line) for line in self.lines)

    @property
    def stands(self) -> ReturnStands:
        """Where its goods are, in the words that people are told."""
        return stands(self.back.state, is_at_dock=bool(self.at_dock))


def outstanding_of(line: ReturnLine) -> int:
    """Units that are still awaited."""
    return line.expected - line.arrived - line.given_up


def return_by_id(return_id: int, actor: Actor, permission: Permission = Permission.CASE_READ) -> Return:
    """Raises NotFound, NotAllowed."""
    return load(Return, return_id, actor, permission)


def of_case(case_id: int, store_id: int) -> list[Return]:
    """Oldest first, those that were cancelled too."""
    statement = select(Return).where(Return.case_id == case_id).order_by(Return.id)
    return list(db.session.scalars(in_store(statement, store_id, Return)))


def of_order(order_id: int, store_id: int) -> list[Return]:
    statement = select(Return).where(Return.order_id == order_id).order_by(Return.id)
    return list(db.session.scalars(in_store(statement, store_id, Return)))


def by_waybill(number: str, actor: Actor, permission: Permission = Permission.ORDER_READ) -> list[Return]:
    """Returns that were announced under this waybill, in all stores of the actor; one parcel may serve several."""
    ids = select(ReturnWaybill.return_id).where(ReturnWaybill.number.in_({number, number.upper()}))
    statement = select(Return).where(Return.id.in_(ids)).order_by(Return.id)
    return list(db.session.scalars(within(statement, actor, permission, Return)))


def went_out_to_others(number: str, order: Order, since: datetime) -> str | None:
    """The number of an order that went out under this waybill since then, and has nothing to do with this one.

    Of the same customer, in the same parcel, or linked with it (what went out again) is no other.
    """
    statement = (
        select(Order)
        .join(ParcelLine, ParcelLine.order_id == Order.id)
        .join(Waybill, Waybill.parcel_id == ParcelLine.parcel_id)
        .where(Waybill.number == number, Waybill.known_at >= since)
        .distinct()
    )
    found = list(db.session.scalars(in_store(statement, order.store_id, Order, ParcelLine, Waybill)))
    linked = select(OrderLink.order_id, OrderLink.other_id).where(
        or_(OrderLink.order_id == order.id, OrderLink.other_id == order.id)
    )
    near = {order.id} | {i for pair in db.session.execute(in_store(linked, order.store_id, OrderLink)) for i in pair}
    known = order.customer_id
    if any(one.id in near or (known is not None and one.customer_id == known) for one in found):
        return None
    return found[0].number if found else None


def lines_of(return_ids: Iterable[int], store_id: int) -> list[ReturnLine]:
    statement = select(ReturnLine).where(ReturnLine.return_id.in_(list(return_ids))).order_by(ReturnLine.id)
    return list(db.session.scalars(in_store(statement, store_id, ReturnLine)))


def waybills_of(return_ids: Iterable[int], store_id: int) -> list[ReturnWaybill]:
    statement = select(ReturnWaybill).where(ReturnWaybill.return_id.in_(list(return_ids))).order_by(ReturnWaybill.id)
    return list(db.session.scalars(in_store(statement, store_id, ReturnWaybill)))


def views_of_case(case_id: int, store_id: int) -> list[ReturnView]:
    return _views(of_case(case_id, store_id), store_id)


def view_of(back: Return) -> ReturnView:
    return _views([back], back.store_id)[0]


def _views(found: list[Return], store_id: int) -> list[ReturnView]:
    ids = [back.id for back in found]
    lines, waybills, here = lines_of(ids, store_id), waybills_of(ids, store_id), at_dock(ids, store_id)
    return [
        ReturnView(
            back,
            [line for line in lines if line.return_id == back.id],
            [waybill for waybill in waybills if waybill.return_id == back.id],
            here.get(back.id, []),
        )
        for back in found
    ]


def goods(case_id: int, store_id: int) -> Goods:
    """Where the units of a case are; returns that were cancelled count nothing."""
    lines = (
        select(ReturnLine)
        .join(Return, Return.id == ReturnLine.return_id)
        .where(Return.case_id == case_id, Return.state != ReturnState.CANCELLED)
    )
    found = list(db.session.scalars(in_store(lines, store_id, ReturnLine, Return)))
    findings = select(func.sum(Finding.quantity), func.sum(Finding.disposed)).where(
        Finding.return_line_id.in_([line.id for line in found]), *_LIVE
    )
    units, disposed = db.session.execute(findings).one()
    return Goods(
        sum(line.expected for line in found),
        sum(line.arrived for line in found),
        sum(line.given_up for line in found),
        int(units or 0),
        int(disposed or 0),
    )


_LIVE = (Finding.replaced_at.is_(None), Finding.identity != Identity.MISSING)


def is_inspected(return_id: int, store_id: int) -> bool:
    """Whether every parcel that is said to hold goods of it was inspected."""
    waiting = (
        select(func.count(ArrivalMatch.id))
        .join(Arrival, Arrival.id == ArrivalMatch.arrival_id)
        .where(ArrivalMatch.return_id == return_id, Arrival.state != ArrivalState.INSPECTED)
    )
    return db.session.scalar(in_store(waiting, store_id, ArrivalMatch)) == 0


def at_dock(return_ids: Iterable[int], store_id: int) -> dict[int, list[Arrival]]:
    """The parcels of these returns that were signed in and wait for their inspection, by return."""
    statement = (
        select(ArrivalMatch.return_id, Arrival)
        .join(Arrival, Arrival.id == ArrivalMatch.arrival_id)
        .where(ArrivalMatch.return_id.in_(list(return_ids)), Arrival.state != ArrivalState.INSPECTED)
        .order_by(Arrival.id)
    )
    found: dict[int, list[Arrival]] = {}
    for return_id, arrival in db.session.execute(in_store(statement, store_id, ArrivalMatch)):
        found.setdefault(return_id, []).append(arrival)
    return found


def is_put_away(return_id: int, store_id: int) -> bool:
    """Whether every unit that was found of it went somewhere."""
    line_ids = [line.id for line in lines_of([return_id], store_id)]
    waiting = select(func.count(Finding.id)).where(
        Finding.return_line_id.in_(line_ids), Finding.disposed < Finding.quantity, *_LIVE
    )
    return db.session.scalar(waiting) == 0


def surplus(return_ids: Iterable[int], store_id: int) -> list[Finding]:
    """What lay beside the goods of these returns, more of them or other things, and is still to be decided."""
    line_ids = [line.id for line in lines_of(return_ids, store_id)]
    which = Finding.return_line_id.in_(line_ids), Finding.identity == Identity.UNEXPECTED, *_LIVE
    left = select(Finding).where(*which, Finding.disposed < Finding.quantity).order_by(Finding.id)
    return list(db.session.scalars(left))


def has_surplus(return_id: int, store_id: int, *, arrival_id: int) -> bool:
    return any(row.arrival_id == arrival_id for row in surplus([return_id], store_id))


def overdue(actor: Actor, now: datetime, limit: int = 200) -> list[Return]:
    """Returns that were to be sent by now, the oldest first; not where a parcel of it waits here for its inspection."""
    came = (
        select(ArrivalMatch.id)
        .join(Arrival, Arrival.id == ArrivalMatch.arrival_id)
        .where(ArrivalMatch.return_id == Return.id, Arrival.state != ArrivalState.INSPECTED)
    )
    is_here = within(came, actor, Permission.CASE_READ, ArrivalMatch).exists()
    statement = select(Return).where(Return.state == ReturnState.CONFIRMED, Return.until <= now, ~is_here)
    found = within(statement, actor, Permission.CASE_READ, Return)
    return list(db.session.scalars(found.order_by(Return.until, Return.id).limit(limit)))
