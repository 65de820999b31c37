"""A waybill of which the source hides the number: it is kept nowhere, and says all the same that there is a label."""

from __future__ import annotations

from datetime import datetime

from shopdesk.changes import service as changes
from shopdesk.core.db import command
from shopdesk.core.permissions import Actor
from shopdesk.orders.service import Mirrored
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage


@command
def tell_hidden_waybill(done: Mirrored, *, as_of: datetime, origin: str, source: Source, actor: Actor) -> None:
    """It says `printed`, at a time that nobody told, not after as_of, as one that is shown does (domain.md §8)."""
    order = done.order
    there = parcels.parcels_of_order(order.id, order.store_id)
    home = next((parcel for parcel in there if parcel.stage is not Stage.VOIDED), None)
    if home is None:
        return
    parcel = parcels.locked_parcels([home.id], order.store_id)[0]
    before = parcel.stage
    report = Report(stage=Stage.PRINTED, happened_at=None, as_of=as_of, source=source, origin=origin)
    changes.record_fact(parcel, report, actor=actor)
    if parcel.stage is not before:
        done.has_changed = True
        done.outcome = "updated" if done.outcome == "unchanged" else done.outcome
