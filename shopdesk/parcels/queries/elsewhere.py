"""Waybills that another parcel of the store has too: told so, never refused, for a person to look at."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, select

from shopdesk.core.reading import Reading
from shopdesk.orders.models import Order
from shopdesk.parcels.models import Parcel, ParcelLine, Waybill
from shopdesk.parcels.states import WAYBILLS_VALID, Stage

_HAVING_IT = Reading(
    select(Waybill.number, Waybill.parcel_id, Order.id, Order.number.label("order_number"))
    .join(Parcel, Parcel.id == Waybill.parcel_id)
    .join(ParcelLine, ParcelLine.parcel_id == Parcel.id)
    .join(Order, Order.id == ParcelLine.order_id)
    .where(Waybill.number.in_(bindparam("numbers", expanding=True)), Waybill.state.in_(WAYBILLS_VALID))
    .where(Parcel.stage != Stage.VOIDED, ParcelLine.quantity > 0)
    .order_by(Order.id),
    Waybill.store_id,
)


def waybills_elsewhere(numbers: Sequence[str], *, but: Collection[int], store_id: int) -> dict[str, tuple[int, str]]:
    """Number → (id, number) of the newest order in another living parcel that has it as a valid one.

    `but`: parcels that do not count.  A voided parcel never leaves: its number may be given once more.
    """
    rows = _HAVING_IT.in_store(store_id, numbers=numbers) if numbers else ()
    return {row.number: (row.id, row.order_number) for row in rows if row.parcel_id not in but}
