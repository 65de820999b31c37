"""Readiness as people say it: set and lifted on one order, on every order with a SKU, and ended by its day.

The parcels of an order are locked as well: whoever prints locks them before looking, so that nothing that is not ready
is printed in the same moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from shopdesk.core.db import command, db
from shopdesk.core.errors import DomainError, IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.core.scope import in_store, load
from shopdesk.orders import queries as orders
from shopdesk.orders import service as order_service
from shopdesk.orders.models import Order
from shopdesk.orders.service import Wanted
from shopdesk.orders.states import OWN_SOURCE, OrderStatus, Readiness
from shopdesk.parcels import queries
from shopdesk.parcels.states import IN_HOUSE
from shopdesk.staff import queries as staff

#: What a whole SKU can be at once.
BY_SKU = frozenset({Readiness.OUT_OF_STOCK, Readiness.PRE_SALE_UNTIL})
AT_ONCE = 100  # orders in one transaction
MOST_AT_ONCE = 500  # orders that one request deals with


@command
def set_readiness(order_id: int, wanted: Wanted, *, actor: Actor) -> Order:
    """Say why an order may not be printed yet.

    Raises NotFound, NotAllowed (`other_role`), RuleViolation (what is missing), IllegalMove (closed, or it has left).
    """
    order = load(Order, order_id, actor, Permission.ORDER_READY, lock="update")
    _set(order, wanted, actor)
    return order


def _set(order: Order, wanted: Wanted, actor: Actor) -> None:
    _check_not_ours(order)
    store = staff.store_by_id(order.store_id)
    roles = actor.roles.get(order.store_id, frozenset())
    current, today = _current(order), orders.today_in(store.zone)
    order_service.check_set(wanted, roles, current=current, today=today)
    _check_here(order)
    order_service.decide_readiness(order, wanted.readiness, ready_on=wanted.until, reason=wanted.reason, actor=actor)


def _check_not_ours(order: Order) -> None:
    """Goods that go out again wait for their case: what the desk itself said of them ends with its cause."""
    if order.source == OWN_SOURCE and order.readiness_decided is not None and order.readiness_by_id is None:
        raise IllegalMove("It waits for its case: settle it there.", code="waits_for_case")


def _current(order: Order) -> Readiness | None:
    """What was decided and still holds: a pre-sale whose day has come does not."""
    today = orders.today_in(staff.store_by_id(order.store_id).zone)
    return None if orders.is_over(order.readiness_decided, order.ready_on, today) else order.readiness_decided


def _check_here(order: Order) -> None:
    if order.status is OrderStatus.CLOSED:
        raise IllegalMove("The order is closed on the platform.", code="closed")
    there = queries.locked_parcels([p.id for p in queries.parcels_of_order(order.id, order.store_id)], order.store_id)
    if there and not any(parcel.stage in IN_HOUSE for parcel in there):
        raise IllegalMove("The parcel has left. This is for after-sale now.", code="after_sale")


@command
def lift_readiness(order_id: int, *, only: Readiness | None = None, actor: Actor) -> Order:
    """Lift what people decided (`only`: where it is still this).

    Raises NotFound, NotAllowed (`other_role`), IllegalMove (`nothing_decided`).
    """
    order = load(Order, order_id, actor, Permission.ORDER_READY, lock="update")
    _lift(order, only, actor)
    return order


def _lift(order: Order, only: Readiness | None, actor: Actor) -> None:
    current = order.readiness_decided
    if only is not None and current is not only:
        raise IllegalMove("Something else was said of this order meanwhile.", code="readiness_moved")
    _check_not_ours(order)
    order_service.check_lift(current, actor.roles.get(order.store_id, frozenset()))
    order_service.decide_readiness(order, None, actor=actor)


@dataclass(frozen=True, slots=True)
class Marked:
    """What became of one order of many: done, or the refusal that kept it as it was."""

    order_id: int
    number: str
    readiness: Readiness
    refusal: DomainError | None = None


@dataclass(frozen=True, slots=True)
class Many:
    """The rows of one request, and where the next goes on (None: that was all)."""

    rows: tuple[Marked, ...]
    following: int | None


def mark_sku(store_id: int, sku: str, wanted: Wanted, *, after: int = 0, actor: Actor) -> Many:
    """Say of every order with units of the SKU that are not packed that it waits; from the id `after` on.

    In transactions of AT_ONCE orders (one, where the caller has begun one), with a result per order.  What somebody
    decided otherwise stays.  Raises NotAllowed, RuleViolation.
    """
    require(actor, Permission.ORDER_READY, store_id)
    _check_many(sku, wanted.readiness)
    zone = staff.store_by_id(store_id).zone
    roles = actor.roles.get(store_id, frozenset())
    order_service.check_set(wanted, roles, current=None, today=orders.today_in(zone))
    ids = queries.orders_with_sku(sku, store_id, after=after, limit=MOST_AT_ONCE + 1)
    return _in_chunks(ids, lambda some: _mark(some, store_id, wanted, actor))


def lift_sku(store_id: int, sku: str, readiness: Readiness, *, after: int = 0, actor: Actor) -> Many:
    """Lift this one readiness from every order with units of the SKU; as `mark_sku`."""
    require(actor, Permission.ORDER_READY, store_id)
    _check_many(sku, readiness)
    order_service.check_lift(readiness, actor.roles.get(store_id, frozenset()))
    ids = queries.orders_with_sku(sku, store_id, after=after, limit=MOST_AT_ONCE + 1, decided=readiness)
    return _in_chunks(ids, lambda some: _free(some, store_id, readiness, actor))


def _check_many(sku: str, readiness: Readiness) -> None:
    if not sku.strip():
        raise RuleViolation("Say which SKU.", code="value_required", missing="sku")
    if readiness not in BY_SKU:
        raise RuleViolation("A SKU can be out of stock or on pre-sale.", code="not_of_a_sku", readiness=str(readiness))


def _in_chunks(ids: Sequence[int], act: Callable[[Sequence[int]], list[Marked]]) -> Many:
    now = ids[:MOST_AT_ONCE]
    rows: list[Marked] = []
    for at in range(0, len(now), AT_ONCE):
        rows += act(now[at : at + AT_ONCE])
    return Many(tuple(rows), now[-1] if len(ids) > len(now) else None)


@command
def _mark(order_ids: Sequence[int], store_id: int, wanted: Wanted, actor: Actor) -> list[Marked]:
    return [_tried(order, lambda o: _mark_one(o, wanted, actor)) for order in _locked(order_ids, store_id)]


def _mark_one(order: Order, wanted: Wanted, actor: Actor) -> None:
    current = _current(order)
    if current is not None and current is not wanted.readiness:
        raise IllegalMove("Something else was said of this order already.", code="readiness_kept", was=str(current))
    _set(order, wanted, actor)


@command
def _free(order_ids: Sequence[int], store_id: int, readiness: Readiness, actor: Actor) -> list[Marked]:
    return [_tried(order, lambda o: _lift(o, readiness, actor)) for order in _locked(order_ids, store_id)]


def _locked(order_ids: Iterable[int], store_id: int) -> list[Order]:
    """Orders and then their parcels, in ascending id, so that two such commands cannot wait for each other."""
    statement = select(Order).where(Order.id.in_(order_ids)).order_by(Order.id).with_for_update(key_share=True)
    found = in_store(statement, store_id, Order).execution_options(populate_existing=True)
    there = list(db.session.scalars(found))
    queries.locked_parcels([p.id for order in there for p in queries.parcels_of_order(order.id, store_id)], store_id)
    return there


def _tried(order: Order, act: Callable[[Order], None]) -> Marked:
    """A refusal comes before anything is written, so it keeps only its own order as it was."""
    try:
        act(order)
    except DomainError as error:
        return Marked(order.id, order.number, order.readiness, error)
    return Marked(order.id, order.number, order.readiness)


def end_pre_sales(store_id: int, *, actor: Actor) -> int:
    """Write down which pre-sales of the store are over today; how many orders that were."""
    done, today = 0, orders.today_in(staff.store_by_id(store_id).zone)
    statement = (
        select(Order.id)
        .where(Order.ready_on.is_not(None), Order.ready_on <= today)
        .where(Order.readiness_decided == Readiness.PRE_SALE_UNTIL)
        .order_by(Order.id)
    )
    ids = list(db.session.scalars(in_store(statement, store_id, Order)))
    for at in range(0, len(ids), AT_ONCE):
        done += _end_pre_sales(ids[at : at + AT_ONCE], store_id, actor)
    return done


@command
def _end_pre_sales(order_ids: Sequence[int], store_id: int, actor: Actor) -> int:
    """Only what is still so under the lock: of two workers one finds it."""
    today = orders.today_in(staff.store_by_id(store_id).zone)
    over = [o for o in _locked(order_ids, store_id) if orders.is_over(o.readiness_decided, o.ready_on, today)]
    for order in over:
        order_service.decide_readiness(order, None, actor=actor, by="date")
    return len(over)
