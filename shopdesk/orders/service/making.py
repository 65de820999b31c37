"""An order of our own beside a sale: goods that go out again.  No feed knows it, printing sees no difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from shopdesk.core import clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.personal import Personal
from shopdesk.core.scope import in_store
from shopdesk.orders import rules
from shopdesk.orders.models import Order, OrderLine, OrderLink
from shopdesk.orders.service.lines import lines_of
from shopdesk.orders.service.mirroring import Sale, mirror
from shopdesk.orders.service.told import SaleLine
from shopdesk.orders.states import OWN_SOURCE, LinkKind, OrderStatus
from shopdesk.staff.models import Store


@dataclass(frozen=True, slots=True)
class OwnLine:
    """Units that go out; `worth_minor`: what they are worth for the customer, refunded if they come back."""

    quantity: int
    sku: str | None
    title: str | None
    attributes: str | None
    worth_minor: int = 0


@command
def make_own(store: Store, sale: Order, number: str, lines: Sequence[OwnLine], ship_to: Mapping[str, Any]) -> Order:
    """An order without a price, paid, for the customer of a sale; `ship_to` has the keys of Field.ADDRESS.

    The caller records the event, covers it with a parcel and links it.
    """
    at = clock.now()
    told = Sale(
        number=number, status=OrderStatus.PAID, placed_at=at, paid_at=at, goods_minor=0, shipping_minor=0,
        total_minor=0, paid_minor=0, recipient_name=ship_to.get("name"), phone=ship_to.get("phone"),
        province=ship_to.get("province"), city=ship_to.get("city"), district=ship_to.get("district"),
        street_address=ship_to.get("street"), zip=ship_to.get("zip"), buyer_nick=_clear(sale.buyer_nick),
        carrier=sale.carrier,
        lines=tuple(
            SaleLine(key=f"n{n}", quantity=one.quantity, title=one.title, sku=one.sku, attributes=one.attributes)
            for n, one in enumerate(lines, 1)
        ),
        lines_complete=True,
    )  # fmt: skip
    order = mirror(store, told, as_of=at, source=OWN_SOURCE).order
    order.customer_id = sale.customer_id
    db.session.flush()
    for line, one in zip(lines_of(order), lines, strict=True):
        line.share_minor = one.worth_minor
    db.session.flush()
    return order


def _clear(value: Personal | None) -> str | None:
    return value.reveal("to copy it to the order that goes out again") if value else None


@command
def link(sale: Order, other: Order, kind: LinkKind, *, person_id: int | None) -> None:
    """Note that two orders of a store belong together."""
    db.session.add(
        OrderLink(
            store_id=sale.store_id, order_id=sale.id, other_id=other.id, kind=kind, made_at=clock.now(),
            made_by_id=person_id,
        )
    )  # fmt: skip
    db.session.flush()


@command
def set_worth(line_id: int, worth_minor: int, store_id: int) -> bool:
    """What a line of our own is worth from now on (minor units); False where more than that was refunded already."""
    booked = OrderLine.reserved_minor + OrderLine.refunded_minor
    statement = update(OrderLine).where(OrderLine.id == line_id, booked <= worth_minor).values(share_minor=worth_minor)
    return rows_changed(in_store(statement, store_id, OrderLine)) == 1


@command
def close_own(order: Order) -> None:
    """An order of our own that goes out no more."""
    order.status, order.readiness_decided = OrderStatus.CLOSED, None
    order.readiness = rules.readiness(None, order.status, refunding=False)
    order.version += 1
    db.session.flush()
