"""What an order costs and what was paid of it, as far as anybody told it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shopdesk.orders.models import Amendment, Order, OrderLine
from shopdesk.orders.queries.reading import active_amendments, lines, value_of
from shopdesk.orders.rules import paid_is_known
from shopdesk.orders.states import Field, LineKind, OrderStatus


def due_minor(order: Order) -> int | None:
    """What is still to be paid of an unpaid order, in minor units; None while nobody knows what it costs."""
    if not order.has_list:
        return None
    there = lines(order.id, order.store_id)
    total = effective_amounts(order, there, active_amendments(order.id, order.store_id)).total_minor
    return None if total is None else max(0, total - order.paid_by_hand_minor)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What an order costs as things stand: amended where the desk amended it, else as the platform says."""

    unit_prices_minor: Mapping[int, int | None]  # by line
    goods_minor: int | None
    shipping_minor: int | None  # None: nobody told it
    total_minor: int | None  # None: nobody told it, or a line of which no price is known was changed
    mirrored_total_minor: int | None  # None: nobody told it
    paid_minor: int | None  # likewise


def effective_amounts(order: Order, lines: Sequence[OrderLine], amendments: Sequence[Amendment]) -> Amounts:
    """Prices, freight and what they come to, in minor units; `amendments`: the order's that have not ended.

    Where the platform says the same as the desk, its own sums stand: they know of discounts.
    """
    ours = {(a.field, a.line_id): value_of(a) for a in amendments if a.field in {Field.PRICE, Field.FREIGHT}}
    prices = {n.id: ours.get((Field.PRICE, n.id), {}).get("amount_minor", n.unit_price_minor) for n in lines}
    freight_minor: int | None = ours.get((Field.FREIGHT, None), {}).get("amount_minor", order.shipping_minor)
    told = _told_sums(order, lines)
    fewer = {a.line_id for a in amendments if a.field is Field.QUANTITY and order.status is OrderStatus.UNPAID}
    if any(prices[n.id] != n.unit_price_minor or (n.id in fewer and _is_news(n)) for n in lines):
        counted = [n for n in lines if n.kind is not LineKind.BUNDLE_PART]
        sums = [_line_minor(prices[n.id], n, order.status) for n in counted]
        goods = None if None in sums else sum(s or 0 for s in sums)
        return Amounts(prices, goods, freight_minor, _sum(goods, freight_minor), *told)
    total_minor = told[0]
    if freight_minor != order.shipping_minor:
        goods = order.goods_minor if order.shipping_minor is None else _sum(total_minor, -order.shipping_minor)
        total_minor = _sum(goods, freight_minor)
    return Amounts(prices, order.goods_minor, freight_minor, total_minor, *told)


def _sum(goods_minor: int | None, freight_minor: int | None) -> int | None:
    return None if goods_minor is None or freight_minor is None else goods_minor + freight_minor


def _told_sums(order: Order, lines: Sequence[OrderLine]) -> tuple[int | None, int | None]:
    """(total, paid) as the platform tells them; None where nobody told."""
    is_fixed = any(n.share_minor is not None for n in lines)
    paid_minor = order.paid_minor if paid_is_known(order.status, order.paid_minor, is_fixed=is_fixed) else None
    return order.total_minor, paid_minor


def told_paid_minor(order: Any) -> int | None:
    """What was paid of an order (or its row) without a look at its lines; None while nobody told it."""
    is_known = order.has_list and paid_is_known(order.status, order.paid_minor, is_fixed=False)
    return order.paid_minor if is_known else None


def paid_minor_of(order: Order) -> int | None:
    """What was paid of an order; None while nobody told it."""
    return _told_sums(order, lines(order.id, order.store_id))[1]


def shares_are_known(order: Order) -> bool:
    """Whether what was paid was shared out among the lines; not while nobody told the details or the freight."""
    return all(n.share_minor is not None for n in lines(order.id, order.store_id) if n.kind is not LineKind.BUNDLE_PART)


def _is_news(line: OrderLine) -> bool:
    """Whether the platform still counts units that were taken off here."""
    told = line.quantity if line.told_quantity is None else line.told_quantity
    return told != line.quantity - line.cancelled


def _line_minor(price_minor: int | None, line: OrderLine, status: OrderStatus) -> int | None:
    """What is cancelled before it was paid for costs nothing; afterwards it is refunded."""
    units = line.quantity - (line.cancelled if status is OrderStatus.UNPAID else 0)
    return None if price_minor is None else price_minor * units
