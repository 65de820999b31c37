"""Holds: opened and ended with the counter that every command's conditional UPDATE looks at."""

from datetime import datetime

from sqlalchemy import select, update

from shopdesk.core import clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.scope import in_store
from shopdesk.parcels.models import Hold, Parcel
from shopdesk.parcels.states import HoldCause, OnExpiry
from shopdesk.staff.models import HOLD_EXPIRY, Store


@command
def hold(
    parcel: Parcel,
    cause: HoldCause,
    cause_id: int,
    *,
    expires_at: datetime,
    on_expiry: OnExpiry = OnExpiry.KEEP,
) -> None:
    """Put the parcel on hold for a cause; holding it again for the same cause changes nothing."""
    same = select(Hold.id).where(
        Hold.parcel_id == parcel.id, Hold.cause == cause, Hold.cause_id == cause_id, Hold.ended_at.is_(None)
    )
    if db.session.scalar(in_store(same, parcel.store_id, Hold)):
        return
    db.session.add(
        Hold(
            store_id=parcel.store_id, parcel_id=parcel.id, cause=cause, cause_id=cause_id, opened_at=clock.now(),
            expires_at=expires_at, on_expiry=on_expiry,
        )
    )  # fmt: skip
    _count(parcel, +1)


def on_expiry_in(store: Store) -> OnExpiry:
    """What the store does with a change whose hold expires (`store expiry` of the command line)."""
    return OnExpiry(store.settings.get(HOLD_EXPIRY, OnExpiry.KEEP))


@command
def end_hold(parcel: Parcel, cause: HoldCause, cause_id: int) -> bool:
    """End the hold of a cause; False when there was none.  The row count decides who ended it."""
    ended = rows_changed(
        in_store(update(Hold), parcel.store_id, Hold)
        .where(Hold.parcel_id == parcel.id, Hold.cause == cause, Hold.cause_id == cause_id, Hold.ended_at.is_(None))
        .values(ended_at=clock.now())
    )
    if ended != 1:
        return False
    _count(parcel, -1)
    return True


def _count(parcel: Parcel, by: int) -> None:
    db.session.flush()
    rows_changed(
        in_store(update(Parcel), parcel.store_id, Parcel)
        .where(Parcel.id == parcel.id)
        .values(holds=Parcel.holds + by, version=Parcel.version + 1)
    )
    db.session.refresh(parcel)
