"""Places to pay: one Protocol, one file for each, one registry (docs/places.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app

from shopdesk.connectors.breaker import Breaker
from shopdesk.connectors.places.fake import FakePlace
from shopdesk.connectors.places.manual import Manual
from shopdesk.connectors.places.platform import Platform
from shopdesk.connectors.places.protocol import LOOK, NOT_CALLED, Code, Forged, NotListed, Place, checked
from shopdesk.connectors.wire import Address, Limits, Wire, is_loopback

__all__ = ["LOOK", "NOT_CALLED", "Code", "Forged", "NotListed", "Place", "checked", "ours", "places"]


def places(config: Mapping[str, Any]) -> dict[str, Place]:
    """Name → place.  Call it once in a process: what it returns remembers which place does not answer.

    Raises ValueError where the address of a place is not allowed or its secret is missing.
    """
    known: dict[str, Place] = {"platform": Platform(), "manual": Manual()}
    if config.get("FAKE_PLACE_URL"):
        known["fake"] = _fake(config)
    return known


def ours() -> Mapping[str, Place]:
    """The places of this application, made once: they remember which of them does not answer."""
    if "places" not in current_app.extensions:
        current_app.extensions["places"] = places(current_app.config)
    found: Mapping[str, Place] = current_app.extensions["places"]
    return found


def _fake(config: Mapping[str, Any]) -> FakePlace:
    if not config.get("FAKE_PLACE_SECRET"):
        raise ValueError("FAKE_PLACE_SECRET is missing")
    total_s = config["PLACE_DEADLINE_MS"] / 1000
    limits = Limits(connect_s=min(3.0, total_s), total_s=total_s)
    address = Address.pinned(config["FAKE_PLACE_URL"], is_loopback)
    breaker = Breaker(rest_s=config["PLACE_REST_SECONDS"])
    return FakePlace(Wire(address, limits), config["FAKE_PLACE_SECRET"], breaker)
