"""`t=<unix seconds>,v1=<hex>` over the raw body: HMAC-SHA256 of `<t>.<body>`."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime

from shopdesk.connectors.places.protocol import Forged

SKEW_SECONDS = 300  # an older or later one is refused: a copy that somebody kept
_FORM = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})\Z", re.ASCII)


def sign(secret: str, at_s: int, body: bytes) -> str:
    """The header's value."""
    return f"t={at_s},v1={_digest(secret, at_s, body)}"


def verify(secret: str, given: str, body: bytes, now: datetime) -> None:
    """Raises Forged unless the place signed this very body within the last minutes."""
    found = _FORM.match(given)
    if found is None:
        raise Forged("no signature")
    at_s = int(found[1])
    if not hmac.compare_digest(_digest(secret, at_s, body), found[2]):
        raise Forged("wrong signature")
    if abs(now.timestamp() - at_s) > SKEW_SECONDS:
        raise Forged("too old")


def _digest(secret: str, at_s: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
