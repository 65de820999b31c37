"""What decides whether parcels may be split or merged, and which may be merged with one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from shopdesk.changes.models import Change
from shopdesk.changes.states import ONLY_UNPAID, ChangeState
from shopdesk.core.db import db
from shopdesk.core.errors import DomainError
from shopdesk.core.scope import in_store
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.states import Field
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel, ParcelLine
from shopdesk.parcels.queries import RegroupStanding, Whose, why_not_merge, why_not_split, why_not_together
from shopdesk.parcels.states import WAYBILLS_VALID, Stage
from shopdesk.staff import queries as staff

MOST_CANDIDATES = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another unprinted parcel of the same buyer, and why it may not come along."""

    parcel: Parcel
    orders: tuple[Order, ...]
    why_not: DomainError | None


def standing(parcel: Parcel) -> RegroupStanding:
    store = staff.store_by_id(parcel.store_id)
    there = parcels.orders_in_parcel(parcel.id, parcel.store_id)
    knowledge = parcels.knowledge_of(parcel, store)
    valid = [w for w in parcels.waybills([parcel.id], parcel.store_id) if w.state in WAYBILLS_VALID]
    units = sum(row.quantity for row in parcels.parcel_lines([parcel.id], parcel.store_id))
    return RegroupStanding(
        parcel.id, parcel.stage, parcel.store_id, parcel.warehouse_id, has_open_change=_is_changing(parcel),
        is_held=parcel.holds > 0, has_waybill=bool(valid),
        is_in_doubt=any(knowledge.leaves_doubt(order.marked_shipped_at) for order in there), is_empty=not units,
    )  # fmt: skip


def _is_changing(parcel: Parcel) -> bool:
    statement = select(Change.id).where(
        Change.parcel_id == parcel.id, Change.state == ChangeState.OPEN, Change.kind.not_in(ONLY_UNPAID)
    )
    return db.session.scalar(in_store(statement.limit(1), parcel.store_id, Change)) is not None


def whose(parcel: Parcel) -> Whose:
    there = parcels.orders_in_parcel(parcel.id, parcel.store_id)
    return Whose(
        frozenset(order.customer_id for order in there),
        tuple(orders.effective_value(order, Field.ADDRESS, None) for order in there),
        frozenset(order.readiness for order in there),
    )


def refusal_to_split(parcel: Parcel) -> DomainError | None:
    return why_not_split(standing(parcel))


def refusal_to_merge(home: Parcel, other: Parcel) -> DomainError | None:
    """Why the two may not become one; None when they may."""
    return _refusal(standing(home), whose(home), other)


def _refusal(ours: RegroupStanding, our: Whose, other: Parcel) -> DomainError | None:
    theirs = standing(other)
    return why_not_merge(ours) or why_not_merge(theirs) or why_not_together(ours, theirs, our, whose(other))


def candidates(home: Parcel) -> list[Candidate]:
    """Other unprinted parcels of the same buyer, or of the same order, oldest first."""
    there = parcels.orders_in_parcel(home.id, home.store_id)
    ours, our = standing(home), whose(home)
    return [
        Candidate(parcel, tuple(parcels.orders_in_parcel(parcel.id, parcel.store_id)), _refusal(ours, our, parcel))
        for parcel in _nearby(home, there)
    ]


def _nearby(home: Parcel, there: Sequence[Order]) -> list[Parcel]:
    same: ColumnElement[bool] = Order.id.in_([order.id for order in there])
    customers = {order.customer_id for order in there if order.customer_id}
    if customers:
        same = or_(same, Order.customer_id.in_(customers))
    ids = select(ParcelLine.parcel_id).join(Order, Order.id == ParcelLine.order_id).where(same, ParcelLine.quantity > 0)
    statement = (
        select(Parcel)
        .where(Parcel.id.in_(ids), Parcel.id != home.id, Parcel.stage == Stage.UNPRINTED)
        .order_by(Parcel.id)
        .limit(MOST_CANDIDATES)
    )
    return list(db.session.scalars(in_store(statement, home.store_id, Parcel)))
