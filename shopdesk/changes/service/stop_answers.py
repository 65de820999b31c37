"""What a customer of a stopped order says, where it is a wish: *cancels* is asked for at once, by who ticked it."""

from __future__ import annotations

from shopdesk.changes.service.asking import Wished, ask
from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Actor
from shopdesk.parcels.service import when_they_cancel


@when_they_cancel
def cancel_stopped(order_id: int, actor: Actor) -> None:
    """A cancel wish on what is still in the house, which holds it.  Raises as `ask`."""
    ask(order_id, Wished(Kind.CANCEL, {"text": None}), actor=actor)
