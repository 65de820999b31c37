"""What a wish would change, before anybody asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shopdesk.changes import rules
from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import load
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.states import Field

PLACE = rules.PLACE


def value_now(order_id: int, kind: Kind, line_id: int | None, *, actor: Actor) -> dict[str, Any]:
    """The value that holds now, clear, for who may ask for a change.  Raises NotFound, NotAllowed."""
    order = load(Order, order_id, actor, Permission.CHANGE_ASK)
    return {} if kind is Kind.CANCEL else orders.effective_value(order, Field(kind), line_id)


def value_wanted(kind: Kind, given: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """The whole value after the wish: what was not given stays.  Raises RuleViolation as the command would."""
    return rules.wanted(kind, given, old)
