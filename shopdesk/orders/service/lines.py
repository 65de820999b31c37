"""The lines of a mirrored order: one incomplete line from a list, the real ones from details; shares fixed once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from shopdesk.core.db import db
from shopdesk.core.scope import in_store
from shopdesk.orders import rules
from shopdesk.orders.models import Order, OrderLine
from shopdesk.orders.service import keys
from shopdesk.orders.states import NOT_PACKED, LineKind, OrderStatus

FROM_LIST = "list"  # line_key of the one line that a list without details makes


@dataclass(frozen=True, slots=True)
class SaleLine:
    """One line as a feed tells it; amounts in minor units."""

    key: str
    quantity: int
    title: str | None = None
    sku: str | None = None
    item_code: str | None = None  # of the article where `sku` is its variant's: found by it, not shown
    attributes: str | None = None
    unit_price_minor: int | None = None
    share_given_minor: int | None = None
    refund_state: str | None = None
    refund_due_at: datetime | None = None  # the platform's clock, where the feed tells it
    kind: LineKind = LineKind.GOODS


@dataclass(frozen=True, slots=True)
class Cut:
    """A told text that its column is too short for: the first `kept` of its `length` characters are all that fits."""

    field: str
    length: int
    kept: int
    line_key: str | None = None  # None: of the order itself


TEXTS_AND_AMOUNTS = ("title", "sku", "attributes", "unit_price_minor", "share_given_minor", "refund_state")

#: Characters of what has no end of its own in the database; the API refuses longer ones.
MOST = {
    "buyer_nick": 128, "recipient_name": 64, "phone": 64, "street_address": 500, "invoice_title": 200,
    "buyer_message": 2000, "platform_memo": 5000, "title": 500, "attributes": 500,
}  # fmt: skip


def fitting(model: type[Order | OrderLine], name: str, told: Any) -> Any:
    """A text as far as its column goes, the same on both engines; `cut_of` is what is said of the rest."""
    most = _most(model, name)
    return told[:most] if most and isinstance(told, str) else told


def cut_of(model: type[Order | OrderLine], name: str, told: Any, *, line_key: str | None = None) -> Cut | None:
    most = _most(model, name)
    is_over = most is not None and isinstance(told, str) and len(told) > most
    return Cut(name, len(told), most or 0, line_key) if is_over else None


def _most(model: type[Order | OrderLine], name: str) -> int | None:
    """Characters that fit; None: as many as there are."""
    most: int | None = getattr(model.__table__.c[name].type, "length", None)
    return most or MOST.get(name)


def cuts_of_lines(lines: Iterable[SaleLine]) -> list[Cut]:
    found = [cut_of(OrderLine, n, getattr(ln, n), line_key=ln.key) for ln in lines for n in TEXTS_AND_AMOUNTS]
    return [cut for cut in found if cut]


def lines_of(order: Order) -> list[OrderLine]:
    statement = select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)
    return list(db.session.scalars(in_store(statement, order.store_id, OrderLine)))


def mirror_lines(order: Order, sale, *, as_of: datetime) -> bool:
    """Bring the lines in step; True when something changed.  Lines are never removed (D3)."""
    there = lines_of(order)
    if not sale.lines_complete:
        return not there and _make_incomplete(order, sale)
    is_later = order.lines_as_of is None or as_of > order.lines_as_of
    by_key = {line.line_key: line for line in there}
    placeholder = by_key.get(FROM_LIST)
    changed = False
    for position, told in enumerate(sale.lines, start=1):
        line = by_key.get(told.key)
        if line is None and placeholder is not None:
            line, placeholder = placeholder, None  # the incomplete line becomes the first real one: nothing is deleted
            line.line_key = told.key
            _give_up_units(line, 0 if told.kind in NOT_PACKED else told.quantity)
        if line is None:
            line = OrderLine(store_id=order.store_id, order_id=order.id, line_key=told.key, quantity=told.quantity)
            db.session.add(line)
        line.position = position
        changed |= _copy_line(line, told, is_later=is_later)
    order.lines_complete = True
    if is_later:
        order.lines_as_of = as_of
    db.session.flush()
    keys.index_skus(order, [code for line in sale.lines for code in (line.sku, line.item_code)])
    return changed


def _give_up_units(line: OrderLine, units: int) -> None:
    """The incomplete line stood for every unit of the order; as a real one it keeps its own, the others get theirs."""
    line.in_parcels = min(line.in_parcels, units)
    line.shipped = min(line.shipped, units)
    line.cancelled = min(line.cancelled, units - line.shipped)  # what follows in a voided parcel is cancelled there


def _make_incomplete(order: Order, sale) -> bool:
    if not sale.has_list:
        return False
    line = OrderLine(
        store_id=order.store_id, order_id=order.id, line_key=FROM_LIST, position=1, quantity=sale.unit_count or 1,
        title=sale.titles, incomplete=True,
    )  # fmt: skip
    db.session.add(line)
    db.session.flush()
    return True


def _copy_line(line: OrderLine, told: SaleLine, *, is_later: bool) -> bool:
    fresh = line.id is None or line.incomplete
    later = is_later or fresh
    before = (
        line.title,
        line.sku,
        line.attributes,
        line.unit_price_minor,
        line.quantity,
        line.refund_state,
        line.told_quantity,
    )
    for name in TEXTS_AND_AMOUNTS:
        setattr(
            line,
            name,
            rules.overwrite(getattr(line, name), fitting(OrderLine, name, getattr(told, name)), is_later=later),
        )
    line.kind = told.kind
    if later:
        line.told_quantity = told.quantity
        line.quantity = told.quantity if fresh else _quantity(line, told.quantity)
    line.incomplete = False
    after = (
        line.title,
        line.sku,
        line.attributes,
        line.unit_price_minor,
        line.quantity,
        line.refund_state,
        line.told_quantity,
    )
    return before != after


def _quantity(line: OrderLine, told: int) -> int:
    return rules.quantity(
        told, line.quantity, cancelled=line.cancelled, shipped=line.shipped, in_parcels=line.in_parcels
    )


def fix_shares(order: Order) -> None:
    """Fix 分摊实付 once: when the order is first known as paid with complete lines.  Shipping stands apart."""
    if order.status is OrderStatus.UNPAID or not order.lines_complete or not order.has_list:
        return
    lines = [line for line in lines_of(order) if line.kind not in {LineKind.BUNDLE_PART}]
    if not lines or any(line.share_minor is not None for line in lines):
        return
    goods_minor = max(0, order.paid_minor - order.shipping_minor)
    weights = [(line.unit_price_minor or 0) * line.quantity for line in lines]
    shares = rules.shares_minor(goods_minor, weights, [line.share_given_minor for line in lines])
    for line, share in zip(lines, shares, strict=True):
        line.share_minor = share
