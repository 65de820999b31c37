"""Which open change a new wish would join, so that nobody joins another's wish unawares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from shopdesk.changes.models import Change
from shopdesk.changes.states import ON_LINE, PER_PARCEL, ChangeState, Kind
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, load
from shopdesk.orders.models import Order
from shopdesk.parcels.models import Parcel, ParcelLine
from shopdesk.parcels.states import IN_HOUSE


@dataclass(frozen=True, slots=True)
class Joined:
    """An open change as the page names it: "joined the open change of X, asked at …"."""

    id: int
    asked_as: str  # signature of who asked first
    opened_at: datetime
    asked_by_id: int | None
    order_id: int  # of address and courier it may be another order's in the same parcel


def would_join(order_id: int, kind: Kind, actor: Actor, *, line_id: int | None = None) -> Joined | None:
    """The open change that a wish of this kind would join now; the oldest where parcels have several, None for none.

    `line_id` narrows it to the parcels in which units of that line stand.  Raises NotFound, NotAllowed.
    """
    order = load(Order, order_id, actor, Permission.CHANGE_ASK)
    ids = select(ParcelLine.parcel_id).where(ParcelLine.order_id == order.id, ParcelLine.quantity > 0)
    if kind in ON_LINE and line_id is not None:
        ids = ids.where(ParcelLine.line_id == line_id)
    statement = (
        select(Change)
        .join(Parcel, Parcel.id == Change.parcel_id)
        .where(Change.parcel_id.in_(ids), Change.kind == kind, Change.state == ChangeState.OPEN)
        .where(Parcel.stage.in_(IN_HOUSE))
        .order_by(Change.id)
        .limit(1)
    )
    if kind not in PER_PARCEL:
        statement = statement.where(Change.order_id == order.id)
    found = db.session.scalars(in_store(statement, order.store_id, Change)).first()
    return Joined(found.id, found.asked_as, found.opened_at, found.asked_by_id, found.order_id) if found else None
