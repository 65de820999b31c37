"""Printing voids a parcel; in a merged one only the cancelled order's lines are taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from shopdesk.changes import queries, rules
from shopdesk.changes.models import Change, Step
from shopdesk.changes.playbook import MERGED, Code, When
from shopdesk.changes.service import applying, copying, recalling, units
from shopdesk.changes.service.closing import close_others
from shopdesk.changes.states import StepState
from shopdesk.core.db import db
from shopdesk.core.errors import IllegalMove
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.core.scope import in_store
from shopdesk.notices import service as notices
from shopdesk.orders import queries as orders
from shopdesk.orders import service as order_service
from shopdesk.orders.models import OrderLine
from shopdesk.orders.states import NOT_PACKED, OrderStatus
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.states import IN_HOUSE, RecallState, Stage

if TYPE_CHECKING:
    from shopdesk.changes.service.steps import Evidence


def void(change: Change, step: Step, _evidence: Evidence, actor: Actor) -> None:
    """On printed or packed papers the change goes on: the refund, and what becomes of paper and goods.

    Only printing voids; at a supplier's it is the supplier, and whoever has the contact notes their word.
    """
    if not step.by_message:
        require(actor, Permission.PARCEL_VOID, change.store_id)
    parcel = parcels.parcel_by_id(change.parcel_id, change.store_id)
    if parcel.stage not in IN_HOUSE:
        raise IllegalMove(rules.AFTER_SALE.message, code=rules.AFTER_SALE.code, stage=str(parcel.stage))
    others = [o for o in parcels.orders_in_parcel(parcel.id, change.store_id) if o.id != change.order_id]
    cancel_lines(change, parcel.id, goes_on=bool(others))
    copying.finish_step(change, Code.VOID, actor)
    notices.withdraw(change.id)
    if not others:
        parcel_service.void(parcel, person_id=actor.id)
        recalling.give_up_ways_back(parcel, RecallState.CALLED_OFF, actor)
    close_others(change, actor)
    for order in others[:1]:
        parcel_service.readdress(order, also={parcel.id})  # it goes where those want it that stay in it
    if change.column is Stage.UNPRINTED:
        applying.release(change, actor)
    elif others:
        _print_for_the_others(change)


def _print_for_the_others(change: Change) -> None:
    """The others' papers are printed again and go back; nobody waits for the money."""
    order = orders.order_by_id(change.order_id, change.store_id)
    is_paid = order.status is not OrderStatus.UNPAID
    done = {s.code for s in queries.steps_of([change.id], change.store_id) if s.state is StepState.DONE}
    specs = [s for s in MERGED[change.column] if s.when is When.ALWAYS or (is_paid and s.code not in done)]
    copying.replace_open(change, tuple(specs))


def cancel_lines(change: Change, parcel_id: int, *, goes_on: bool) -> None:
    """Every unit of the change's order in the parcel counts as cancelled.

    It leaves a parcel that goes on with other orders; a parcel that is voided keeps it, so that a reported shipment
    knows which units went after all (domain.md §5).
    """
    parcel = parcels.parcel_by_id(parcel_id, change.store_id)
    for row in parcels.parcel_lines([parcel_id], change.store_id):
        if row.order_id != change.order_id or row.quantity <= 0:
            continue
        if goes_on:
            units.take_off(row.line_id, row.quantity, parcel)
        else:
            order_service.cancel_units(row.line_id, row.quantity)
    lines = select(OrderLine).where(OrderLine.order_id == change.order_id, OrderLine.kind.in_(NOT_PACKED))
    for line in db.session.scalars(in_store(lines, change.store_id, OrderLine)):
        if line.cancelled + line.shipped < line.quantity:
            order_service.cancel_units(line.id, line.quantity - line.cancelled - line.shipped)
