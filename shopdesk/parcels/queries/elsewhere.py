"""Waybills that another parcel of the store has too: told so, never refused, for a person to look at."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from shopdesk.core.db import db
from shopdesk.core.scope import in_store
from shopdesk.orders.models import Order
from shopdesk.parcels.models import Parcel, ParcelLine, Waybill
from shopdesk.parcels.states import WAYBILLS_VALID, Stage


def waybills_elsewhere(numbers: Sequence[str], *, but: Collection[int], store_id: int) -> dict[str, tuple[int, str]]:
    """Number → (id, number) of the newest order in another living parcel that has it as a valid one.

    `but`: parcels that do not count.  A voided parcel never leaves: its number may be given once more.
    """
    if not numbers:
        return {}
    statement = (
        select(Waybill.number, Order.id, Order.number)
        .join(Parcel, Parcel.id == Waybill.parcel_id)
        .join(ParcelLine, ParcelLine.parcel_id == Parcel.id)
        .join(Order, Order.id == ParcelLine.order_id)
        .where(Waybill.number.in_(numbers), Waybill.state.in_(WAYBILLS_VALID), Waybill.parcel_id.not_in(but))
        .where(Parcel.stage != Stage.VOIDED, ParcelLine.quantity > 0)
        .order_by(Order.id)
    )
    return {row[0]: (row[1], row[2]) for row in db.session.execute(in_store(statement, store_id, Waybill))}
