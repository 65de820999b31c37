"""The statements of the order page, one per table, each found by the order's id; their rows are plain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select

from shopdesk.changes.models import Change
from shopdesk.core.audit import Event
from shopdesk.core.errors import NotFound
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.reading import Reading, columns, records
from shopdesk.feeds.models import Feed, FeedKind
from shopdesk.orders.models import Amendment, Memo, Order, OrderLine
from shopdesk.parcels.models import Batch, Hold, Parcel, ParcelLine, StageFact, Waybill
from shopdesk.staff.models import Store

EVENTS_SHOWN = 100  # of the timeline
_ORDER: Any = bindparam("order_id")
_PARCEL_IDS = select(ParcelLine.parcel_id).where(ParcelLine.order_id == _ORDER)

_WITH_STORE = Reading(
    select(*columns(Order, Store)).join(Store, Store.id == Order.store_id).where(Order.id == _ORDER), Order.store_id
)
_order, _store = records(Order, Store)
LINES = Reading(
    select(*columns(OrderLine)).where(OrderLine.order_id == _ORDER).order_by(OrderLine.position, OrderLine.id),
    OrderLine.store_id,
)
#: Ended ones too: memos refer to them.
AMENDMENTS = Reading(
    select(*columns(Amendment)).where(Amendment.order_id == _ORDER).order_by(Amendment.id), Amendment.store_id
)
MEMOS = Reading(select(*columns(Memo)).where(Memo.order_id == _ORDER).order_by(Memo.id), Memo.store_id)
CHANGES = Reading(select(*columns(Change)).where(Change.order_id == _ORDER).order_by(Change.id.desc()), Change.store_id)
WAYBILLS = Reading(
    select(*columns(Waybill)).where(Waybill.parcel_id.in_(_PARCEL_IDS)).order_by(Waybill.id), Waybill.store_id
)
HOLDS = Reading(
    select(*columns(Hold)).where(Hold.parcel_id.in_(_PARCEL_IDS), Hold.ended_at.is_(None)).order_by(Hold.id),
    Hold.store_id,
)
FACTS = Reading(
    select(*columns(StageFact)).where(StageFact.parcel_id.in_(_PARCEL_IDS)).order_by(StageFact.id), StageFact.store_id
)
OTHERS = Reading(
    select(Order.id)
    .where(Order.customer_id == bindparam("customer_id"), Order.id != _ORDER)
    .order_by(Order.id.desc())
    .limit(bindparam("most")),
    Order.store_id,
)
_FEED = Reading(
    select(*columns(Feed))
    .where(Feed.kind == FeedKind.STAGES, Feed.covers == "store")
    .order_by(Feed.as_of.desc())
    .limit(1),
    Feed.store_id,
)
_PACKED = Reading(
    select(*columns(Parcel), Batch.name, ParcelLine.order_id)
    .join(ParcelLine, ParcelLine.parcel_id == Parcel.id)
    .outerjoin(Batch, Batch.id == Parcel.batch_id)
    .where(Parcel.id.in_(_PARCEL_IDS))
    .order_by(Parcel.id),
    Parcel.store_id,
)
(_parcel,) = records(Parcel)
EVENTS = Reading(
    select(*columns(Event)).where(Event.order_id == _ORDER).order_by(Event.id.desc()).limit(EVENTS_SHOWN), Event.chain
)


@dataclass(slots=True)
class Packed:
    """A parcel with its batch and the orders that it carries."""

    parcel: Any
    batch: str | None
    order_ids: set[int] = field(default_factory=set)


def order_and_store(order_id: int, actor: Actor) -> tuple[Any, Any]:
    """Raises NotFound, also for an order of another store."""
    rows = _WITH_STORE.rows(actor, Permission.ORDER_READ, order_id=order_id)
    if not rows:
        raise NotFound("There is no such thing here.")
    return _order(rows[0]), _store(rows[0])


def parcels_of(order_id: int, store_id: int) -> list[Packed]:
    """By id."""
    found: dict[int, Packed] = {}
    for row in _PACKED.in_store(store_id, order_id=order_id):
        *_, batch, carried_id = row
        found.setdefault(row.id, Packed(_parcel(row), batch)).order_ids.add(carried_id)
    return list(found.values())


def stage_feed(store_id: int) -> Any:
    """The store's newest stage feed, None without one."""
    return next(iter(_FEED.in_store(store_id)), None)
