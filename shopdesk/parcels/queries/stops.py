"""Reads about stops: the list, one with the orders it is about, and what stands over a parcel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_, select

from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, load, within
from shopdesk.core.text import fold, typed_name
from shopdesk.orders.models import Order, OrderLine
from shopdesk.parcels.models import Batch, Hold, Parcel, ParcelLine, Stop, StopAnswer
from shopdesk.parcels.rules.stops import GOODS, PHRASES
from shopdesk.parcels.states import HoldCause, OnExpiry, Stage, StopReply

P = Permission.ORDER_READ


@dataclass(frozen=True, slots=True)
class StopRow:
    stop: Stop
    batch: str | None
    held: int  # parcels that it holds now
    answers: int


@dataclass(frozen=True, slots=True)
class Affected:
    """An order that a stop holds or held."""

    order_id: int
    number: str
    is_held: bool
    stages: tuple[Stage, ...]  # of its parcels that the stop caught
    reply: StopReply | None
    answered_at: datetime | None
    answered_by_id: int | None


def stop_by_id(stop_id: int, actor: Actor) -> Stop:
    """Raises NotFound."""
    return load(Stop, stop_id, actor, P)


def stops_for(actor: Actor, *, limit: int) -> list[StopRow]:
    """Those that go on first, then newest first."""
    statement = within(select(Stop), actor, P, Stop).order_by(Stop.ended_at.is_not(None), Stop.id.desc())
    return stop_rows(list(db.session.scalars(statement.limit(limit))), actor)


def newest_stops(actor: Actor, *, limit: int, before: int | None) -> list[StopRow]:
    """Newest first, from below the id `before`."""
    statement = within(select(Stop), actor, P, Stop).order_by(Stop.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(Stop.id < before)
    return stop_rows(list(db.session.scalars(statement)), actor)


def stop_rows(stops: Sequence[Stop], actor: Actor) -> list[StopRow]:
    """With their figures, in a few statements for the whole list."""
    ids = [stop.id for stop in stops]
    held = dict(_held(ids, actor))
    counted = select(StopAnswer.stop_id, func.count(StopAnswer.id)).where(StopAnswer.stop_id.in_(ids))
    answers = dict(_pairs(within(counted.group_by(StopAnswer.stop_id), actor, P, StopAnswer)))
    batch_ids = {stop.batch_id for stop in stops if stop.batch_id}
    named = within(select(Batch.id, Batch.name).where(Batch.id.in_(batch_ids)), actor, P, Batch)
    batches = dict(_pairs(named)) if batch_ids else {}
    return [StopRow(s, batches.get(s.batch_id), held.get(s.id, 0), answers.get(s.id, 0)) for s in stops]


def _pairs(statement) -> list[tuple]:
    return [tuple(row) for row in db.session.execute(statement)]


def _held(stop_ids: list[int], actor: Actor) -> list[tuple]:
    statement = (
        select(Hold.cause_id, func.count(Hold.id))
        .where(Hold.cause == HoldCause.STOP, Hold.cause_id.in_(stop_ids), Hold.ended_at.is_(None))
        .group_by(Hold.cause_id)
    )
    return _pairs(within(statement, actor, P, Hold))


def affected(
    stop: Stop, *, limit: int, after: int = 0, order_ids: Sequence[int] | None = None, unanswered: bool = False
) -> list[Affected]:
    """Orders with a parcel that the stop holds or held, by id, from after `after`."""
    is_open = func.sum(case((Hold.ended_at.is_(None), 1), else_=0))
    statement = (
        select(Order.id, Order.number, is_open.label("held"), StopAnswer.reply, StopAnswer.answered_at,
               StopAnswer.answered_by_id)
        .select_from(Hold)
        .join(ParcelLine, ParcelLine.parcel_id == Hold.parcel_id)
        .join(Order, Order.id == ParcelLine.order_id)
        .outerjoin(StopAnswer, (StopAnswer.order_id == Order.id) & (StopAnswer.stop_id == stop.id))
        .where(Hold.cause == HoldCause.STOP, Hold.cause_id == stop.id, Order.id > after)
        .group_by(Order.id, Order.number, StopAnswer.reply, StopAnswer.answered_at, StopAnswer.answered_by_id)
        .order_by(Order.id)
        .limit(limit)
    )  # fmt: skip
    if unanswered:
        statement = statement.where(StopAnswer.id.is_(None))
    if order_ids is not None:
        statement = statement.where(Order.id.in_(order_ids))
    rows = db.session.execute(in_store(statement, stop.store_id, Hold)).all()
    stages = _stages(stop, [row.id for row in rows])
    return [
        Affected(row.id, row.number, bool(row.held), tuple(stages[row.id]), row.reply, row.answered_at,
                 row.answered_by_id)
        for row in rows
    ]  # fmt: skip


def _stages(stop: Stop, order_ids: list[int]) -> dict[int, list[Stage]]:
    statement = (
        select(ParcelLine.order_id, Parcel.id, Parcel.stage)
        .select_from(Hold)
        .join(Parcel, Parcel.id == Hold.parcel_id)
        .join(ParcelLine, ParcelLine.parcel_id == Hold.parcel_id)
        .where(Hold.cause == HoldCause.STOP, Hold.cause_id == stop.id, ParcelLine.order_id.in_(order_ids))
        .distinct()
        .order_by(Parcel.id)
    )
    found: dict[int, list[Stage]] = defaultdict(list)
    for order_id, _parcel_id, stage in db.session.execute(in_store(statement, stop.store_id, Hold)):
        found[order_id].append(stage)
    return found


def numbers_of(stop_id: int, order_ids: Sequence[int], actor: Actor) -> dict[int, str]:
    """Order id → number, of orders that the stop is about."""
    if not order_ids:
        return {}
    rows = affected(stop_by_id(stop_id, actor), limit=len(order_ids), order_ids=order_ids)
    return {row.order_id: row.number for row in rows}


def affected_count(stop: Stop) -> int:
    """Orders, not parcels."""
    statement = (
        select(func.count(func.distinct(ParcelLine.order_id)))
        .select_from(Hold)
        .join(ParcelLine, ParcelLine.parcel_id == Hold.parcel_id)
        .where(Hold.cause == HoldCause.STOP, Hold.cause_id == stop.id)
    )
    return int(db.session.scalar(in_store(statement, stop.store_id, Hold)) or 0)


def newest_hold(stop: Stop) -> int:
    """The id of the last hold that the stop has made; 0 where there is none."""
    statement = select(func.max(Hold.id)).where(Hold.cause == HoldCause.STOP, Hold.cause_id == stop.id)
    return db.session.scalar(in_store(statement, stop.store_id, Hold)) or 0


def affected_ids(stop: Stop, *, up_to: int, unanswered: bool = False, but: StopReply | None = None) -> list[int]:
    """Ids of all orders that the stop is about by its holds up to that id: not what came to match it later.

    `but` leaves out those whose answer this is already.
    """
    statement = (
        select(ParcelLine.order_id)
        .select_from(Hold)
        .join(ParcelLine, ParcelLine.parcel_id == Hold.parcel_id)
        .outerjoin(StopAnswer, (StopAnswer.order_id == ParcelLine.order_id) & (StopAnswer.stop_id == stop.id))
        .where(Hold.cause == HoldCause.STOP, Hold.cause_id == stop.id, Hold.id <= up_to)
        .distinct()
        .order_by(ParcelLine.order_id)
    )
    if unanswered:
        statement = statement.where(StopAnswer.id.is_(None))
    if but is not None:
        statement = statement.where(or_(StopAnswer.id.is_(None), StopAnswer.reply != but))
    return list(db.session.scalars(in_store(statement, stop.store_id, Hold)))


def reply_counts(stop: Stop) -> dict[StopReply, int]:
    statement = (
        select(StopAnswer.reply, func.count(StopAnswer.id))
        .where(StopAnswer.stop_id == stop.id)
        .group_by(StopAnswer.reply)
    )
    return dict(_pairs(in_store(statement, stop.store_id, StopAnswer)))


def stops_over(parcel_ids: Sequence[int], actor: Actor, permission: Permission = P) -> dict[int, list[Stop]]:
    """Parcel → the stops that hold it now, oldest first."""
    statement = (
        select(Hold.parcel_id, Stop)
        .join(Stop, Stop.id == Hold.cause_id)
        .where(Hold.parcel_id.in_(parcel_ids), Hold.cause == HoldCause.STOP, Hold.ended_at.is_(None))
        .order_by(Stop.id)
    )
    found: dict[int, list[Stop]] = defaultdict(list)
    for parcel_id, stop in db.session.execute(within(statement, actor, permission, Hold)):
        found[parcel_id].append(stop)
    return dict(found)


def is_overdue(hold: Hold) -> bool:
    """Whether it ran out and is kept; one that lets its parcel go then is not."""
    return hold.ended_at is None and hold.on_expiry is OnExpiry.KEEP and hold.expires_at <= clock.now()


def batch_id_of(name: str, store_id: int) -> int | None:
    """The batch of that name, if there is one."""
    statement = select(Batch.id).where(Batch.name == typed_name(name))
    return db.session.scalar(in_store(statement, store_id, Batch))


def batch_name(stop: Stop) -> str | None:
    statement = select(Batch.name).where(Batch.id == stop.batch_id)
    return db.session.scalar(in_store(statement, stop.store_id, Batch)) if stop.batch_id else None


def offered_phrase(language: str) -> str:
    """The desk's own neutral words in the store's language: what an earlier stop said was about other goods."""
    return PHRASES.get(language, PHRASES["en"])


def goods_of(stop: Stop, language: str) -> str:
    """What {goods} stands for in its phrase: the SKU, or where it is about no single one the desk's own word."""
    return stop.sku or GOODS.get(language, GOODS["en"])


