"""What the customers of stopped orders say: noted with the stop, and *cancels* asked for at once, by who ticked it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from shopdesk.changes.service.asking import Wished, ask
from shopdesk.changes.states import Kind
from shopdesk.core.db import command, part
from shopdesk.core.errors import DomainError, NotAllowed, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import load
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Stop
from shopdesk.parcels.states import StopReply

MOST_CANCELS = 100  # each is a change of its own
AT_ONCE = 50  # cancels in a transaction, of many
SECONDS = 10.0  # of one call; what is left then is named, and answered by the next call


@dataclass(slots=True)
class Answered:
    """How many ticks were noted, and by order what was refused; where only the wish was, the tick is noted."""

    noted: int
    refused: dict[int, DomainError] = field(default_factory=dict)


def parts_of(order_ids: Sequence[int], reply: StopReply) -> list[list[int]]:
    """What one transaction takes of many: each cancel is a change of its own, a tick is a row."""
    ids = sorted(set(order_ids))
    size = AT_ONCE if reply is StopReply.CANCEL else max(1, len(ids))
    return [ids[at : at + size] for at in range(0, max(1, len(ids)), size)]


@command
def answer_stop(stop_id: int, order_ids: Sequence[int], reply: StopReply, *, actor: Actor) -> Answered:
    """As `parcels.service.answer`; who cancels is asked to be cancelled, or the refusal is named and the tick stays.

    Who may not ask for changes ticks no *cancels*: each row is refused.
    """
    if reply is not StopReply.CANCEL:
        return Answered(parcel_service.answer(stop_id, order_ids, reply, actor=actor))
    found, ids = load(Stop, stop_id, actor, Permission.STOP_ANSWER), sorted(set(order_ids))
    if len(ids) > MOST_CANCELS:
        raise RuleViolation("At most %(most)d rows at once.", code="too_many_rows", most=MOST_CANCELS)
    if not actor.may(Permission.CHANGE_ASK, found.store_id):
        why = NotAllowed("Cancelling is asked for by pre-sale; tell them.", code="not_allowed")
        return Answered(0, dict.fromkeys(ids, why))
    noted, refused = parcel_service.answer(stop_id, ids, reply, actor=actor), {}
    for order_id in ids:
        try:
            with part():
                ask(order_id, Wished(Kind.CANCEL, {"text": None}), actor=actor)
        except DomainError as error:
            refused[order_id] = error
    return Answered(noted, refused)
