"""What a feed says of one line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shopdesk.orders.states import LineKind


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
