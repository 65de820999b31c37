"""What may still come back of an order, line by line, for the form that confirms a return."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from shopdesk.cases.models import Case, CaseLine
from shopdesk.core.db import db
from shopdesk.core.scope import in_store
from shopdesk.orders import queries as orders
from shopdesk.orders.models import OrderLine
from shopdesk.orders.queries import Bundle


@dataclass(frozen=True, slots=True)
class LineLeft:
    """`proposed`: the units that the case is about, else the only one there is."""

    id: int
    title: str
    attributes: str
    sku: str
    shipped: int
    left: int
    proposed: int
    bundle: Part | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What a line carries of the bundle that it is a part of, and what stays with the customer; in minor units."""

    title: str
    share_minor: int | None
    paid_minor: int | None
    stays: tuple[str, ...]


def case_lines(case: Case) -> list[LineLeft]:
    """Lines of which something can still come back."""
    statement = select(CaseLine.line_id, CaseLine.quantity).where(CaseLine.case_id == case.id)
    meant = {line_id: units for line_id, units in db.session.execute(in_store(statement, case.store_id, CaseLine))}  # noqa: C416
    found = []
    bundles = orders.bundles_of(case.order_id, case.store_id)
    lines = [line for line in orders.lines(case.order_id, case.store_id) if line.shipped]
    for line in lines:
        left = line.shipped - line.in_return - line.returned
        if left > 0:
            proposed = min(left, meant.get(line.id, 1 if len(lines) == 1 and not meant else 0))
            words = line.title or "", line.attributes or "", line.sku or ""
            found.append(LineLeft(line.id, *words, line.shipped, left, proposed, _part(line, bundles.get(line.id))))
    return found


def _part(line: OrderLine, bundle: Bundle | None) -> Part | None:
    if bundle is None:
        return None
    stays = tuple(other.title or other.sku or "" for other in bundle.others(line.id))
    return Part(bundle.head.title or bundle.head.sku or "", line.share_minor, bundle.paid_minor, stays)
