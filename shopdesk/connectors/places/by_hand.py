"""A place where the desk sends nothing: what was paid there is told by people, files or a feed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shopdesk.connectors.places.protocol import Code, Forged, unknown
from shopdesk.refunds.states import Answer, Hint, Payout, PlacePayout, PlaceRules


class ByHand:
    """Sending here is a mistake of the caller; it moves nothing and proves nothing, so the answer is UNKNOWN."""

    rules = PlaceRules(sends=False, can_ask=False)

    def send(self, payout: Payout) -> Answer:
        return unknown(Code.BY_HAND)

    def ask(self, number: str) -> Answer:
        return unknown(Code.BY_HAND)

    def read_hint(self, headers: Mapping[str, str], body: bytes) -> Hint:
        raise Forged("this place sends no webhooks")

    def listed(self, since: datetime) -> list[PlacePayout]:
        return []
