"""What expiry does to a change, on plain values."""

from __future__ import annotations

from dataclasses import dataclass

from shopdesk.changes.states import Kind
from shopdesk.parcels.states import OnExpiry, Stage


@dataclass(frozen=True, slots=True)
class Expiring:
    """A change as expiry sees it."""

    kind: Kind
    column: Stage
    is_applied: bool
    waits_for_customer: bool
    is_emptied: bool  # nothing is left in its parcel: it waits to be voided


def on_expiry(act: OnExpiry, change: Expiring) -> OnExpiry:
    """What expiry does to a change whose hold says `act`: nobody ships what is cancelled or asked by waiting."""
    if change.kind is Kind.CANCEL or change.column is not Stage.UNPRINTED or not change.is_applied:
        return OnExpiry.KEEP
    if act is OnExpiry.SHIP_AS_CHANGED and (change.is_emptied or not change.waits_for_customer):
        return OnExpiry.KEEP
    return act
