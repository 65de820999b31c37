"""Comparing what the desk amended with what a later feed brings: seen, contradicted, or still the old value."""

from __future__ import annotations

from dataclasses import dataclass

from shopdesk.core.db import db
from shopdesk.core.personal import pack, unpack
from shopdesk.orders import queries, rules
from shopdesk.orders.models import Order
from shopdesk.orders.states import AmendmentState


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A feed brought a third value for an amended field."""

    amendment_id: int
    field: str


def compare_amendments(order: Order) -> list[Contradiction]:
    """Tick what a feed confirms; report what it newly contradicts (a notice with all three values follows)."""
    found = []
    for amendment in queries.active_amendments(order.id, order.store_id):
        mirrored = queries.mirrored_value(order, amendment.field, amendment.line_id)
        why = "to compare it with the feed"
        verdict = rules.compare_with_feed(unpack(amendment.value, why), unpack(amendment.was, why), mirrored)
        if verdict == "seen":
            amendment.state, amendment.third = AmendmentState.SEEN, None
        elif verdict == "old" and amendment.state is AmendmentState.SEEN:
            amendment.state = AmendmentState.TO_DO  # the platform had it and has lost it again
        elif verdict == "contradicted":
            third = pack(mirrored)
            is_news = amendment.third != third
            amendment.state = AmendmentState.CONTRADICTED
            amendment.third = third
            if is_news:
                found.append(Contradiction(amendment.id, str(amendment.field)))
    db.session.flush()
    return found
