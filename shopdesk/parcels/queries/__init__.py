"""Reads about parcels: of an order, their holds, facts and waybills, and what is known of their stage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import found, in_store, in_store_given, within
from shopdesk.core.text import fold
from shopdesk.feeds.models import Feed
from shopdesk.feeds.queries import stage_feed
from shopdesk.orders.models import Order, OrderLine, SearchKey
from shopdesk.orders.states import KeyKind, Readiness
from shopdesk.parcels import rules
from shopdesk.parcels.models import Batch, Hold, Parcel, ParcelLine, Recall, StageFact, Waybill
from shopdesk.parcels.queries.elsewhere import waybills_elsewhere
from shopdesk.parcels.queries.meaning import is_order_number, other_meanings
from shopdesk.parcels.queries.named import Meant, resolve
from shopdesk.parcels.rules import (
    Knowledge,
    barcode,
    is_like_ours,
    least_advanced,
    paper_code,
    parcel_of,
    recalls,
    scanned,
    undecided,
)
from shopdesk.parcels.rules.deciding import choices, vouched
from shopdesk.parcels.rules.regrouping import RegroupStanding, Whose, why_not_merge, why_not_split, why_not_together
from shopdesk.parcels.states import LEFT, OWN_HANDS, RECALLS_OPEN, RecallState, Source, Stage
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store, WarehouseKind

__all__ = [
    "Knowledge",
    "Meant",
    "RegroupStanding",
    "Whose",
    "barcode",
    "is_like_ours",
    "is_order_number",
    "least_advanced",
    "other_meanings",
    "paper_code",
    "parcel_of",
    "resolve",
    "scanned",
    "undecided",
    "waybills_elsewhere",
    "why_not_merge",
    "why_not_split",
    "why_not_together",
]


_IDS: Any = bindparam("ids", expanding=True)
_HOLDING = select(ParcelLine.parcel_id).where(ParcelLine.order_id == bindparam("order_id"))
_OF_ORDER = in_store_given(select(Parcel).where(Parcel.id.in_(_HOLDING)).order_by(Parcel.id), Parcel)
_BY_IDS = in_store_given(select(Parcel).where(Parcel.id.in_(_IDS)).order_by(Parcel.id), Parcel)
_LOCKED = _BY_IDS.with_for_update(key_share=True).execution_options(populate_existing=True)
_LINES = in_store_given(select(ParcelLine).where(ParcelLine.parcel_id.in_(_IDS)).order_by(ParcelLine.id), ParcelLine)
_ORDERS = in_store_given(select(Order).where(Order.id.in_(_IDS)).order_by(Order.id), Order)


def parcels_of_order(order_id: int, store_id: int) -> list[Parcel]:
    """By id; ParcelLine is n : m, so a merged parcel is found from each of its orders."""
    return list(db.session.scalars(_OF_ORDER, {"order_id": order_id, "store_id": store_id}))


def locked_parcels(parcel_ids: list[int], store_id: int) -> list[Parcel]:
    """The parcels, locked in ascending id (so that two commands cannot deadlock) and read afresh."""
    if not parcel_ids:
        return []
    return list(db.session.scalars(_LOCKED, {"ids": parcel_ids, "store_id": store_id}))


def lock(parcel_ids: list[int], actor: Actor, permission: Permission) -> None:
    """Lock the parcels, in ascending id, without reading them."""
    statement = select(Parcel.id).where(Parcel.id.in_(parcel_ids)).order_by(Parcel.id).with_for_update(key_share=True)
    db.session.execute(within(statement, actor, permission, Parcel)).all()


def lock_orders(parcel_ids: list[int], actor: Actor, permission: Permission) -> None:
    """Lock the orders in these parcels, in ascending id, without reading them: before the parcels themselves."""
    ids = select(ParcelLine.order_id).where(ParcelLine.parcel_id.in_(parcel_ids))
    statement = select(Order.id).where(Order.id.in_(ids)).order_by(Order.id).with_for_update(key_share=True)
    db.session.execute(within(statement, actor, permission, Order)).all()


def locked_with_orders(parcel_ids: list[int], store_id: int) -> list[Parcel]:
    """Like `locked_parcels`, for commands that may also write to the orders in them: those are locked first.

    Orders before parcels, everywhere: a wish and an import begin with their order.
    """
    ids = select(ParcelLine.order_id).where(ParcelLine.parcel_id.in_(parcel_ids))
    statement = select(Order.id).where(Order.id.in_(ids)).order_by(Order.id).with_for_update(key_share=True)
    db.session.execute(in_store(statement, store_id, Order)).all()
    return locked_parcels(parcel_ids, store_id)


def parcel_by_id(parcel_id: int, store_id: int) -> Parcel:
    return found(Parcel, parcel_id, store_id)


def parcel_lines(parcel_ids: list[int], store_id: int) -> list[ParcelLine]:
    return list(db.session.scalars(_LINES, {"ids": parcel_ids, "store_id": store_id}))


def orders_in_parcel(parcel_id: int, store_id: int) -> list[Order]:
    """By id: those that have units in it; of a parcel that is empty by now, those that had."""
    rows = parcel_lines([parcel_id], store_id)
    if not rows and (home := merged_into(parcel_id, store_id)):
        return orders_in_parcel(home, store_id)
    ids = {row.order_id for row in rows if row.quantity} or {row.order_id for row in rows}
    if len(ids) == 1:  # as nearly always: the order that the command has locked
        return [found(Order, ids.pop(), store_id)]
    return list(db.session.scalars(_ORDERS, {"ids": list(ids), "store_id": store_id}))


def orders_with_sku(sku: str, store_id: int, *, after: int, limit: int, decided: Readiness | None = None) -> list[int]:
    """Ids, ascending from behind `after`, of the orders with units of exactly this SKU that are not packed yet.

    `decided`: only those of which people said this.
    """
    here = (Parcel.stage.in_((Stage.UNPRINTED, Stage.PRINTED)), ParcelLine.quantity > 0)
    statement = (
        select(SearchKey.order_id, OrderLine.sku)
        .join(ParcelLine, ParcelLine.order_id == SearchKey.order_id)
        .join(Parcel, Parcel.id == ParcelLine.parcel_id)
        .join(OrderLine, OrderLine.id == ParcelLine.line_id)
        .join(Order, Order.id == SearchKey.order_id)
        .where(SearchKey.value == fold(sku)[:128], SearchKey.kind == KeyKind.SKU, SearchKey.order_id > after, *here)
        .distinct()
        .order_by(SearchKey.order_id)
    )
    if decided is not None:
        statement = statement.where(Order.readiness_decided == decided)
    found = db.session.execute(in_store(statement, store_id, SearchKey))
    ids = dict.fromkeys(order_id for order_id, named in found if fold(named or "") == fold(sku))
    return list(ids)[:limit]


def merged_into(parcel_id: int, store_id: int) -> int | None:
    """The parcel that its units went to, of one that was merged away."""
    statement = select(Parcel.merged_into_id).where(Parcel.id == parcel_id)
    return db.session.scalar(in_store(statement, store_id, Parcel))


def is_supplied(parcel_id: int, store_id: int) -> bool:
    """Whether the parcel is sent by a supplier, so that every physical step is a message and an answer."""
    return staff.warehouse(parcel_by_id(parcel_id, store_id).warehouse_id).kind is WarehouseKind.SUPPLIER


def open_holds(parcel_ids: list[int], store_id: int) -> list[Hold]:
    statement = select(Hold).where(Hold.parcel_id.in_(parcel_ids), Hold.ended_at.is_(None)).order_by(Hold.id)
    return list(db.session.scalars(in_store(statement, store_id, Hold)))


def open_recalls(parcel_ids: list[int], store_id: int) -> list[Recall]:
    """Papers and parcels that are being fetched or are in somebody's hands, oldest first."""
    statement = select(Recall).where(Recall.parcel_id.in_(parcel_ids), Recall.state.in_(RECALLS_OPEN))
    return list(db.session.scalars(in_store(statement, store_id, Recall).order_by(Recall.id)))


