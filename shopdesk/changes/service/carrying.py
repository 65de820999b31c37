"""Wishes that waited for printing's word are carried out once nobody is asked any more; the acknowledgement."""

from __future__ import annotations

from collections.abc import Sequence

from shopdesk.changes import queries
from shopdesk.changes.models import Change
from shopdesk.changes.playbook import Code
from shopdesk.changes.service import applying, copying
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core.permissions import Actor
from shopdesk.notices import service as notices
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Stage
from shopdesk.staff import queries as staff


def carry_on(change: Change, actor: Actor) -> None:
    """Carry the waiting wishes of a change and its siblings out, in their askers' names, in this transaction.

    A wish on several parcels waits until each of them is answered for; one that is printed or gone by then waits no
    longer for its own sake, but its siblings go on.
    """
    family = [c for c in (change, *queries.siblings(change)) if c.state is ChangeState.OPEN]
    here = [c for c in family if c.column is Stage.UNPRINTED and not c.is_applied]
    if not here or any(copying.open_step(member, Code.ASK_STAGE) for member in family):
        return
    apply_waiting(here, actor)
    for member in here:
        # A supplier was only asked; the new value they learn with the message of the last step.
        is_told = not parcels.is_supplied(member.parcel_id, member.store_id)
        if is_told and member.kind is not Kind.CANCEL and copying.open_step(member, Code.CONFIRM) is None:
            acknowledge(member, actor)  # confirmed before: printing's word just now counts as its acknowledgement


def apply_waiting(changes: Sequence[Change], actor: Actor) -> None:
    """Every wish of these changes that is not carried out yet, oldest first."""
    store = staff.store_by_id(changes[0].store_id)
    pairs = queries.wishes_of([c.id for c in changes], store.id)
    wishes = {wish.id: wish for _, wish in pairs if wish.amendment_id is None}
    signatures = staff.signatures({wish.asked_by_id for wish in wishes.values() if wish.asked_by_id})
    for wish_id, wish in sorted(wishes.items()):
        concerned = {change_id for change_id, w in pairs if w.id == wish_id}
        order = orders.order_by_id(wish.order_id, store.id)
        signed = signatures.get(wish.asked_by_id or 0, changes[0].asked_as)
        applying.apply(wish, order, store, [c for c in changes if c.id in concerned], actor=actor, signed=signed)


def go_on(change: Change, asked: Code, actor: Actor) -> None:
    """*Not printed* was answered, by printing or by a supplier, to step 0 or to the acknowledgement."""
    if asked is Code.ACKNOWLEDGE:
        acknowledge(change, actor)
        return
    copying.finish_step(change, Code.ASK_STAGE, actor)
    carry_on(change, actor)


def acknowledge(change: Change, actor: Actor) -> None:
    """Who prints it has seen it: the last step before the hold's end, and only when it is its turn."""
    first = next((s for s in queries.step_views(queries.steps_of([change.id], change.store_id)) if s.is_open), None)
    if first is None or first.code != Code.ACKNOWLEDGE:
        return
    copying.finish_step(change, Code.ACKNOWLEDGE, actor)
    notices.withdraw(change.id, NoticeKind.CHANGE, NoticeKind.STAGE)
    applying.release(change, actor)
