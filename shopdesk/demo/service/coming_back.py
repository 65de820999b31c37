"""Orders of the demo of which units come back, brought as far as a story needs them by the product's own commands."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from shopdesk.cases import service as cases
from shopdesk.cases.models import Case
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind, CourierOutcome, Goal, Reason
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.demo.service.desk import Desk
from shopdesk.demo.service.plan import YUHE
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order, OrderLine
from shopdesk.orders.states import Readiness
from shopdesk.parcels.models import Parcel, ParcelLine
from shopdesk.parcels.states import LEFT, Stage
from shopdesk.returns import queries, service
from shopdesk.returns.models import Arrival, Return
from shopdesk.returns.queries import docks
from shopdesk.returns.service import Decided, Found
from shopdesk.returns.states import Disposal, Grade, Identity

REASON = Reason.UNWANTED


def left_orders(desk: Desk, slug: str, *stages: Stage) -> list[int]:
    """Orders of which something has left (or a parcel stands at one of these stages), the newest last."""
    store_id = desk.stores[slug].id
    with_case = select(Case.order_id).where(Case.store_id == store_id)
    statement = (
        select(Order.id)
        .join(ParcelLine, ParcelLine.order_id == Order.id)
        .join(Parcel, Parcel.id == ParcelLine.parcel_id)
        .where(Parcel.stage.in_(stages or LEFT), Order.readiness != Readiness.REFUNDING, Order.id.not_in(with_case))
        .distinct()
        .order_by(Order.id)
    )
    return list(db.session.scalars(in_store(statement, store_id, Order, Parcel)))


class Returned:
    """Orders of the first store, newest first, of which one unit comes back."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.agent, self.clerk = desk, desk.person(Role.AFTER_SALE), desk.person(Role.WAREHOUSE)
        self.store = desk.stores[YUHE]
        self.free = left_orders(desk, YUHE)
        self.on_its_way = left_orders(desk, YUHE, Stage.SHIPPED)

    def line(self) -> OrderLine:
        """A line in time and of known worth, of an order that nothing else is told of."""
        while True:
            order = orders.order_by_id(self.free.pop(), self.store.id)
            for line in orders.lines(order.id, order.store_id):
                there = line.shipped - line.returned - line.in_return > 0 and line.share_minor
                if there and not queries.window_of(order, [line.id]).is_over(clock.now()):
                    return line

    def case(self, kind: CaseKind, wish: str, hours: float, line: OrderLine | None = None) -> Case:
        line = line or self.line()
        reason = REASON if kind in {CaseKind.RETURN, CaseKind.EXCHANGE} else None
        with clock.earlier(timedelta(hours=hours)):
            told = Application(kind, wish, reason=reason, units=((line.id, 1),))
            case = cases.record(line.order_id, told, actor=self.agent)
            return cases.accept(case.id, actor=self.agent)

    def back(self, wish: str, hours: float, waybill: str | None = None, kind: CaseKind = CaseKind.RETURN) -> Return:
        line = self.line()
        case = self.case(kind, wish, hours, line)
        with clock.earlier(timedelta(hours=hours * 0.9)):
            made = service.confirm(case.id, {line.id: 1}, actor=self.agent)
            if waybill:
                service.record_waybills(made.id, waybill, actor=self.agent, carrier="圆通速递")
        return made

    def arrived(self, waybill: str, hours: float, place: str) -> Arrival:
        with clock.earlier(timedelta(hours=hours)):
            done = service.sign_in(waybill, self.store.warehouse_id, place=place, actor=self.clerk)
        return docks.load_arrival(done.arrival.id if done.arrival else 0, self.clerk)

    def inspected(self, back: Return, there: Arrival) -> None:
        service.open_arrival(there.id, actor=self.clerk)
        (line,) = queries.lines_of([back.id], back.store_id)
        service.inspect(there.id, [Found(Identity.RIGHT, 1, line.id, Grade.A, has_defect=False)], actor=self.clerk)

    def put_away(self, back: Return, there: Arrival) -> None:
        self.inspected(back, there)
        (found,) = docks.findings(there)
        service.dispose(there.id, [Decided(found.id, Disposal.RESTOCK, 1, "A-12")], actor=self.clerk)

    def turned_round(self, kind: CaseKind, wish: str, hours: float, *told: CourierOutcome, goal: Goal | None) -> Case:
        """A parcel that has not been delivered, and what the courier says of it, hour by hour; it comes back itself."""
        with clock.earlier(timedelta(hours=hours)):
            order_id = self.on_its_way.pop()
            self.free = [other for other in self.free if other != order_id]
            case = cases.record(order_id, Application(kind, wish, goal), actor=self.agent)
            cases.accept(case.id, actor=self.agent)
        for nth, outcome in enumerate(told, 1):
            with clock.earlier(timedelta(hours=hours * (1 - nth / 5))):
                service.tell(case.id, outcome, actor=self.agent)
        return case
