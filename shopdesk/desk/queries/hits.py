"""What a hit shows: store, stage with its age and source, flag, what is open (domain.md §7)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from shopdesk.cases import queries as cases
from shopdesk.cases.models import Case
from shopdesk.cases.states import CaseKind, CasePhase
from shopdesk.changes.models import Change, Step
from shopdesk.changes.states import ChangeState, Code, Kind, StepState
from shopdesk.core import clock
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.personal import Personal
from shopdesk.core.reading import Reading
from shopdesk.feeds import queries as feeds
from shopdesk.feeds.models import Feed
from shopdesk.orders.models import Order, OrderLine
from shopdesk.orders.queries import readiness_now, told_paid_minor
from shopdesk.orders.states import Flag, OrderStatus, Readiness
from shopdesk.parcels import queries as parcel_queries
from shopdesk.parcels.models import Batch, Parcel, ParcelLine
from shopdesk.parcels.queries import Knowledge
from shopdesk.parcels.states import Stage
from shopdesk.staff.models import Platform, Store


@dataclass(frozen=True, slots=True)
class OpenOnIt:
    """An open change in a list: its kind and whose turn it is."""

    change_id: int
    kind: Kind
    next_code: Code | None
    next_role: Role | None


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case in a list; of a role that does not see it there is none."""

    case_id: int
    number: str
    kind: CaseKind


@dataclass(frozen=True, slots=True)
class Hit:
    """One row of a list of orders.  Names are masked; money is None without `money:read`."""

    order_id: int
    number: str
    store_id: int
    store: str  # its short name
    store_name: str
    platform: Platform
    zone: str
    currency: str
    status: OrderStatus
    readiness: Readiness
    ready_on: date | None  # of a pre-sale
    readiness_reason: str | None
    flag: Flag
    buyer: Personal | None
    recipient: Personal | None
    first_title: str | None
    line_count: int
    unit_count: int
    placed_at: datetime | None
    paid_minor: int | None
    stage: Stage
    stage_at: datetime | None
    knowledge: Knowledge | None
    batch: str | None
    holds: int
    parcel_count: int
    open_changes: tuple[OpenOnIt, ...]
    open_cases: tuple[OpenCase, ...]


def hits_of(order_ids: list[int], actor: Actor) -> list[Hit]:
    """The orders as rows, in the given order; those that are not the actor's are left out."""
    rows = _BY_IDS.rows(actor, Permission.ORDER_READ, ids=order_ids)
    there = {row.id for row in rows}
    return _hits([i for i in order_ids if i in there], rows, actor)


def hits_of_customer(customer_id: int, *, but: int, most: int, actor: Actor) -> list[Hit]:
    """The newest orders of a buyer except the one that is shown, newest first."""
    rows = _BY_CUSTOMER.rows(actor, Permission.ORDER_READ, customer_id=customer_id, but=but, most=most)
    return _hits(sorted({row.id for row in rows}, reverse=True), rows, actor)


def _hits(order_ids: list[int], rows: Sequence[Any], actor: Actor) -> list[Hit]:
    orders, opened = _orders(rows, actor)
    packed = _packed(order_ids, actor)
    nothing = Packed()
    return [_hit(orders[i], packed.get(i, nothing), opened[i], actor) for i in order_ids]


@dataclass(slots=True)
class Packed:
    """What a list shows of an order's lines and parcels."""

    title: str | None = None
    units: dict[int, int] = field(default_factory=dict)  # by line
    parcels: dict[int, Any] = field(default_factory=dict)  # by id
    emptied: set[int] = field(default_factory=set)  # ids of those in which nothing of the order is left


@dataclass(slots=True)
class Opened:
    """What is open on an order, by id."""

    changes: dict[int, OpenOnIt] = field(default_factory=dict)
    cases: dict[int, OpenCase] = field(default_factory=dict)


def _hit(order: Any, packed: Packed, opened: Opened, actor: Actor) -> Hit:
    parcels = [packed.parcels[i] for i in sorted(packed.parcels) if i not in packed.emptied]
    stage = parcel_queries.least_advanced([p.stage for p in parcels])
    if packed.emptied and not parcels:  # all of it was taken out of its parcels: a merged one goes on without it
        stage = Stage.VOIDED
    parcel = next((p for p in parcels if p.stage is stage), None)
    return Hit(
        order_id=order.id,
        number=order.number,
        store_id=order.store_id,
        store=order.slug,
        store_name=order.name,
        platform=order.platform,
        zone=order.zone,
        currency=order.currency,
        status=order.status,
        readiness=readiness_now(order.readiness, order.ready_on, order.status, order.zone),
        ready_on=order.ready_on,
        readiness_reason=order.readiness_reason,
        flag=order.flag,
        buyer=order.buyer_nick,
        recipient=order.recipient_name,
        first_title=packed.title,
        line_count=len(packed.units),
        unit_count=sum(packed.units.values()),
        placed_at=order.placed_at,
        paid_minor=told_paid_minor(order) if actor.may(Permission.MONEY_READ, order.store_id) else None,
        stage=stage,
        stage_at=parcel.stage_at if parcel else None,
        knowledge=_knowledge(parcel, order) if parcel else None,
        batch=parcel.batch if parcel else None,
        holds=sum(p.holds for p in parcels),
        parcel_count=len(parcels),
        open_changes=tuple(opened.changes.values()),
        open_cases=tuple(opened.cases.values()),
    )


