"""Money that turns out to be owed: units were taken off while the order was unpaid, and it was paid for all of them."""

from __future__ import annotations

from shopdesk.changes import queries, rules
from shopdesk.changes.models import Change
from shopdesk.changes.playbook import steps_for
from shopdesk.changes.queries import parts
from shopdesk.changes.service import copying
from shopdesk.changes.states import ChangeState, Code, Kind
from shopdesk.core import audit
from shopdesk.core.db import command
from shopdesk.core.permissions import Actor
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order, OrderLine
from shopdesk.parcels.states import LEFT


@command
def owe_refunds(order: Order, actor: Actor) -> None:
    """Give the changes that took units off an order which has just been paid the tasks of a paid one, once each.

    Not where the platform counts without the units too: then nobody paid for them.
    """
    for change in queries.changes_of_order(order.id, order.store_id):
        if change.kind not in {Kind.QUANTITY, Kind.CANCEL} or change.state not in {ChangeState.OPEN, ChangeState.DONE}:
            continue
        if change.column not in LEFT and (not change.is_applied or _was_paid_for(change)):
            _add_tasks(change, order, actor)


def _was_paid_for(change: Change) -> bool:
    for link, wish in queries.links_of(change):
        if not link.units or wish.line_id is None:
            continue
        line = orders.line_of(wish.order_id, wish.line_id, change.store_id)
        if _told(line) > line.quantity - line.cancelled:
            return True
    taken = {part.line_id for part in parts.parts_of([change.id], change.store_id) if part.taken}
    lines = orders.lines(change.order_id, change.store_id)
    return any(line.id in taken and _told(line) > line.quantity - line.cancelled for line in lines)


def _told(line: OrderLine) -> int:
    return line.quantity if line.told_quantity is None else line.told_quantity


def _add_tasks(change: Change, order: Order, actor: Actor) -> None:
    met = rules.conditions(change.kind, is_paid=True, has_electronic_waybill=False)
    there = {step.code for step in queries.steps_of([change.id], change.store_id)}
    cell = steps_for(
        change.kind,
        change.column,
        met,
        of_lines=Code.TAKE_OUT in there,
        empties=change.kind is Kind.QUANTITY and Code.VOID in there,
    )
    specs = [s for s in cell if s.after_hold and s.code not in there]
    if not specs:
        return
    copying.append(change, specs)
    change.version += 1
    audit.record(
        "change.refund_due", "change", change.id, actor, store_id=change.store_id, order_id=order.id,
        steps=[str(spec.code) for spec in specs],
    )  # fmt: skip
