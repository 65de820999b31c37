"""What loading the demo works with, and how it tells the desk orders and facts: by the product's own services."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shopdesk.changes import service as changes
from shopdesk.core.permissions import Actor, Role
from shopdesk.demo.service.buyers import Buyer
from shopdesk.demo.service.goods import GOODS, Item
from shopdesk.demo.service.people import actor_of
from shopdesk.demo.service.plan import TEL, YUHE, number
from shopdesk.imports.service import put_order
from shopdesk.orders.models import Order
from shopdesk.orders.service import Sale, SaleLine
from shopdesk.orders.states import OrderStatus
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage
from shopdesk.staff.models import Store

ORIGIN = {YUHE: "聚水潭", TEL: "电话登记表"}
TOLD_AGO = {YUHE: timedelta(minutes=12), TEL: timedelta(hours=9)}  # when each store's feed last spoke


@dataclass(slots=True)
class Desk:
    """The demo being loaded; `chance` is seeded, so every demo shop is the same."""

    now: datetime
    stores: dict[str, Store]
    chance: random.Random
    people: dict[Role, Actor] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)  # order and waybill numbers
    positions: dict[str, int] = field(default_factory=dict)  # batch → parcels in it so far

    def person(self, role: Role) -> Actor:
        if role not in self.people:
            self.people[role] = actor_of(role)
        return self.people[role]

    def next_position(self, batch: str) -> int:
        self.positions[batch] = self.positions.get(batch, 0) + 1
        return self.positions[batch]

    def told_at(self, slug: str) -> datetime:
        return self.now - TOLD_AGO[slug]

    def ago(self, hours: float) -> datetime:
        return self.now - timedelta(hours=hours)


def lines_for(desk: Desk, *items: tuple[Item, int]) -> tuple[SaleLine, ...]:
    """Order lines of the given articles and units; without any, one to three by chance."""
    chosen = items or tuple((item, desk.chance.choice((1, 1, 1, 2))) for item in _some(desk))
    return tuple(
        SaleLine(
            key=f"n{nth}", quantity=units, title=item.title, sku=item.sku, attributes=desk.chance.choice(item.choices),
            unit_price_minor=item.price_minor,
        )
        for nth, (item, units) in enumerate(chosen, start=1)
    )  # fmt: skip


def _some(desk: Desk) -> list[Item]:
    return desk.chance.sample(GOODS, desk.chance.choice((1, 1, 1, 2, 2, 3)))


def sale_of(
    desk: Desk, slug: str, buyer: Buyer, *, placed_at: datetime, status: OrderStatus, lines: tuple[SaleLine, ...]
) -> Sale:
    """A sale as the store's feed tells it; postage is 8 yuan below 99."""
    made = number(desk.chance, slug, desk.used)
    desk.used.add(made)
    goods_minor = sum((line.unit_price_minor or 0) * line.quantity for line in lines)
    shipping_minor = 0 if goods_minor >= 9_900 else 800
    is_paid = status not in {OrderStatus.UNPAID, OrderStatus.CLOSED}
    total_minor = goods_minor + shipping_minor
    return Sale(
        number=made, status=status, buyer_id=buyer.buyer_id, buyer_nick=buyer.buyer_id, placed_at=placed_at,
        paid_at=placed_at + timedelta(minutes=desk.chance.randint(1, 9)) if is_paid else None,
        goods_minor=goods_minor, shipping_minor=shipping_minor, total_minor=total_minor,
        paid_minor=total_minor if is_paid else 0, recipient_name=buyer.name, phone=buyer.phone,
        province=buyer.province, city=buyer.city, district=buyer.district, street_address=buyer.street, zip=buyer.zip,
        lines=lines, lines_complete=True,
    )  # fmt: skip


def tell(desk: Desk, slug: str, sale: Sale, *, as_of: datetime | None = None) -> Order:
    """The store's system tells an order."""
    return put_order(
        desk.stores[slug], sale, (), as_of=as_of or desk.told_at(slug), origin=ORIGIN[slug],
        actor=desk.person(Role.INTEGRATION),
    ).order  # fmt: skip


def parcel_of(order: Order) -> Parcel:
    return parcels.parcels_of_order(order.id, order.store_id)[0]


def report(desk: Desk, slug: str, parcel: Parcel, stage: Stage, at: datetime | None, *, batch: str | None = None,
           source: Source = Source.API, as_of: datetime | None = None) -> None:  # fmt: skip
    """The store's system, or the courier, tells a stage."""
    locked = parcels.locked_parcels([parcel.id], parcel.store_id)[0]
    position = desk.next_position(batch) if batch else None
    told = Report(
        stage=stage, happened_at=at, as_of=as_of or desk.told_at(slug), source=source, origin=ORIGIN[slug],
        batch=batch, position=position,
    )  # fmt: skip
    changes.record_fact(locked, told, actor=desk.person(Role.INTEGRATION))