def goods_in(stop: Stop, order_ids: Sequence[int], language: str) -> dict[int, str]:
    """The same for each order as its customer knows them: the titles of its lines with that SKU."""
    word = goods_of(stop, language)
    if not stop.sku:
        return dict.fromkeys(order_ids, word)
    statement = select(OrderLine.order_id, OrderLine.title, OrderLine.sku).where(OrderLine.order_id.in_(order_ids))
    titles: dict[int, dict[str, None]] = defaultdict(dict)
    for order_id, title, sku in db.session.execute(
        in_store(statement.order_by(OrderLine.id), stop.store_id, OrderLine)
    ):
        if title and fold(sku or "") == fold(stop.sku):
            titles[order_id][title] = None
    comma = "、" if language == "zh" else ", "
    return {order_id: comma.join(titles[order_id]) or word for order_id in order_ids}


def due_stops(store_id: int, now: datetime) -> list[int]:
    """Ids of stops whose expiry nobody has dealt with yet."""
    statement = select(Stop.id).where(Stop.ended_at.is_(None), Stop.expired_at.is_(None), Stop.expires_at <= now)
    return list(db.session.scalars(in_store(statement.order_by(Stop.id), store_id, Stop)))


def due_change_holds(store_id: int, now: datetime) -> list[Hold]:
    """Holds of changes whose expiry nobody has dealt with yet, oldest first."""
    statement = (
        select(Hold)
        .where(Hold.expired_at.is_(None), Hold.expires_at <= now)
        .where(Hold.ended_at.is_(None), Hold.cause == HoldCause.CHANGE)
        .order_by(Hold.id)
    )
    return list(db.session.scalars(in_store(statement, store_id, Hold)))
