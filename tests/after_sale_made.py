"""Cases in phase resolve, with or without goods that came back: what tests of resolving share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from shopdesk.cases import service as cases
from shopdesk.cases.models import Case
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind, CasePhase, PhaseMove, Reason
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.permissions import Actor, Role
from shopdesk.core.scope import in_store
from shopdesk.desk.queries import case_balances
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order, OrderLine
from shopdesk.parcels.states import Stage
from shopdesk.returns.models import Arrival, Disposition, Finding, Return, ReturnLine
from shopdesk.returns.states import ArrivalState, Disposal, FreightPayer, Grade, Identity, ReturnOrigin, ReturnState
from shopdesk.staff.models import Store
from tests import make


def shipped(where: Store | None = None, **values: Any) -> Order:
    order = make.order(where, **values)
    make.fact(order, Stage.SHIPPED)
    return order


def agent(**values: Any) -> Actor:
    return make.actor(Role.AFTER_SALE, **values)


def resolving(
    order: Order | None = None, *, owner: Actor | None = None, kind: CaseKind = CaseKind.RETURN, **columns: Any
) -> tuple[Case, Actor]:
    """A case that its owner is resolving; nothing has to come back."""
    order = order or shipped()
    who = owner or agent(store_id=order.store_id)
    case = cases.record(order.id, Application(kind, "不合适"), actor=who)
    cases.accept(case.id, actor=who)
    cases.move(case, PhaseMove.DECIDE, actor=who, **columns)
    return case, who


def line_ids(case: Case) -> list[int]:
    return [line.id for line in orders.lines(case.order_id, case.store_id)]


def now(case: Case) -> Case:
    statement = in_store(select(Case).where(Case.id == case.id), case.store_id, Case)
    return db.session.scalars(statement.execution_options(populate_existing=True)).one()


def line(line_id: int, store_id: int) -> OrderLine:
    statement = in_store(select(OrderLine).where(OrderLine.id == line_id), store_id, OrderLine)
    return db.session.scalars(statement.execution_options(populate_existing=True)).one()


def balances(case: Case) -> case_balances.Balances:
    return case_balances.balances(now(case))


def is_even(case: Case) -> list[str]:
    return [str(part) for part in balances(case).open_parts()]


@command
def came_back(
    case: Case, units: dict[int, int], *, place: Disposal | None = Disposal.RESTOCK, has_defect: bool | None = False
) -> Return:
    """The goods of a case came back, were found right, and went where they belong (None: not yet)."""
    at = clock.now()
    warehouse_id = make.parcel(orders.order_by_id(case.order_id, case.store_id)).warehouse_id
    made = Return(
        store_id=case.store_id, case_id=case.id, order_id=case.order_id, warehouse_id=warehouse_id,
        origin=ReturnOrigin.CUSTOMER, state=ReturnState.DISPOSED if place else ReturnState.INSPECTED,
        confirmed_at=at, freight=FreightPayer.CUSTOMER, policy_days=7, policy_condition="完好",
    )  # fmt: skip
    arrival = Arrival(
        warehouse_id=warehouse_id, waybill=f"SF{case.id}{at.timestamp()}", state=ArrivalState.INSPECTED,
        is_matched=True, signed_in_at=at,
    )  # fmt: skip
    db.session.add_all([made, arrival])
    db.session.flush()
    for line_id, count in units.items():
        row = ReturnLine(
            store_id=case.store_id, return_id=made.id, line_id=line_id, expected=count, arrived=count, given_up=0
        )
        db.session.add(row)
        db.session.flush()
        finding = Finding(
            arrival_id=arrival.id, return_line_id=row.id, identity=Identity.RIGHT, quantity=count,
            disposed=count if place else 0, grade=Grade.A, has_defect=has_defect, found_at=at,
        )  # fmt: skip
        db.session.add(finding)
        db.session.flush()
        if place:
            db.session.add(Disposition(finding_id=finding.id, quantity=count, place=place, decided_at=at))
        counted = update(OrderLine).where(OrderLine.id == line_id).values(returned=OrderLine.returned + count)
        rows_changed(in_store(counted, case.store_id, OrderLine))
    audit.record("test.set", "returns", made.id, make.ROOT)
    return made


@command
def expected_back(case: Case, units: dict[int, int]) -> Return:
    """A return that the shop agreed to and of which nothing has come."""
    order = orders.order_by_id(case.order_id, case.store_id)
    made = Return(
        store_id=case.store_id, case_id=case.id, order_id=order.id, warehouse_id=make.parcel(order).warehouse_id,
        origin=ReturnOrigin.CUSTOMER, state=ReturnState.CONFIRMED, confirmed_at=clock.now(),
        freight=FreightPayer.CUSTOMER, policy_days=7, policy_condition="完好",
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    for line_id, count in units.items():
        db.session.add(ReturnLine(store_id=case.store_id, return_id=made.id, line_id=line_id, expected=count))
    audit.record("test.set", "returns", made.id, make.ROOT)
    return made


__all__ = [
    "CasePhase", "Reason", "agent", "balances", "came_back", "expected_back", "is_even", "line", "line_ids", "now",
    "resolving", "shipped",
]  # fmt: skip
