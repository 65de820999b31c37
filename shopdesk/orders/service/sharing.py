"""分摊实付: what was paid for the units of each line, fixed once; of a bundle, what was paid for each part."""

from __future__ import annotations

from collections.abc import Sequence

from shopdesk.orders import rules
from shopdesk.orders.models import Order, OrderLine
from shopdesk.orders.states import OrderStatus


def fix_shares(order: Order, every: Sequence[OrderLine], *, told_paid_minor: int | None = None) -> None:
    """Fix 分摊实付 once: when the order is first known as paid with its amounts and complete lines; freight apart.

    What was paid for a bundle is split over its parts, which are what comes back.  `every`: all lines that the order
    has, by position.  `told_paid_minor`: as the feed has just told it.  A 0 that nobody told is not known; one that was
    fixed, told or not, is fixed anew by the first amount, as long as nothing was refunded.
    """
    if order.status is OrderStatus.UNPAID or not order.lines_complete or not order.has_list:
        return
    bundles = rules.bundles([line.kind for line in every])
    parts = {place for inside in bundles.values() for place in inside}
    lines = [line for place, line in enumerate(every) if place not in parts]
    given = [line.share_given_minor for line in lines]
    goods_minor = rules.goods_paid_minor(order.paid_minor, order.shipping_minor, given)
    if not lines or goods_minor is None or not (order.paid_minor > 0 or told_paid_minor is not None):
        return
    is_fixed = any(line.share_minor is not None for line in every)
    if not is_fixed or (goods_minor and _were_fixed_to_nothing(every)):
        weights = [(line.unit_price_minor or 0) * line.quantity for line in lines]
        shares = rules.shares_minor(goods_minor, weights, given)
        for line, share in zip(lines, shares, strict=True):
            line.share_minor = share
        for place in parts:
            every[place].share_minor = None
    for head, inside in bundles.items():
        _share_out(every[head], [every[place] for place in inside])


def _share_out(head: OrderLine, parts: Sequence[OrderLine]) -> None:
    """What was paid for a bundle stands on its parts, by price, else by units; once, and not after a refund."""
    is_open = head.share_minor is not None and not (head.reserved_minor or head.refunded_minor)
    if not is_open or any(part.share_minor is not None for part in parts):
        return
    weights = [(part.unit_price_minor or 0) * part.quantity for part in parts]
    weights = weights if any(weights) else [part.quantity for part in parts]
    given = [part.share_given_minor for part in parts]
    for part, share in zip(parts, rules.shares_minor(head.share_minor or 0, weights, given), strict=True):
        part.share_minor = share
    head.share_minor = None


def _were_fixed_to_nothing(lines: Sequence[OrderLine]) -> bool:
    return not any(line.share_minor or line.reserved_minor or line.refunded_minor for line in lines)
