"""What must also be done in the platform: ticked by hand, or by itself when a feed brings the value."""

from __future__ import annotations

from shopdesk.changes import queries
from shopdesk.changes.playbook import Code
from shopdesk.changes.service import copying
from shopdesk.core import audit
from shopdesk.core.db import command
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import load
from shopdesk.notices import service as notices
from shopdesk.orders import queries as orders
from shopdesk.orders import service as order_service
from shopdesk.orders.models import Amendment, Order
from shopdesk.orders.states import AmendmentState


@command
def tick_amendment(amendment_id: int, *, actor: Actor) -> Amendment:
    """The value was entered in the platform.  Raises IllegalMove when it was not to do."""
    amendment = load(Amendment, amendment_id, actor, Permission.CHANGE_ASK, lock="update")
    order_service.note_done_by_hand(amendment)
    audit.record(
        "amendment.entered", "amendment", amendment.id, actor, store_id=amendment.store_id,
        order_id=amendment.order_id, field=str(amendment.field),
    )  # fmt: skip
    order = orders.order_by_id(amendment.order_id, amendment.store_id)
    order.version += 1
    _finish_steps(order, {amendment.id}, actor)
    forget_third_values(order)
    return amendment


@command
def forget_third_values(order: Order) -> None:
    """The questions about values that no feed brings any more are withdrawn."""
    active = orders.active_amendments(order.id, order.store_id)
    notices.withdraw_third_values(order, still={a.id for a in active if a.state is AmendmentState.CONTRADICTED})


@command
def tick_seen(order: Order, actor: Actor) -> None:
    """Finish the steps of amendments that a feed confirmed."""
    active = orders.active_amendments(order.id, order.store_id)
    seen = {a.id for a in active if a.state is AmendmentState.SEEN}
    if seen:
        _finish_steps(order, seen, actor)


def _finish_steps(order: Order, amendment_ids: set[int], actor: Actor) -> None:
    changes = {change.id: change for change in queries.changes_of_order(order.id, order.store_id)}
    for change_id, wish in queries.wishes_of(list(changes), order.store_id):
        if wish.amendment_id in amendment_ids:
            copying.finish_step(changes[change_id], Code.ENTER_IN_PLATFORM, actor)
