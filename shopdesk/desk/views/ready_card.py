"""The card "may it be printed?" in plain values."""

from __future__ import annotations

from dataclasses import dataclass

from shopdesk.core.permissions import Actor, Permission
from shopdesk.desk.queries import OrderView
from shopdesk.orders import queries as orders
from shopdesk.orders.service import BY_HAND, DECISIONS, OPENS_CHANGE
from shopdesk.orders.states import ContactOutcome, OrderStatus, PayMethod, Readiness
from shopdesk.parcels.states import IN_HOUSE


@dataclass(frozen=True, slots=True)
class Ready:
    decided: Readiness | None  # by people, still in force
    by: str
    may_lift: bool
    may_say: bool
    choices: list[Readiness]  # what this person may say now
    outcomes: list[ContactOutcome]
    methods: list[PayMethod]
    due_minor: int | None  # what may be marked as paid here; None: nothing, or not by this person
    may_regroup: bool
    is_shown: bool  # there is something to say; else only the folded form


def ready_of(view: OrderView, actor: Actor, names: dict[int, str]) -> Ready:
    order, store_id = view.order, view.store.id
    roles = actor.roles.get(store_id, frozenset())
    may = actor.may(Permission.ORDER_READY, store_id)
    is_over = orders.is_over(order.readiness_decided, order.ready_on, orders.today_in(view.store.zone))
    decided = None if is_over else order.readiness_decided
    here = any(p.parcel.stage in IN_HOUSE for p in view.parcels) and order.status is not OrderStatus.CLOSED
    may_wish = actor.may(Permission.CHANGE_ASK, store_id)
    due_minor = _due_minor(view, actor)
    return Ready(
        decided=decided,
        by=names.get(order.readiness_by_id or 0, ""),
        may_lift=may and decided is not None and orders.may_lift(decided, roles),
        may_say=may,
        choices=[r for r in DECISIONS if may and here and orders.may_set(r, roles)],
        outcomes=[outcome for outcome in ContactOutcome if may_wish or outcome not in OPENS_CHANGE],
        methods=list(PayMethod),
        due_minor=due_minor,
        may_regroup=actor.may(Permission.PARCEL_REGROUP, store_id),
        is_shown=decided is not None or view.has_contact or due_minor is not None,
    )


def _due_minor(view: OrderView, actor: Actor) -> int | None:
    order = view.order
    by_hand = view.store.platform in BY_HAND and order.status is OrderStatus.UNPAID
    if not by_hand or not actor.may(Permission.PAYMENT_NOTE, view.store.id) or view.amounts.total_minor is None:
        return None
    left_minor = view.amounts.total_minor - order.paid_by_hand_minor
    return left_minor if order.has_list and left_minor > 0 else None
