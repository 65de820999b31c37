"""What a chunk of a list of refunds locks, before anything of it is written."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select

from shopdesk.cases.models import Case
from shopdesk.core.db import db
from shopdesk.core.scope import in_store
from shopdesk.imports.readers.records import RefundRecord
from shopdesk.orders.models import Order
from shopdesk.refunds.models import Refund


def lock_cases_then_orders(records: Sequence[RefundRecord], store_id: int) -> None:
    """All cases that the rows or the refunds of their orders are about, then the orders, each in ascending id.

    Everybody locks a case before its order; of two lists at once neither waits for the other's rows in a circle.
    """
    sold = select(Order.id).where(Order.number.in_({record.number for record in records}))
    order_ids = list(db.session.scalars(in_store(sold, store_id, Order).order_by(Order.id)))
    of_refunds = in_store(select(Refund.case_id).where(Refund.order_id.in_(order_ids)), store_id, Refund)
    cases = select(Case.id).where(
        or_(
            Case.order_id.in_(order_ids), Case.id.in_(of_refunds),
            Case.platform_number.in_({record.key for record in records}),
        )
    )  # fmt: skip
    locked = cases.order_by(Case.id).with_for_update(key_share=True)
    db.session.scalars(in_store(locked, store_id, Case)).all()
    orders = select(Order.id).where(Order.id.in_(order_ids)).order_by(Order.id).with_for_update(key_share=True)
    db.session.scalars(in_store(orders, store_id, Order)).all()
