"""Reads about goods that go out again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from shopdesk.core import audit
from shopdesk.core.db import db
from shopdesk.core.money import share_of_units
from shopdesk.core.scope import in_store
from shopdesk.orders.models import Order, OrderLine
from shopdesk.parcels.models import Parcel, ParcelLine
from shopdesk.parcels.states import Stage
from shopdesk.replacements import rules
from shopdesk.replacements.models import Replacement, ReplacementLine
from shopdesk.replacements.rules import Standing, goods_are_here
from shopdesk.replacements.states import ReplacementState
from shopdesk.returns.models import Disposition, Finding, Return, ReturnLine
from shopdesk.returns.states import Disposal


def of_case(case_id: int, store_id: int) -> list[Replacement]:
    statement = select(Replacement).where(Replacement.case_id == case_id).order_by(Replacement.id)
    fresh = in_store(statement, store_id, Replacement).execution_options(populate_existing=True)
    return list(db.session.scalars(fresh))


def alive(rows: Iterable[Replacement]) -> list[Replacement]:
    """Those that go out or have gone, and were not undone."""
    return [row for row in rows if row.state is not ReplacementState.CANCELLED and row.undone_at is None]


def lines_of(replacement_ids: Iterable[int], store_id: int) -> list[ReplacementLine]:
    statement = select(ReplacementLine).where(ReplacementLine.replacement_id.in_(list(replacement_ids)))
    fresh = in_store(statement.order_by(ReplacementLine.id), store_id, ReplacementLine)
    return list(db.session.scalars(fresh.execution_options(populate_existing=True)))


def outbound_of(replacement_ids: Iterable[int], store_id: int) -> dict[int, Order]:
    """Replacement → the order that goes out."""
    statement = (
        select(Replacement.id, Order)
        .join(Order, Order.id == Replacement.outbound_id)
        .where(Replacement.id.in_(list(replacement_ids)))
    )
    return {row[0]: row[1] for row in db.session.execute(in_store(statement, store_id, Replacement, Order))}


@dataclass(frozen=True, slots=True)
class Out:
    """How far the units of a replacement are."""

    units: int
    shipped: int
    with_customer: int  # neither returned nor coming back
    returned: int
    stages: tuple[Stage, ...]

    @property
    def is_voided(self) -> bool:
        """A change of its order took all of it off: nothing of it goes out."""
        return not self.units and not self.shipped


def out(replacement: Replacement) -> Out:
    counted = select(
        func.coalesce(func.sum(OrderLine.quantity - OrderLine.cancelled), 0),
        func.coalesce(func.sum(OrderLine.shipped), 0),
        func.coalesce(func.sum(OrderLine.shipped - OrderLine.in_return - OrderLine.returned), 0),
        func.coalesce(func.sum(OrderLine.returned), 0),
    ).where(OrderLine.order_id == replacement.outbound_id)
    units, shipped, left, returned = db.session.execute(in_store(counted, replacement.store_id, OrderLine)).one()
    staged = (
        select(Parcel.id, Parcel.stage)
        .join(ParcelLine, ParcelLine.parcel_id == Parcel.id)
        .where(ParcelLine.order_id == replacement.outbound_id)
        .distinct()
        .order_by(Parcel.id)
    )
    stages = tuple(row.stage for row in db.session.execute(in_store(staged, replacement.store_id, Parcel)))
    return Out(int(units), int(shipped), int(left), int(returned), stages)


def standing(replacement: Replacement) -> Standing:
    """Where it stands, as the rules see it; a command holds its locks before it looks."""
    now = out(replacement)
    held = (
        select(func.count(Parcel.id))
        .join(ParcelLine, ParcelLine.parcel_id == Parcel.id)
        .where(ParcelLine.order_id == replacement.outbound_id, Parcel.holds > 0)
    )
    return Standing(
        state=replacement.state,
        is_undone=replacement.undone_at is not None,
        waits_for_goods=replacement.waits_for_goods,
        shipped=now.shipped,
        returned=now.returned,
        with_customer=now.with_customer,
        stages=now.stages,
        is_held=bool(db.session.scalar(in_store(held, replacement.store_id, Parcel))),
    )


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the rules of its commands allow now, for who works on the case."""

    cancel: bool
    undo: bool
    expect_back: bool
    ahead: bool
    waybill: bool


def allowed(replacement: Replacement) -> Allowed:
    now = standing(replacement)
    return Allowed(
        cancel=rules.may(rules.check_cancel, now),
        undo=rules.may(rules.check_undo, now),
        expect_back=rules.may(rules.check_expect_back, now),
        ahead=rules.may(rules.check_ahead, now),
        waybill=rules.may(rules.check_waybill, now),
    )