def recalls_of_changes(change_ids: list[int], store_id: int) -> list[Recall]:
    """Open and ended, oldest first."""
    statement = select(Recall).where(Recall.change_id.in_(change_ids)).order_by(Recall.id)
    return list(db.session.scalars(in_store(statement, store_id, Recall)))


def pull_back_until(parcel: Parcel, store: Store) -> datetime | None:
    """Until when the warehouse may pull back what it handed over; None: a supplier sent it, or the courier has it.

    Takes plain rows too.  Reads the facts only where our own hands handed it over just now.
    """
    until = recalls.pull_back_until(
        parcel.stage, parcel.stage_source, parcel.stage_at, settings=store.settings, now=clock.now()
    )
    if until is None or is_supplied(parcel.id, parcel.store_id):
        return None
    return None if is_collected(parcel.id, parcel.store_id) else until


def is_collected(parcel_id: int, store_id: int) -> bool:
    """Whether anybody outside, a carrier or a feed, has told that it left."""
    statement = select(StageFact.id).where(
        StageFact.parcel_id == parcel_id, StageFact.stage.in_(LEFT), StageFact.source.not_in(OWN_HANDS)
    )
    return db.session.scalar(in_store(statement.limit(1), store_id, StageFact)) is not None


def due_pull_backs(store_id: int, now: datetime) -> list[int]:
    """Parcels whose pull-back nobody answered in time, ascending."""
    statement = select(Recall.parcel_id).where(
        Recall.state == RecallState.REQUESTED, Recall.found_at.is_(None), Recall.until <= now
    )
    return sorted(set(db.session.scalars(in_store(statement, store_id, Recall))))


