"""What a hit shows: store, stage with its age and source, flag, what is open (domain.md §7)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from shopdesk.changes.models import Change, Step
from shopdesk.changes.states import ChangeState, Code, Kind, StepState
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.personal import Personal
from shopdesk.core.scope import within
from shopdesk.feeds.models import Feed, FeedKind
from shopdesk.orders.models import Order, OrderLine
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
class Hit:
    """One row of a list of orders.  Names are masked; money is None without `money:read`."""

    order_id: int
    number: str
    store_id: int
    store_name: str
    platform: Platform
    zone: str
    currency: str
    status: OrderStatus
    readiness: Readiness
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


def hits_of(order_ids: list[int], actor: Actor) -> list[Hit]:
    """The orders as rows, in the given order; those that are not the actor's are left out."""
    if not order_ids:
        return []
    statement = select(Order, Store).join(Store, Store.id == Order.store_id).where(Order.id.in_(order_ids))
    rows = db.session.execute(within(statement, actor, Permission.ORDER_READ, Order)).all()
    by_id = {order.id: (order, store) for order, store in rows}
    parcels = _parcels(order_ids, actor)
    lines = _lines(order_ids, actor)
    changes = _changes(order_ids, actor)
    feeds = _stage_feeds(actor)
    found = []
    for order_id in order_ids:
        if order_id in by_id:
            order, store = by_id[order_id]
            mine = parcels.get(order_id, [])
            found.append(_hit(order, store, mine, lines.get(order_id), changes.get(order_id, []), feeds, actor))
    return found


def _hit(
    order: Order,
    store: Store,
    parcels: list[tuple[Parcel, str | None]],
    lines: tuple[str | None, int, int] | None,
    changes: list[OpenOnIt],
    feeds: dict[int, Feed],
    actor: Actor,
) -> Hit:
    stage = parcel_queries.least_advanced([p.stage for p, _ in parcels])
    shown = next(((p, batch) for p, batch in parcels if p.stage is stage), (None, None))
    parcel, batch = shown
    title, line_count, unit_count = lines or (None, 0, 0)
    sees_money = actor.may(Permission.MONEY_READ, store.id)
    return Hit(
        order_id=order.id,
        number=order.number,
        store_id=store.id,
        store_name=store.name,
        platform=store.platform,
        zone=store.zone,
        currency=order.currency,
        status=order.status,
        readiness=order.readiness,
        flag=order.flag,
        buyer=order.buyer_nick,
        recipient=order.recipient_name,
        first_title=title,
        line_count=line_count,
        unit_count=unit_count,
        placed_at=order.placed_at,
        paid_minor=order.paid_minor if sees_money else None,
        stage=stage,
        stage_at=parcel.stage_at if parcel else None,
        knowledge=knowledge(parcel, store, feeds.get(store.id)) if parcel else None,
        batch=batch,
        holds=sum(p.holds for p, _ in parcels),
        parcel_count=len(parcels),
        open_changes=tuple(changes),
    )


def knowledge(parcel: Parcel, store: Store, feed: Feed | None) -> Knowledge:
    """As parcels.queries.knowledge_of, from a feed that was read once for the whole list."""
    return parcel_queries.knowledge_from(parcel, feed, rhythm=timedelta(minutes=store.rhythm_minutes), now=clock.now())


def _parcels(order_ids: list[int], actor: Actor) -> dict[int, list[tuple[Parcel, str | None]]]:
    statement = (
        select(ParcelLine.order_id, Parcel, Batch.name)
        .join(Parcel, Parcel.id == ParcelLine.parcel_id)
        .outerjoin(Batch, Batch.id == Parcel.batch_id)
        .where(ParcelLine.order_id.in_(order_ids))
        .order_by(ParcelLine.order_id, Parcel.id)
    )
    found: dict[int, list[tuple[Parcel, str | None]]] = defaultdict(list)
    for order_id, parcel, batch in db.session.execute(within(statement, actor, Permission.ORDER_READ, ParcelLine)):
        if (parcel, batch) not in found[order_id]:
            found[order_id].append((parcel, batch))
    return found


def _lines(order_ids: list[int], actor: Actor) -> dict[int, tuple[str | None, int, int]]:
    statement = (
        select(OrderLine.order_id, func.min(OrderLine.position), func.count(), func.sum(OrderLine.quantity))
        .where(OrderLine.order_id.in_(order_ids))
        .group_by(OrderLine.order_id)
    )
    counts = db.session.execute(within(statement, actor, Permission.ORDER_READ, OrderLine)).all()
    titles = select(OrderLine.order_id, OrderLine.title).where(
        OrderLine.order_id.in_(order_ids), OrderLine.position == 1
    )
    rows = db.session.execute(within(titles, actor, Permission.ORDER_READ, OrderLine))
    first = {row.order_id: row.title for row in rows}
    return {order_id: (first.get(order_id), count, int(units or 0)) for order_id, _, count, units in counts}


def _changes(order_ids: list[int], actor: Actor) -> dict[int, list[OpenOnIt]]:
    """Open changes with their first open step."""
    statement = (
        select(Change.order_id, Change.id, Change.kind, Step.code, Step.role)
        .outerjoin(Step, (Step.change_id == Change.id) & (Step.state == StepState.OPEN))
        .where(Change.order_id.in_(order_ids), Change.state == ChangeState.OPEN)
        .order_by(Change.order_id, Change.id, Step.position)
    )
    found: dict[int, list[OpenOnIt]] = defaultdict(list)
    seen: set[int] = set()
    for order_id, change_id, kind, code, role in db.session.execute(
        within(statement, actor, Permission.ORDER_READ, Change)
    ):
        if change_id not in seen:
            seen.add(change_id)
            found[order_id].append(OpenOnIt(change_id, kind, Code(code) if code else None, role))
    return found


def _stage_feeds(actor: Actor) -> dict[int, Feed]:
    """Store → its newest stage feed."""
    statement = select(Feed).where(Feed.kind == FeedKind.STAGES).order_by(Feed.as_of)
    rows = db.session.scalars(within(statement, actor, Permission.ORDER_READ, Feed))
    return {feed.store_id: feed for feed in rows}
