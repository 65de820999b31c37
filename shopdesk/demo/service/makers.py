"""Small commands for what only a demo does: its stores, feeds, waybills and voided parcels."""

from __future__ import annotations

from datetime import datetime

from shopdesk.core import audit
from shopdesk.core.db import command, db
from shopdesk.core.permissions import Actor
from shopdesk.feeds import service as feeds
from shopdesk.feeds.models import FeedKind
from shopdesk.orders.models import Order
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel
from shopdesk.staff import service as staff
from shopdesk.staff.models import REFUND_PLACES, Platform, Store, WarehouseKind

CUT_OFFS = ["11:00", "18:00"]
WAREHOUSE = "屿禾仓库"
SUPPLIER = "景德镇合作窑厂"
#: Left to the place that `manage.py run` starts beside the demo: it pays nobody, and shows everything.
BY_THE_PLACE = {"original": "fake", "alipay": "fake"}


@command
def open_store(slug: str, name: str, platform: str, *, actor: Actor) -> Store:
    """A demo store, sending from the one demo warehouse."""
    warehouse = staff.ensure_warehouse(WAREHOUSE, actor=actor)
    warehouse.cut_offs = CUT_OFFS
    store = staff.add_store(
        slug, platform=platform, currency="CNY", zone="Asia/Shanghai", name=name, warehouse_id=warehouse.id, actor=actor
    )
    store.settings = {"demo": True, **({REFUND_PLACES: BY_THE_PLACE} if store.platform is Platform.PHONE else {})}
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
def open_supplier(*, actor: Actor) -> None:
    """A supplier who sends some articles of the first store straight to its buyers."""
    staff.add_warehouse(SUPPLIER, kind=WarehouseKind.SUPPLIER, serves=["yuhe"], actor=actor)
