"""What was told for the very time of the values that stand: equal is not later, what differs was not taken (D2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shopdesk.orders.models import Order, OrderLine
from shopdesk.orders.service.lines import TEXTS_AND_AMOUNTS, fitting, lines_of
from shopdesk.orders.service.told import SaleLine


def order_fields_left(order: Order, sale: Any, names: Iterable[str]) -> list[str]:
    """Names of told values that are not what stands; `sale`: a Sale."""
    left = [name for name in names if _differs(order, name, getattr(sale, name))]
    if sale.status is not None and sale.status is not order.status:
        left.append("status")
    return left


def line_fields_left(order: Order, lines: Iterable[SaleLine], *, keys: dict[str, str]) -> list[str]:
    """Likewise of the lines; `keys`: as told → as the line has it."""
    told = {keys.get(line.key, line.key): line for line in lines}
    pairs = [(line, told[line.line_key]) for line in lines_of(order) if line.line_key in told]
    left = [name for line, said in pairs for name in TEXTS_AND_AMOUNTS if _differs(line, name, getattr(said, name))]
    if any(line.told_quantity not in {None, said.quantity} for line, said in pairs):
        left.append("quantity")
    return list(dict.fromkeys(left))


def _differs(row: Order | OrderLine, name: str, told: Any) -> bool:
    if told is None or told == "":
        return False
    stands = getattr(row, name)
    bare = stands.reveal("to compare it") if hasattr(stands, "reveal") else stands
    return bool(bare != fitting(type(row), name, told))
