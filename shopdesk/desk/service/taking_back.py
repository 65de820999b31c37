"""The fast lane: one unit, in time, comes back; its case, its owner and the shop's word are one click."""

from __future__ import annotations

from shopdesk.cases import service as cases
from shopdesk.cases.models import Case
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind, Reason
from shopdesk.core.db import command
from shopdesk.core.errors import IllegalMove
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import load
from shopdesk.desk.queries import everyday
from shopdesk.orders.models import Order
from shopdesk.returns import service as returns


@command
def take_one_back(order_id: int, wish: str, *, exception: str | None = None, actor: Actor) -> Case:
    """Record the application in these words, accept it, and confirm that the unit comes back, under the policy.

    `exception`: why it comes back out of time, by somebody who may make exceptions; in time it is left out.
    Raises NotFound, NotAllowed, IllegalMove (`not_everyday`: several units, out of time, an open case), Conflict.
    """
    order = load(Order, order_id, actor, Permission.RETURN_CONFIRM)
    there = everyday.open_case(order)
    if there is not None:  # perhaps somebody else's click of a moment ago
        raise IllegalMove("Case %(number)s about this order goes on already.", code="not_everyday", number=there.number)
    line = everyday.single_unit(order)
    is_late = line is not None and everyday.over_since(order, line) is not None
    words = (exception or "").strip() or None
    if line is None or (is_late and words is None):
        raise IllegalMove("This return has more to it: open a case for it.", code="not_everyday")
    application = Application(CaseKind.RETURN, wish, reason=Reason.UNWANTED, units=((line.id, 1),))
    case = cases.record(order_id, application, actor=actor)
    cases.accept(case.id, actor=actor)
    returns.confirm(case.id, {line.id: 1}, exception=words if is_late else None, actor=actor)
    return case
