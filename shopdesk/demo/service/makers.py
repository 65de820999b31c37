"""Small commands for what no service of the desk does yet: parcels merged and split."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.feeds import service as feeds
from shopdesk.feeds.models import FeedKind
from shopdesk.orders.models import Order
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel, ParcelLine
from shopdesk.staff import service as staff
from shopdesk.staff.models import Store

CUT_OFFS = ["11:00", "18:00"]
WAREHOUSE = "屿禾仓库"


@command
def open_store(slug: str, name: str, platform: str, *, actor: Actor) -> Store:
    """A demo store, sending from the one demo warehouse."""
    warehouse = staff.ensure_warehouse(WAREHOUSE, actor=actor)
    warehouse.cut_offs = CUT_OFFS
    store = staff.add_store(
        slug, platform=platform, currency="CNY", zone="Asia/Shanghai", name=name, warehouse_id=warehouse.id, actor=actor
    )
    store.settings = {"demo": True}
    db.session.flush()
    return store


@command
def tell_feeds(store: Store, origin: str, as_of: datetime, *, actor: Actor) -> None:
    """The store's system says that all its orders and stages still stand so at `as_of`."""
    for kind in (FeedKind.ORDERS, FeedKind.STAGES):
        feeds.note(store, kind, origin, as_of=as_of, covers="store")
    audit.record("feed.told", "store", store.id, actor, store_id=store.id, kinds=["orders", "stages"])


@command
def void(parcel: Parcel, order: Order, *, actor: Actor) -> None:
    parcel_service.void(parcel, person_id=actor.id)
    audit.record("parcel.voided", "parcel", parcel.id, actor, store_id=order.store_id, order_id=order.id)


@command
def keep_waybill(parcel: Parcel, order: Order, number: str, carrier: str, *, actor: Actor) -> None:
    parcel_service.add_waybill(parcel, order, number, carrier, is_electronic=True)
    audit.record("waybill.known", "parcel", parcel.id, actor, store_id=order.store_id, order_id=order.id)


@command
def merge(into: Order, other: Order, *, actor: Actor) -> Parcel:
    """Put the other order's units into the first one's parcel; its own empty parcel was never told to anybody."""
    home, away = (
        parcels.parcels_of_order(into.id, into.store_id)[0],
        parcels.parcels_of_order(other.id, other.store_id)[0],
    )
    moved = in_store(update(ParcelLine), other.store_id, ParcelLine).where(ParcelLine.parcel_id == away.id)
    rows_changed(moved.values(parcel_id=home.id))
    rows_changed(in_store(delete(Parcel), other.store_id, Parcel).where(Parcel.id == away.id))
    db.session.expunge(away)
    home.version += 1
    audit.record("parcel.merged", "parcel", home.id, actor, store_id=into.store_id, order_id=other.id, into=into.id)
    return home


@command
def split(order: Order, *, actor: Actor) -> Parcel:
    """Put the order's last line into a parcel of its own."""
    home = parcels.parcels_of_order(order.id, order.store_id)[0]
    last = parcels.parcel_lines([home.id], order.store_id)[-1]
    made = Parcel(
        store_id=home.store_id, warehouse_id=home.warehouse_id, stage=home.stage, stage_source=home.stage_source,
        stage_origin=home.stage_origin, stage_as_of=home.stage_as_of, ship_name=home.ship_name,
        ship_phone=home.ship_phone, ship_region=home.ship_region, ship_address=home.ship_address, made_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    last.parcel_id = made.id
    audit.record("parcel.split", "parcel", home.id, actor, store_id=order.store_id, order_id=order.id, made=made.id)
    return made
