"""An order that went out, its case with an owner, a return of it: made by the product's own commands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shopdesk.cases import queries as case_queries
from shopdesk.cases import service as cases
from shopdesk.cases.models import Case
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Role
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order, OrderLine
from shopdesk.parcels.states import Stage
from shopdesk.returns import service
from shopdesk.returns.models import Return
from tests import make


def sent(*, units: int = 3, ago: timedelta = timedelta(days=2), delivered: bool = True, **values: Any) -> Order:
    """An order of one line that was shipped, and delivered, that long ago."""
    values.setdefault("lines", (make.line(quantity=units),))
    order = make.order(**values)
    at = clock.now() - ago
    make.fact(order, Stage.SHIPPED, happened_at=at - timedelta(days=1))
    if delivered:
        make.fact(order, Stage.DELIVERED, happened_at=at)
    return order


def agent(**more: Any) -> Actor:
    return make.actor(Role.AFTER_SALE, store_id=make.store().id, **more)


def boss() -> Actor:
    return make.actor(Role.SUPERVISOR, store_id=make.store().id, signature="主管")


def case_of(order: Order, owner: Actor | None, kind: CaseKind = CaseKind.RETURN, **values: Any) -> Case:
    """A case that the owner has accepted; None: nobody has."""
    by = owner or agent()
    made = cases.record(order.id, Application(kind, "does not fit", values.pop("goal", None)), actor=by)
    if owner:
        cases.accept(made.id, actor=owner)
    if values:
        make._write(made, values)
    return made


def line_of(order: Order) -> OrderLine:
    db.session.expire_all()
    return orders.lines(order.id, order.store_id)[0]


def counters(order: Order) -> tuple[int, int, int]:
    """(shipped, in return, returned) of its first line."""
    line = line_of(order)
    return line.shipped, line.in_return, line.returned


def confirmed(case: Case, owner: Actor, units: int = 1, **more: Any) -> Return:
    line = orders.lines(case.order_id, case.store_id)[0]
    return service.confirm(case.id, {line.id: units}, actor=owner, **more)


def case_now(case: Case) -> Case:
    db.session.rollback()
    return case_queries.case_by_id(case.id, Actor.system([case.store_id]))