def taken_off(replacement: Replacement) -> dict[int, int]:
    """Line → units that a change took off the order that goes out, and that the case still counts as replaced."""
    off = ReplacementLine.quantity + OrderLine.cancelled - OrderLine.quantity
    statement = (
        select(ReplacementLine.id, off)
        .join(OrderLine, OrderLine.id == ReplacementLine.outbound_line_id)
        .where(ReplacementLine.replacement_id == replacement.id, ReplacementLine.is_claimed, off > 0)
        .order_by(ReplacementLine.line_id, ReplacementLine.id)
    )
    return {row[0]: int(row[1]) for row in db.session.execute(in_store(statement, replacement.store_id, OrderLine))}


def outbound_line(line: ReplacementLine) -> OrderLine:
    statement = select(OrderLine).where(OrderLine.id == line.outbound_line_id)
    fresh = in_store(statement, line.store_id, OrderLine).execution_options(populate_existing=True)
    return db.session.scalars(fresh).one()


def goods_back(replacement: Replacement) -> bool:
    """Whether the goods in whose place it goes were inspected."""
    statement = select(Return.state).where(Return.case_id == replacement.case_id)
    statement = statement.where(Return.order_id == replacement.order_id)  # not of what went out and comes back itself
    if replacement.return_id:
        statement = statement.where(Return.id == replacement.return_id)
    return goods_are_here(list(db.session.scalars(in_store(statement, replacement.store_id, Return))))


def missing_minor(replacement: Replacement) -> int:
    """What was paid for the units in whose place it went and that have not come (minor units)."""
    came = (
        select(ReturnLine.line_id, func.sum(ReturnLine.arrived))
        .join(Return, Return.id == ReturnLine.return_id)
        .where(Return.case_id == replacement.case_id)
        .group_by(ReturnLine.line_id)
    )
    here = {
        line_id: int(n) for line_id, n in db.session.execute(in_store(came, replacement.store_id, ReturnLine, Return))
    }
    total = 0
    for line in lines_of([replacement.id], replacement.store_id):
        if not line.is_claimed:
            continue
        arrived = min(line.quantity, here.get(line.line_id, 0))
        here[line.line_id] = here.get(line.line_id, 0) - arrived
        total += share_of_units(line.share_minor, line.quantity, arrived, line.quantity)
    return total


def not_back_decided(replacement_id: int) -> bool:
    """Whether somebody decided what becomes of goods that did not come; the trail knows."""
    return audit.times("replacement.goods_not_back", "replacement", replacement_id) > 0


def put_aside(case_id: int, store_id: int) -> dict[int, int]:
    """Order line → units that were put aside to go back to the customer."""
    statement = (
        select(ReturnLine.line_id, func.sum(Disposition.quantity))
        .join(Return, Return.id == ReturnLine.return_id)
        .join(Finding, Finding.return_line_id == ReturnLine.id)
        .join(Disposition, Disposition.finding_id == Finding.id)
        .where(Return.case_id == case_id, Disposition.place == Disposal.SEND_BACK)
        .group_by(ReturnLine.line_id)
    )
    rows = db.session.execute(in_store(statement, store_id, ReturnLine, Return))
    return {line_id: int(units) for line_id, units in rows}


def to_look_at(store_id: int, now: datetime) -> list[int]:
    """What may be released, credited, reminded of, or given back to its case."""
    is_credit = (Replacement.difference_minor < 0) & (Replacement.credited_minor == 0)
    is_late = (Replacement.due_at <= now) & Replacement.reminded_at.is_(None)
    is_shorter = (
        select(ReplacementLine.id)
        .join(OrderLine, OrderLine.id == ReplacementLine.outbound_line_id)
        .where(ReplacementLine.replacement_id == Replacement.id, ReplacementLine.is_claimed)
        .where(ReplacementLine.store_id == store_id, OrderLine.store_id == store_id)
        .where(OrderLine.cancelled > OrderLine.quantity - ReplacementLine.quantity)
        .exists()
    )
    statement = (
        select(Replacement.id)
        .where(Replacement.state != ReplacementState.CANCELLED, Replacement.undone_at.is_(None))
        .where(or_(Replacement.state == ReplacementState.WAITING, is_credit, is_late, is_shorter))
        .order_by(Replacement.id)
    )
    return list(db.session.scalars(in_store(statement, store_id, Replacement)))


def settled_by(order_id: int, store_id: int) -> list[Replacement]:
    """Replacements whose difference this order paid."""
    statement = select(Replacement).where(Replacement.settled_order_id == order_id, Replacement.undone_at.is_(None))
    return list(db.session.scalars(in_store(statement, store_id, Replacement)))
