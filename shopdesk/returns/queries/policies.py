"""Which policy holds for an order, and until when its goods may come back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from shopdesk.core.db import db
from shopdesk.core.personal import Personal
from shopdesk.core.scope import in_store
from shopdesk.orders.models import Order
from shopdesk.parcels.models import ParcelLine, StageFact
from shopdesk.parcels.states import FactEffect, Stage
from shopdesk.returns.models import ReturnPolicy
from shopdesk.returns.rules import Window, window
from shopdesk.returns.states import FreightPayer
from shopdesk.staff import queries as staff

DEFAULT_DAYS = 7
DEFAULT_CONDITION = {"zh": "未使用、配件齐全、吊牌完好", "en": "unused, complete, with tags"}


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as it holds; `version_id` None: the product's own, while the store has written none."""

    version_id: int | None
    from_at: datetime | None
    days: int
    condition: str
    freight: FreightPayer
    receiver: Personal | None


def policy_of(order: Order) -> Policy:
    """The version in force when the order was placed; later ones do not touch it."""
    return policy_at(order.store_id, order.placed_at or order.created_at)


def policy_at(store_id: int, at: datetime) -> Policy:
    statement = (
        select(ReturnPolicy).where(ReturnPolicy.from_at <= at).order_by(ReturnPolicy.from_at.desc(), ReturnPolicy.id)
    )
    found = db.session.scalars(in_store(statement.limit(1), store_id, ReturnPolicy)).one_or_none()
    if found is None:
        words = DEFAULT_CONDITION.get(staff.store_by_id(store_id).memo_language, DEFAULT_CONDITION["en"])
        return Policy(None, None, DEFAULT_DAYS, words, FreightPayer.BY_REASON, None)
    return Policy(found.id, found.from_at, found.days, found.condition, found.freight, found.receiver)


def versions(store_id: int) -> list[ReturnPolicy]:
    """Newest first."""
    statement = select(ReturnPolicy).order_by(ReturnPolicy.from_at.desc(), ReturnPolicy.id.desc())
    return list(db.session.scalars(in_store(statement, store_id, ReturnPolicy)))


def window_of(order: Order, line_ids: list[int] | None = None) -> Window:
    """Until when these lines (None: all) may come back under the order's policy.

    Delivered: when the last of their parcels was; while one has not been, by its shipping.
    """
    zone = staff.store_by_id(order.store_id).zone
    shipped, delivered = _left_at(order, line_ids)
    return window(policy_of(order).days, delivered_at=delivered, shipped_at=shipped, zone=zone)


def _left_at(order: Order, line_ids: list[int] | None) -> tuple[datetime | None, datetime | None]:
    """(shipped, delivered) of the last of the parcels that left; delivered None while one is on its way."""
    inside = select(ParcelLine.parcel_id).where(ParcelLine.order_id == order.id, ParcelLine.quantity > 0)
    if line_ids is not None:
        inside = inside.where(ParcelLine.line_id.in_(line_ids))
    wanted = (StageFact.stage.in_((Stage.SHIPPED, Stage.DELIVERED)), StageFact.effect != FactEffect.CONTRADICTED)
    statement = select(StageFact).where(StageFact.parcel_id.in_(inside), *wanted).order_by(StageFact.id)
    first: dict[tuple[int, Stage], datetime] = {}
    for fact in db.session.scalars(in_store(statement, order.store_id, StageFact)):
        first.setdefault((fact.parcel_id, fact.stage), fact.happened_at or fact.as_of)
    left = {parcel_id for parcel_id, _stage in first}
    delivered = [first.get((parcel_id, Stage.DELIVERED)) for parcel_id in left]
    shipped = [at for (_parcel_id, stage), at in first.items() if stage is Stage.SHIPPED]
    told = [at for at in delivered if at is not None]
    return max(shipped, default=order.marked_shipped_at), max(told) if told and len(told) == len(delivered) else None
