"""The task "contact the customer" ends with what the customer wants; a wish becomes a change at once."""

from __future__ import annotations

from dataclasses import dataclass

from shopdesk.changes.models import Change
from shopdesk.changes.service.asking import Wished, ask
from shopdesk.changes.states import Kind
from shopdesk.core.db import command
from shopdesk.core.errors import Conflict, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import load
from shopdesk.core.text import strip_controls
from shopdesk.orders import service as orders
from shopdesk.orders.models import Order
from shopdesk.orders.states import ContactOutcome, Readiness


@dataclass(frozen=True, slots=True)
class Contacted:
    """How it ended.  Other goods: of which line, and what it shall be now (`attributes`)."""

    outcome: ContactOutcome
    said: str | None = None
    line_id: int | None = None
    attributes: str | None = None


@command
def end_contact(order_id: int, contacted: Contacted, *, actor: Actor) -> list[Change]:
    """Close the open task of an order; the changes that it opened, if any.

    Raises NotFound, NotAllowed (a wish is pre-sale's to ask), Conflict (`no_task`: closed meanwhile), RuleViolation
    (words), and what the wish is refused for: then the task stays open.
    """
    order = load(Order, order_id, actor, Permission.ORDER_READY, lock="update")
    said = strip_controls(contacted.said or "").strip()
    orders.check_outcome(contacted.outcome, said)
    made = _ask(order, contacted, said, actor)
    if not orders.close_contact(order, contacted.outcome, said=said, actor=actor):
        raise Conflict("Nobody has to contact this customer any more.", code="no_task")
    if contacted.outcome in orders.LIFTS_STOCK and order.readiness_decided is Readiness.OUT_OF_STOCK:
        orders.decide_readiness(order, None, actor=actor, by="contact")
    return made


def _ask(order: Order, contacted: Contacted, said: str, actor: Actor) -> list[Change]:
    if contacted.outcome is ContactOutcome.CANCELS:
        return ask(order.id, Wished(Kind.CANCEL, {"text": said or None}), actor=actor)
    if contacted.outcome is ContactOutcome.OTHER_GOODS:
        if contacted.line_id is None:
            raise RuleViolation("Say which line.", code="value_required", missing="line_id")
        value = {"attributes": contacted.attributes}
        return ask(order.id, Wished(Kind.ATTRIBUTE, value, line_id=contacted.line_id), actor=actor)
    return []
