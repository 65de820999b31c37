"""Returns made straight as rows: the shop agreed to them, some while ago."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from shopdesk.cases import service as cases
from shopdesk.cases.models import Case
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind, CasePhase, CaseSource, PhaseMove
from shopdesk.core import clock
from shopdesk.core.db import db, housekeeping, rows_changed
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order, OrderLine
from shopdesk.parcels.states import Stage
from shopdesk.returns.models import Arrival, Return, ReturnLine, ReturnWaybill
from shopdesk.returns.states import FreightPayer, ReturnOrigin, ReturnState
from tests import make


def shipped(where: Any = None, **values: Any) -> Order:
    order = make.order(where, **values)
    make.fact(order, Stage.SHIPPED)
    return order


def home(order: Order) -> int:
    return make.parcel(order).warehouse_id


@housekeeping
def back(
    of: Order,
    units: dict[int, int] | None = None,
    *waybills: str,
    case: Case | None = None,
    parcel_id: int | None = None,
    warehouse_id: int | None = None,
    sent: bool = False,
) -> Return:
    """A confirmed return of units by line number (1, 2, …); one unit of the first line unless said."""
    system = Actor.system([of.store_id])
    if case is None:
        application = Application(CaseKind.RETURN, "尺码不合适,想退", None, None)
        case = cases.open_case(of, application, source=CaseSource.ASKED, actor=system)
    if case.phase is CasePhase.COMMUNICATE:
        cases.move(case, PhaseMove.EXPECT_GOODS, actor=system)
    now = clock.now()
    made = Return(
        store_id=of.store_id, case_id=case.id, order_id=of.id, parcel_id=parcel_id,
        warehouse_id=warehouse_id or home(of), origin=ReturnOrigin.CUSTOMER, confirmed_at=now,
        state=ReturnState.SENT if sent else ReturnState.CONFIRMED, sent_at=now - timedelta(days=2) if sent else None,
        freight=FreightPayer.CUSTOMER, policy_days=7, policy_condition="unused",
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    there = orders.lines(of.id, of.store_id)
    for number, count in (units or {1: 1}).items():
        line = there[number - 1]
        db.session.add(
            ReturnLine(
                store_id=of.store_id, return_id=made.id, line_id=line.id, expected=count, sku=line.sku,
                title=line.title, attributes=line.attributes,
            )
        )  # fmt: skip
        _hold(line, count)
    for number in waybills:
        db.session.add(ReturnWaybill(store_id=of.store_id, return_id=made.id, number=number, told_at=now))
    db.session.flush()
    return made


def _hold(line: OrderLine, count: int) -> None:
    held = update(OrderLine).where(OrderLine.id == line.id).values(in_return=OrderLine.in_return + count)
    assert rows_changed(in_store(held, line.store_id, OrderLine)) == 1


@housekeeping
def cancel(of: Return) -> None:
    """As the slice that confirms returns does it: what is awaited is free again."""
    for line in lines(of):
        free = update(OrderLine).where(OrderLine.id == line.line_id)
        rest = line.expected - line.arrived - line.given_up
        rows_changed(in_store(free.values(in_return=OrderLine.in_return - rest), of.store_id, OrderLine))
    gone = update(Return).where(Return.id == of.id).values(state=ReturnState.CANCELLED, ended_at=clock.now())
    rows_changed(in_store(gone, of.store_id, Return))


@housekeeping
def give_up(of: Return) -> None:
    """Decided that the rest does not come any more."""
    for line in lines(of):
        rest = line.expected - line.arrived - line.given_up
        free = update(OrderLine).where(OrderLine.id == line.line_id)
        rows_changed(in_store(free.values(in_return=OrderLine.in_return - rest), of.store_id, OrderLine))
        given = update(ReturnLine).where(ReturnLine.id == line.id).values(given_up=ReturnLine.given_up + rest)
        rows_changed(in_store(given, of.store_id, ReturnLine))


def lines(of: Return) -> list[ReturnLine]:
    statement = select(ReturnLine).where(ReturnLine.return_id == of.id).order_by(ReturnLine.id)
    found = list(db.session.scalars(in_store(statement, of.store_id, ReturnLine)))
    for line in found:
        db.session.refresh(line)
    return found


def units(of: Return) -> list[tuple[int, int, int]]:
    """(expected, arrived, given up) of each line."""
    return [(line.expected, line.arrived, line.given_up) for line in lines(of)]


def order_units(of: Order) -> list[tuple[int, int, int]]:
    """(shipped, in return, returned) of each line."""
    found = orders.lines(of.id, of.store_id)
    for line in found:
        db.session.refresh(line)
    return [(line.shipped, line.in_return, line.returned) for line in found]


def case_of(of: Return) -> Case:
    found = db.session.scalars(in_store(select(Case).where(Case.id == of.case_id), of.store_id, Case)).one()
    db.session.refresh(found)
    return found


def all_arrivals() -> list[Arrival]:
    return list(db.session.scalars(select(Arrival).order_by(Arrival.id)))


def back_state(of: Return) -> ReturnState:
    db.session.refresh(of)
    return of.state
