"""The case that goods without one may belong to."""

from __future__ import annotations

from sqlalchemy import or_, select

from shopdesk.cases.models import Case
from shopdesk.cases.states import CaseKind, CasePhase
from shopdesk.core.db import db
from shopdesk.core.scope import in_store
from shopdesk.orders.models import Order

#: Cases of which goods may come back.
OF_GOODS = frozenset(
    {
        CaseKind.RETURN, CaseKind.EXCHANGE, CaseKind.INTERCEPT, CaseKind.DELIVERY_FAILURE, CaseKind.DAMAGE,
        CaseKind.REFUND_ONLY, CaseKind.NOT_RECEIVED, CaseKind.DISPUTE,
    }
)  # fmt: skip


def open_one(order: Order) -> Case | None:
    """The newest open one about goods of the order; of goods that went out again the one that sent them."""
    case_number, mark, _count = order.number.rpartition("-R")
    is_meant = Case.order_id == order.id, Case.number == case_number if mark else Case.order_id == order.id
    statement = select(Case).where(or_(*is_meant), Case.phase != CasePhase.CLOSED, Case.kind.in_(OF_GOODS))
    newest = statement.order_by(Case.id.desc()).limit(1)
    return db.session.scalars(in_store(newest, order.store_id, Case)).one_or_none()