def last_recall(parcel_id: int, store_id: int) -> Recall | None:
    statement = select(Recall).where(Recall.parcel_id == parcel_id).order_by(Recall.id.desc()).limit(1)
    return db.session.scalars(in_store(statement, store_id, Recall)).one_or_none()


def order_numbers(parcel_ids: list[int], store_id: int) -> dict[int, str]:
    """Parcel → the number by which people know it: of the oldest order in it."""
    statement = (
        select(ParcelLine.parcel_id, Order.number)
        .join(Order, Order.id == ParcelLine.order_id)
        .where(ParcelLine.parcel_id.in_(parcel_ids))
        .order_by(ParcelLine.order_id.desc())
    )
    found = db.session.execute(in_store(statement, store_id, ParcelLine))
    return {row.parcel_id: row.number for row in found}


def batch_name(parcel: Parcel) -> str | None:
    if parcel.batch_id is None:
        return None
    return db.session.scalar(in_store(select(Batch.name).where(Batch.id == parcel.batch_id), parcel.store_id, Batch))


def facts(parcel_ids: list[int], store_id: int) -> list[StageFact]:
    """Oldest first, as they became known."""
    statement = select(StageFact).where(StageFact.parcel_id.in_(parcel_ids)).order_by(StageFact.id)
    return list(db.session.scalars(in_store(statement, store_id, StageFact)))


def contradictions(parcel_ids: list[int], store_id: int) -> list[StageFact]:
    """What speaks against the stages of these parcels and nobody has decided yet (D7), oldest first."""
    return undecided(facts(parcel_ids, store_id))


def stage_choices(parcel: Parcel, against: Sequence[StageFact]) -> list[Stage]:
    """The stages that a person may decide for where `against` speaks against the shown one, which comes first.

    Takes plain rows too.
    """
    fetched = select(Recall.kind).where(
        Recall.parcel_id == parcel.id, or_(Recall.found_at.is_not(None), Recall.handed_out_at.is_not(None))
    )
    kinds = list(db.session.scalars(in_store(fetched.distinct(), parcel.store_id, Recall)))
    told = facts([parcel.id], parcel.store_id)
    return choices(
        parcel.stage, [f.stage for f in against],
        vouched(told, papers_version=parcel.papers_version, fetched=kinds),
    )  # fmt: skip


def waybills(parcel_ids: list[int], store_id: int) -> list[Waybill]:
    statement = select(Waybill).where(Waybill.parcel_id.in_(parcel_ids)).order_by(Waybill.id)
    return list(db.session.scalars(in_store(statement, store_id, Waybill)))


def next_position(batch_id: int, store_id: int) -> int:
    """The first free place in a batch."""
    last = select(func.max(Parcel.position)).select_from(Parcel).where(Parcel.batch_id == batch_id)
    return int(db.session.scalar(in_store(last, store_id, Parcel)) or 0) + 1


def knowledge_of(parcel: Parcel, store: Store) -> Knowledge:
    """What is known of the parcel's stage now (D4, D5)."""
    covering = stage_feed(store.id)
    return knowledge_from(parcel, covering, rhythm=timedelta(minutes=store.rhythm_minutes), now=clock.now())


def knowledge_from(parcel: Parcel, covering: Feed | None, *, rhythm: timedelta, now: datetime) -> Knowledge:
    """The same with a feed that was read already: the newest one that speaks for every parcel of the store."""
    return rules.knowledge(
        source=parcel.stage_source,
        origin=parcel.stage_origin,
        as_of=parcel.stage_as_of,
        feed_as_of=covering.as_of if covering else None,
        feed_origin=covering.origin if covering else None,
        rhythm=timedelta(minutes=covering.rhythm_minutes) if covering else rhythm,
        now=now,
        was_only_looked_at=parcel.stage is Stage.UNPRINTED and parcel.stage_source is Source.CHECK,
    )
