"""Printing carries a cancel wish out: the parcel is voided, or what is cancelled leaves it and it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from shopdesk.changes import queries, rules
from shopdesk.changes.models import Change, Step
from shopdesk.changes.playbook import AFTER_LINES, AFTER_VOID, Code, When
from shopdesk.changes.queries import parts
from shopdesk.changes.service import applying, copying, parting, recalling
from shopdesk.changes.service.closing import close_about, close_others
from shopdesk.changes.states import Kind, StepState
from shopdesk.core.db import db
from shopdesk.core.errors import IllegalMove
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.core.scope import in_store
from shopdesk.notices import service as notices
from shopdesk.orders import queries as orders
from shopdesk.orders import service as order_service
from shopdesk.orders.models import OrderLine
from shopdesk.orders.states import NOT_PACKED
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.states import IN_HOUSE, RecallState, Stage

if TYPE_CHECKING:
    from shopdesk.changes.service.steps import Evidence


def void(change: Change, step: Step, _evidence: Evidence, actor: Actor) -> None:
    """Void the parcel, or take out what is cancelled: whether something stays in it decides, not which was asked for.

    On printed or packed papers the change goes on: the refund, and what becomes of paper and goods.
    Only printing voids; at a supplier's it is the supplier, and whoever has the contact notes their word.
    """
    if not step.by_message:
        require(actor, Permission.PARCEL_VOID, change.store_id)
    parcel = parcels.parcel_by_id(change.parcel_id, change.store_id)
    if parcel.stage not in IN_HOUSE:
        raise IllegalMove(rules.AFTER_SALE.message, code=rules.AFTER_SALE.code, stage=str(parcel.stage))
    goes_on = parts.leaves_some(change)
    if goes_on and change.kind is Kind.QUANTITY:
        raise IllegalMove("Something stands in the parcel again: it is not voided.", code="not_empty")
    parting.take(change, parcel, goes_on=goes_on, actor=actor)
    if parts.cancels_whole(change.id, change.store_id):
        _cancel_unpacked(change)
    copying.finish_step(change, Code(step.code), actor)
    notices.withdraw(change.id)
    if not goes_on:
        parcel_service.void(parcel, person_id=actor.id)
        recalling.give_up_ways_back(parcel, RecallState.CALLED_OFF, actor)
    _close_what_is_over(change, parcel, actor, goes_on=goes_on)
    order_service.look_at_refunds(orders.order_by_id(change.order_id, change.store_id))
    if change.column is Stage.UNPRINTED:
        applying.release(change, actor)
    elif goes_on is not (step.code == Code.TAKE_OUT):
        _go_on_as_it_is(change, goes_on=goes_on)


def _close_what_is_over(change: Change, parcel: Parcel, actor: Actor, *, goes_on: bool) -> None:
    """Other changes of the order that have nothing left to change; a parcel of others goes where those want it."""
    rows = parcels.parcel_lines([parcel.id], change.store_id)
    mine = {row.line_id for row in rows if row.order_id == change.order_id and row.quantity > 0}
    if goes_on and mine:
        gone = {row.line_id for row in rows if row.order_id == change.order_id} - mine
        close_about(change, gone, actor)
        return
    close_others(change, actor)
    for order in [o for o in parcels.orders_in_parcel(parcel.id, change.store_id) if o.id != change.order_id][:1]:
        parcel_service.readdress(order, also={parcel.id})


def _go_on_as_it_is(change: Change, *, goes_on: bool) -> None:
    """The steps behind the other outcome than the one that was asked for."""
    order = orders.order_by_id(change.order_id, change.store_id)
    is_paid = orders.gives_money_back(order)
    done = {s.code for s in queries.steps_of([change.id], change.store_id) if s.state is StepState.DONE}
    column = (AFTER_LINES if goes_on else AFTER_VOID)[change.column]
    specs = [s for s in column if s.when is When.ALWAYS or (is_paid and s.code not in done)]
    copying.replace_open(change, tuple(specs))


def _cancel_unpacked(change: Change) -> None:
    """Fees, virtual articles and heads of bundles end with the order."""
    lines = select(OrderLine).where(OrderLine.order_id == change.order_id, OrderLine.kind.in_(NOT_PACKED))
    for line in db.session.scalars(in_store(lines, change.store_id, OrderLine)):
        if line.cancelled + line.shipped < line.quantity:
            order_service.cancel_units(line.id, line.quantity - line.cancelled - line.shipped)
