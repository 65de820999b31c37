"""Rows of orders: lines, memos, amendments, and the values that hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.errors import NotFound
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.personal import Personal, unpack
from shopdesk.core.scope import found, in_store, in_store_given, within
from shopdesk.orders import rules
from shopdesk.orders.models import Amendment, ContactTask, Memo, Order, OrderLine
from shopdesk.orders.rules.deciding import is_over, may_lift, may_set, readiness_on
from shopdesk.orders.states import OWN_SOURCE, Field, OrderStatus, Readiness

__all__ = ["is_over", "may_lift", "may_set", "readiness_on"]


WHY = "to say what holds"


def order_by_id(order_id: int, store_id: int) -> Order:
    """An order of a store that was already found through the scope."""
    return found(Order, order_id, store_id)


def gives_money_back(order: Order) -> bool:
    """Whether its own changes give money back: not an unpaid one's, nor one's that a case made and decides about."""
    return order.status is not OrderStatus.UNPAID and order.source != OWN_SOURCE


def order_by_number(number: str, store_id: int) -> Order | None:
    statement = in_store(select(Order).where(Order.number == number), store_id, Order)
    return db.session.scalars(statement).one_or_none()


def orders_by_ids(order_ids: list[int], actor: Actor) -> list[Order]:
    """The orders the actor may look at, newest first."""
    statement = within(select(Order).where(Order.id.in_(order_ids)), actor, Permission.ORDER_READ, Order)
    return list(db.session.scalars(statement.order_by(Order.id.desc())))


_OF_ORDER: Any = bindparam("order_id")
_LINES = in_store_given(
    select(OrderLine).where(OrderLine.order_id == _OF_ORDER).order_by(OrderLine.position, OrderLine.id), OrderLine
)
_AMENDMENTS = in_store_given(
    select(Amendment).where(Amendment.order_id == _OF_ORDER, Amendment.ended_at.is_(None)).order_by(Amendment.id),
    Amendment,
)


def lines(order_id: int, store_id: int) -> list[OrderLine]:
    return list(db.session.scalars(_LINES, {"order_id": order_id, "store_id": store_id}))


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle with the parts of which it consists; what was paid for it stands on the parts."""

    head: OrderLine
    parts: tuple[OrderLine, ...]

    @property
    def paid_minor(self) -> int | None:
        """Minor units; None while nobody knows."""
        shares = [part.share_minor for part in self.parts]
        return None if None in shares else sum(share or 0 for share in shares)

    def others(self, line_id: int) -> list[OrderLine]:
        """The parts that stay where they are when this one comes back."""
        return [part for part in self.parts if part.id != line_id and part.shipped > part.in_return + part.returned]


def bundles_of(order_id: int, store_id: int) -> dict[int, Bundle]:
    """Line of a part → its bundle."""
    there = lines(order_id, store_id)
    found = rules.bundles([line.kind for line in there])
    made = [Bundle(there[head], tuple(there[place] for place in inside)) for head, inside in found.items()]
    return {part.id: bundle for bundle in made for part in bundle.parts}


def line_of(order_id: int, line_id: int, store_id: int) -> OrderLine:
    """A line of this very order.  Raises NotFound for another order's line."""
    statement = select(OrderLine).where(OrderLine.id == line_id, OrderLine.order_id == order_id)
    line = db.session.scalars(in_store(statement, store_id, OrderLine)).one_or_none()
    if line is None:
        raise NotFound("This order has no such line.", code="no_such_line")
    return line


def today_in(zone: str) -> date:
    """The day on the calendar of a store."""
    return clock.now().astimezone(ZoneInfo(zone)).date()


def readiness_now(readiness: Readiness, ready_on: date | None, status: OrderStatus, zone: str) -> Readiness:
    """The kept readiness as it is today: a pre-sale whose day has come is over, also before the worker wrote so."""
    if readiness is not Readiness.PRE_SALE_UNTIL:
        return readiness
    return readiness_on(readiness, ready_on, status, today_in(zone))


def open_contact(order_id: int, store_id: int) -> ContactTask | None:
    """The task to contact the customer that nobody has closed."""
    statement = select(ContactTask).where(ContactTask.order_id == order_id, ContactTask.closed_at.is_(None))
    return db.session.scalars(in_store(statement, store_id, ContactTask)).one_or_none()


def memos(order_id: int, store_id: int) -> list[Memo]:
    """Oldest first."""
    statement = select(Memo).where(Memo.order_id == order_id).order_by(Memo.id)
    return list(db.session.scalars(in_store(statement, store_id, Memo)))


def active_amendments(order_id: int, store_id: int) -> list[Amendment]:
    return list(db.session.scalars(_AMENDMENTS, {"order_id": order_id, "store_id": store_id}))


def active_amendment(order_id: int, store_id: int, field: Field, line_id: int | None) -> Amendment | None:
    found = [a for a in active_amendments(order_id, store_id) if a.field is field and a.line_id == line_id]
    return found[0] if found else None


def amendment_by_id(amendment_id: int, store_id: int) -> Amendment:
    return db.session.scalars(
        in_store(select(Amendment).where(Amendment.id == amendment_id), store_id, Amendment)
    ).one()


def mirrored_value(order: Order, field: Field, line_id: int | None) -> dict[str, Any]:
    """What the platform says about a field, with the keys that `Field` names; clear values."""
    if field is Field.ADDRESS:
        return mirrored_address(order)
    if line_id is not None:
        line = line_of(order.id, line_id, order.store_id)
        if field is Field.ATTRIBUTE:
            return {"attributes": line.attributes}
        if field is Field.QUANTITY:
            return {"quantity": line.told_quantity if line.told_quantity is not None else line.quantity}
        return {"amount_minor": line.unit_price_minor}
    if field is Field.FREIGHT:
        return {"amount_minor": order.shipping_minor}
    if field is Field.COURIER:
        return {"text": order.carrier}
    if field is Field.INVOICE:
        return {"text": order.invoice_title.reveal(WHY) if order.invoice_title else None}
    return {"text": None}


def mirrored_address(order: Order) -> dict[str, Any]:
    return {
        "name": order.recipient_name.reveal(WHY) if order.recipient_name else None,
        "phone": order.phone.reveal(WHY) if order.phone else None,
        "province": order.province,
        "city": order.city,
        "district": order.district,
        "street": order.street_address.reveal(WHY) if order.street_address else None,
        "zip": order.zip,
    }


def effective_value(order: Order, field: Field, line_id: int | None) -> dict[str, Any]:
    """Amended where present, else mirrored (domain.md §2); clear values, for commands and for who may see them."""
    amendment = active_amendment(order.id, order.store_id, field, line_id)
    return value_of(amendment) if amendment else undecided_value(order, field, line_id)


def undecided_value(order: Order, field: Field, line_id: int | None) -> dict[str, Any]:
    """What holds of a field that no amendment stands on."""
    if field is Field.QUANTITY and line_id is not None:
        line = line_of(order.id, line_id, order.store_id)
        return {"quantity": line.quantity - line.cancelled}
    return mirrored_value(order, field, line_id)


def value_of(amendment: Amendment) -> dict[str, Any]:
    """The amended value, clear."""
    return unpack(amendment.value, WHY)


def value_in(value: Personal) -> dict[str, Any]:
    """A wished or amended value, clear, for a text that its caller logs."""
    return unpack(value, WHY)
