"""The statements of the order page, one per table, each found by the order's id; their rows are plain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import aliased

from shopdesk.cases.models import Case
from shopdesk.changes.models import Change
from shopdesk.core.audit import Event
from shopdesk.core.errors import NotFound
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.reading import Reading, columns, records
from shopdesk.feeds import queries as feeds
from shopdesk.feeds.models import Feed
from shopdesk.orders.models import Amendment, ContactTask, Memo, Order, OrderLine
from shopdesk.parcels.models import Batch, Hold, Parcel, ParcelLine, StageFact, Waybill
from shopdesk.parcels.states import FactEffect
from shopdesk.staff.models import Store, Warehouse, WarehouseKind

EVENTS_SHOWN = 100  # of the timeline
_ORDER: Any = bindparam("order_id")
_PARCEL_IDS = select(ParcelLine.parcel_id).where(ParcelLine.order_id == _ORDER)

_other = aliased(Order)


def _there(model: Any) -> Any:
    return exists().where(model.order_id == Order.id)


# What most orders have none of is asked for here, so that its statement need not run.
_WITH_STORE = Reading(
    select(
        *columns(Order, Store, Feed),
        _there(Amendment).label("has_amendments"),
        _there(Memo).label("has_memos"),
        _there(Change).label("has_changes"),
        _there(Case).label("has_cases"),
        exists().where(ContactTask.order_id == Order.id, ContactTask.closed_at.is_(None)).label("has_contact"),
        exists().where(_other.customer_id == Order.customer_id, _other.id != Order.id).label("has_others"),
    )
    .join(Store, Store.id == Order.store_id)
    .outerjoin(Feed, feeds.speaks_for_store(Order.store_id))
    .where(Order.id == _ORDER),
    Order.store_id,
)
_order, _store, _feed = records(Order, Store, Feed)
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
HOLDS = Reading(
    select(*columns(Hold)).where(Hold.parcel_id.in_(_PARCEL_IDS), Hold.ended_at.is_(None)).order_by(Hold.id),
    Hold.store_id,
)
FACTS = Reading(
    select(*columns(StageFact)).where(StageFact.parcel_id.in_(_PARCEL_IDS)).order_by(StageFact.id), StageFact.store_id
)
_PACKED = Reading(
    select(
        *columns(Parcel, Waybill),
        Batch.name.label("batch"),
        ParcelLine.id.label("row_id"),
        ParcelLine.order_id.label("carried_id"),
        ParcelLine.quantity.label("carried"),
        Warehouse.name.label("warehouse"),
        Warehouse.kind.label("warehouse_kind"),
        exists()
        .where(StageFact.parcel_id == Parcel.id, StageFact.effect == FactEffect.CONTRADICTED)
        .label("has_contradiction"),
    )
    .join(ParcelLine, ParcelLine.parcel_id == Parcel.id)
    .join(Warehouse, Warehouse.id == Parcel.warehouse_id)
    .outerjoin(Batch, Batch.id == Parcel.batch_id)
    .outerjoin(Waybill, Waybill.parcel_id == Parcel.id)
    .where(Parcel.id.in_(_PARCEL_IDS))
    .order_by(Parcel.id, Waybill.id),
    Parcel.store_id,
)
_parcel, _waybill = records(Parcel, Waybill)
EVENTS = Reading(
    select(*columns(Event)).where(Event.order_id == _ORDER).order_by(Event.id.desc()).limit(EVENTS_SHOWN), Event.chain
)


@dataclass(slots=True)
class Packed:
    """A parcel with its batch, its waybills and the orders that it carries."""

    parcel: Any
    batch: str | None
    warehouse: str
    is_supplied: bool  # that warehouse is a supplier's
    has_contradiction: bool  # somebody said something else of its stage once
    waybills: dict[int, Any] = field(default_factory=dict)  # by id
    order_ids: set[int] = field(default_factory=set)
    carried: dict[int, int] = field(default_factory=dict)  # units of the order that is shown, by parcel line

    @property
    def units(self) -> int:
        return sum(self.carried.values())


@dataclass(frozen=True, slots=True)
class Top:
    """The order with its store, the store's newest stage feed, and what else there is to read."""

    order: Any
    store: Any
    feed: Any  # None without one
    has_amendments: bool
    has_memos: bool
    has_changes: bool
    has_cases: bool
    has_others: bool
    has_contact: bool  # somebody has to contact the customer


def top_of(order_id: int, actor: Actor) -> Top:
    """Raises NotFound, also for an order of another store."""
    rows = _WITH_STORE.rows(actor, Permission.ORDER_READ, order_id=order_id)
    if not rows:
        raise NotFound("There is no such thing here.")
    row = rows[0]
    feed = _feed(row)
    has = (row.has_amendments, row.has_memos, row.has_changes, row.has_cases, row.has_others, row.has_contact)
    return Top(_order(row), _store(row), feed if feed.id else None, *has)


def parcels_of(order_id: int, store_id: int) -> list[Packed]:
    """By id."""
    found: dict[int, Packed] = {}
    for row in _PACKED.in_store(store_id, order_id=order_id):
        packed = found.setdefault(
            row.id,
            Packed(
                _parcel(row), row.batch, row.warehouse, row.warehouse_kind is WarehouseKind.SUPPLIER,
                row.has_contradiction,
            ),
        )  # fmt: skip
        packed.order_ids.add(row.carried_id)
        if row.carried_id == order_id:
            packed.carried[row.row_id] = row.carried
        waybill = _waybill(row)
        if waybill.id:
            packed.waybills[waybill.id] = waybill
    return list(found.values())
