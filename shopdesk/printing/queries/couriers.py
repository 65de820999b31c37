"""By whom a parcel is sent: the courier of its valid waybill, else what the desk decided, else what the order says."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select

from shopdesk.core.personal import unpack
from shopdesk.core.reading import Reading
from shopdesk.orders.models import Amendment, Order
from shopdesk.orders.states import Field
from shopdesk.parcels.models import ParcelLine, Waybill
from shopdesk.parcels.states import WAYBILLS_VALID

_IDS: Any = bindparam("ids", expanding=True)
_ON_WAYBILLS = Reading(
    select(Waybill.parcel_id, Waybill.carrier)
    .where(Waybill.parcel_id.in_(_IDS), Waybill.state.in_(WAYBILLS_VALID), Waybill.carrier.is_not(None))
    .order_by(Waybill.id),
    Waybill.store_id,
)
_DECIDED = Reading(
    select(ParcelLine.parcel_id, Amendment.value)
    .join(Amendment, Amendment.order_id == ParcelLine.order_id)
    .where(ParcelLine.parcel_id.in_(_IDS), ParcelLine.quantity > 0)
    .where(Amendment.field == Field.COURIER, Amendment.ended_at.is_(None))
    .order_by(Amendment.id),
    ParcelLine.store_id,
)
_TOLD = Reading(
    select(ParcelLine.parcel_id, Order.carrier)
    .join(Order, Order.id == ParcelLine.order_id)
    .where(ParcelLine.parcel_id.in_(_IDS), ParcelLine.quantity > 0, Order.carrier.is_not(None))
    .order_by(Order.id.desc()),
    ParcelLine.store_id,
)


def couriers_of(parcel_ids: list[int], store_id: int) -> dict[int, str]:
    """Parcel id → the courier's name as it was told; of several waybills or decisions the newest."""
    found = {row.parcel_id: row.carrier for row in _TOLD.in_store(store_id, ids=parcel_ids)}
    for row in _DECIDED.in_store(store_id, ids=parcel_ids):
        if text := unpack(row.value, "to sort the queue by it").get("text"):
            found[row.parcel_id] = str(text)
    return found | {row.parcel_id: row.carrier for row in _ON_WAYBILLS.in_store(store_id, ids=parcel_ids)}
