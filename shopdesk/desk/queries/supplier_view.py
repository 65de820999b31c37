"""What a message to a supplier speaks of: the order, what is in the parcel, what was wished."""

from __future__ import annotations

from dataclasses import dataclass

from shopdesk.changes import queries as changes
from shopdesk.changes.models import Change, Wish
from shopdesk.changes.queries import papers
from shopdesk.changes.states import Code
from shopdesk.core.errors import IllegalMove, NotFound
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import load
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that a supplier is asked to do; goods as (title or SKU, attributes, units).

    The goods are those in the parcel; of *book in* those that come back.
    """

    change: Change
    code: Code
    order: Order
    store: Store
    supplier: str
    waybill: str | None
    goods: tuple[tuple[str, str, int], ...]
    wishes: tuple[Wish, ...]


def asked_of(change_id: int, position: int, actor: Actor, permission: Permission = Permission.ORDER_READ) -> Asked:
    """Raises NotFound, IllegalMove for a step that is no message."""
    change = load(Change, change_id, actor, permission)
    steps = changes.steps_of([change.id], change.store_id)
    step = next((s for s in steps if s.position == position), None)
    if step is None:
        raise NotFound("The change has no such step.")
    if not step.by_message:
        raise IllegalMove("This step is done in our own warehouse; nobody has to be asked.", code="not_by_message")
    parcel = parcels.parcel_by_id(change.parcel_id, change.store_id)
    bills = parcels.waybills([parcel.id], parcel.store_id)
    return Asked(
        change, Code(step.code), orders.order_by_id(change.order_id, change.store_id),
        staff.store_by_id(change.store_id), staff.warehouse(parcel.warehouse_id).name,
        bills[-1].number if bills else None, _goods(parcel) if step.code != Code.BOOK_IN else _coming_back(change),
        tuple(wish for _, wish in changes.wishes_of([change.id], change.store_id)),
    )  # fmt: skip


def _goods(parcel: Parcel) -> tuple[tuple[str, str, int], ...]:
    found = []
    for row in parcels.parcel_lines([parcel.id], parcel.store_id):
        if row.quantity:
            line = orders.line_of(row.order_id, row.line_id, row.store_id)
            found.append((line.title or line.sku or "", line.attributes or "", row.quantity))
    return tuple(found)


def _coming_back(change: Change) -> tuple[tuple[str, str, int], ...]:
    """What was cancelled, not what stays in the parcel."""
    found = []
    for line_id, units in papers.expected_units(change).items():
        line = orders.line_of(change.order_id, line_id, change.store_id)
        found.append((line.title or line.sku or "", line.attributes or "", units))
    return tuple(found)