def _knowledge(parcel: Any, order: Any) -> Knowledge:
    feed = order if order.feed_id else None  # its columns stand in the same row
    rhythm = timedelta(minutes=order.store_rhythm)
    return parcel_queries.knowledge_from(parcel, feed, rhythm=rhythm, now=clock.now())


# Open changes with their first open step, and open cases, come in the same row: few orders have one, none has many.
_ORDERS = (
    select(
        Order.id, Order.number, Order.store_id, Order.status, Order.readiness, Order.flag, Order.buyer_nick,
        Order.ready_on, Order.readiness_reason,
        Order.recipient_name, Order.placed_at, Order.paid_minor, Order.currency, Store.name, Store.platform, Store.zone,
        Order.has_list, Store.slug, Store.rhythm_minutes.label("store_rhythm"), Change.id.label("change_id"),
        Change.kind.label("change_kind"), Step.code, Step.role, Case.id.label("case_id"),
        Case.number.label("case_number"), Case.kind.label("case_kind"), Case.role.label("case_role"),
        Feed.id.label("feed_id"), Feed.as_of, Feed.origin, Feed.rhythm_minutes,
    )
    .join(Store, Store.id == Order.store_id)
    .outerjoin(Feed, feeds.speaks_for_store(Order.store_id))
    .outerjoin(Change, (Change.order_id == Order.id) & (Change.state == ChangeState.OPEN))
    .outerjoin(Step, (Step.change_id == Change.id) & (Step.state == StepState.OPEN))
    .outerjoin(Case, (Case.order_id == Order.id) & (Case.phase != CasePhase.CLOSED))
    .order_by(Change.id, Step.position, Case.id)
)  # fmt: skip
_other = aliased(Order)
_OTHERS = (
    select(_other.id)
    .where(_other.customer_id == bindparam("customer_id"), _other.id != bindparam("but"))
    .order_by(_other.id.desc())
    .limit(bindparam("most"))
)
_BY_IDS = Reading(_ORDERS.where(Order.id.in_(bindparam("ids", expanding=True))), Order.store_id)
_BY_CUSTOMER = Reading(_ORDERS.where(Order.id.in_(_OTHERS)), Order.store_id)


def _orders(rows: Sequence[Any], actor: Actor) -> tuple[dict[int, Any], dict[int, Opened]]:
    """The orders by id, and what is open on each: rows of the first open step come before those of later ones."""
    orders: dict[int, Any] = {}
    opened: dict[int, Opened] = defaultdict(Opened)
    for row in rows:
        orders[row.id] = row
        found = opened[row.id]
        if row.change_id is not None and row.change_id not in found.changes:
            found.changes[row.change_id] = OpenOnIt(
                row.change_id, row.change_kind, Code(row.code) if row.code else None, row.role
            )
        if row.case_id is not None and cases.sees_of(row.case_role, row.store_id, actor):
            found.cases[row.case_id] = OpenCase(row.case_id, row.case_number, row.case_kind)
    return orders, opened


_PACKED = Reading(
    select(
        OrderLine.order_id, OrderLine.id.label("line_id"), OrderLine.position, OrderLine.title, OrderLine.quantity,
        Parcel.id, Parcel.stage, Parcel.stage_at, Parcel.stage_source, Parcel.stage_origin, Parcel.stage_as_of,
        Parcel.holds, Batch.name.label("batch"), ParcelLine.quantity.label("there"),
    )
    .outerjoin(ParcelLine, ParcelLine.line_id == OrderLine.id)
    .outerjoin(Parcel, Parcel.id == ParcelLine.parcel_id)
    .outerjoin(Batch, Batch.id == Parcel.batch_id)
    .where(OrderLine.order_id.in_(bindparam("ids", expanding=True))),
    OrderLine.store_id,
)  # fmt: skip


def _packed(order_ids: list[int], actor: Actor) -> dict[int, Packed]:
    found: dict[int, Packed] = defaultdict(Packed)
    there: Counter[tuple[int, int]] = Counter()
    for row in _PACKED.rows(actor, Permission.ORDER_READ, ids=order_ids):
        packed = found[row.order_id]
        packed.units[row.line_id] = row.quantity
        if row.position == 1:
            packed.title = row.title
        if row.id is not None:
            packed.parcels[row.id] = row
            there[row.order_id, row.id] += row.there
    for (order_id, parcel_id), units in there.items():
        if not units:
            found[order_id].emptied.add(parcel_id)
    return found
