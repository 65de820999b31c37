"""Cancel wishes about lines: what each change takes out of its parcel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from shopdesk.changes.models import CancelPart, Change, ChangeWish, Wish
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core.db import db
from shopdesk.core.personal import unpack
from shopdesk.core.scope import in_store
from shopdesk.orders.models import OrderLine
from shopdesk.parcels import queries as parcels


@dataclass(frozen=True, slots=True)
class PartView:
    """So many units of a line, as a page or an answer names them."""

    change_id: int
    line_id: int
    title: str | None
    attributes: str | None
    units: int
    taken: int

    @property
    def words(self) -> str:
        return f"{' '.join(part for part in (self.title, self.attributes) if part)} × {self.units}"


def parts_of(change_ids: Iterable[int], store_id: int) -> list[CancelPart]:
    """Oldest first."""
    statement = select(CancelPart).where(CancelPart.change_id.in_(list(change_ids))).order_by(CancelPart.id)
    return list(db.session.scalars(in_store(statement, store_id, CancelPart)))


def part_views(change_ids: Sequence[int], store_id: int) -> list[PartView]:
    """What was wished by lines; of a whole order nothing."""
    statement = (
        select(CancelPart, OrderLine.title, OrderLine.sku, OrderLine.attributes, Wish)
        .join(OrderLine, OrderLine.id == CancelPart.line_id)
        .join(Wish, Wish.id == CancelPart.wish_id)
        .where(CancelPart.change_id.in_(change_ids))
        .order_by(CancelPart.id)
    )
    return [
        PartView(part.change_id, part.line_id, title or sku, attributes, part.units, part.taken)
        for part, title, sku, attributes, wish in db.session.execute(in_store(statement, store_id, CancelPart))
        if not is_whole(wish)
    ]


def is_whole(wish: Wish) -> bool:
    """Whether a cancel wish is about all that is left of its order."""
    return wish.kind is Kind.CANCEL and not lines_wished(wish)


def lines_wished(wish: Wish) -> dict[int, int]:
    """Line → units that a cancel wish names, over all its parcels; empty: the whole order."""
    return dict(unpack(wish.new, "to see which lines it is about").get("lines") or ())


def cancels_whole(change_id: int, store_id: int) -> bool:
    """Whether everything of its order in the parcel is to go."""
    statement = select(Wish).join(ChangeWish, ChangeWish.wish_id == Wish.id).where(ChangeWish.change_id == change_id)
    return any(is_whole(wish) for wish in db.session.scalars(in_store(statement, store_id, ChangeWish)))


def waiting(parcel_ids: Sequence[int], store_id: int) -> Counter[tuple[int, int]]:
    """(parcel, line) → units that open cancel wishes are about and that were not taken out yet."""
    statement = (
        select(Change.parcel_id, CancelPart.line_id, CancelPart.units - CancelPart.taken)
        .join(Change, Change.id == CancelPart.change_id)
        .where(Change.parcel_id.in_(parcel_ids), Change.state == ChangeState.OPEN)
    )
    found: Counter[tuple[int, int]] = Counter()
    for parcel_id, line_id, units in db.session.execute(in_store(statement, store_id, Change)):
        found[parcel_id, line_id] += units
    return found


def leaves_some(change: Change) -> bool:
    """Whether something stays in the parcel when the change is carried out: other lines, other orders."""
    rows = parcels.parcel_lines([change.parcel_id], change.store_id)
    there = Counter({(row.order_id, row.line_id): row.quantity for row in rows})
    whole = cancels_whole(change.id, change.store_id)
    for part in parts_of([change.id], change.store_id):
        there[change.order_id, part.line_id] -= part.units - part.taken
    return any(units > 0 and not (whole and order_id == change.order_id) for (order_id, _), units in there.items())
