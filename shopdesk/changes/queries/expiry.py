"""What expiry will do to an open change, for who looks at it."""

from __future__ import annotations

from collections.abc import Collection

from shopdesk.changes.models import Change
from shopdesk.changes.rules import expiry
from shopdesk.changes.states import Code
from shopdesk.parcels.states import OnExpiry


def on_expiry(change: Change, open_codes: Collection[str], act: OnExpiry) -> OnExpiry:
    """`act` is what its hold says, `open_codes` are its open steps."""
    seen = expiry.Expiring(
        change.kind, change.column, change.is_applied, Code.CONFIRM in open_codes, Code.VOID in open_codes
    )
    return expiry.on_expiry(act, seen)
