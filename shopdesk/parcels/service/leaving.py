"""What goes with a parcel that leaves: its waybills are used; pulled back from the truck, all of it comes back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select, update

from shopdesk.core import clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict
from shopdesk.core.scope import in_store
from shopdesk.orders.models import OrderLine
from shopdesk.parcels.models import Parcel, ParcelLine, Recall, StageFact, Waybill
from shopdesk.parcels.service.stops import catch
from shopdesk.parcels.states import HANDED_OVER, FactEffect, RecallState, Source, Stage, WaybillState


def use_waybills(parcel: Parcel) -> None:
    """The numbers that were issued for it are used now."""
    _turn_waybills(parcel, WaybillState.ISSUED, WaybillState.USED)


def _turn_waybills(parcel: Parcel, former: WaybillState, now: WaybillState) -> None:
    db.session.flush()
    rows_changed(
        in_store(update(Waybill), parcel.store_id, Waybill)
        .where(Waybill.parcel_id == parcel.id, Waybill.state == former)
        .values(state=now)
    )


@command
def mark_found(recall: Recall, *, by_id: int | None) -> bool:
    """The warehouse has it in its hands.  False where somebody was first, or it is out, or too late.

    A pull-back is found only before its time is over.
    """
    now = clock.now()
    done = rows_changed(
        in_store(update(Recall), recall.store_id, Recall)
        .where(Recall.id == recall.id, *_may_be_found(now))
        .values(found_at=now, found_by_id=by_id)
    )
    db.session.refresh(recall)
    return done == 1


def _may_be_found(now: datetime) -> tuple[ColumnElement[bool], ...]:
    in_time = Recall.until.is_(None) | (Recall.until > now)
    return (Recall.state == RecallState.REQUESTED, Recall.found_at.is_(None), in_time)


@command
def pull_back(parcel: Parcel, *, person_id: int | None) -> StageFact:
    """A parcel that was handed over and not collected stands packed in the house again, with its counters and waybill.

    Said with the parcel in hand, it counts as a scan.  Raises Conflict where the courier has it by now.
    """
    at = clock.now()
    moved = rows_changed(
        in_store(update(Parcel), parcel.store_id, Parcel)
        .where(Parcel.id == parcel.id, *_may_come_back())
        .values(
            stage=Stage.PACKED, stage_at=at, stage_source=Source.SCAN, stage_origin=None, stage_as_of=at,
            version=Parcel.version + 1,
        )
    )  # fmt: skip
    if moved != 1:
        raise _gone()
    fact = StageFact(
        store_id=parcel.store_id, parcel_id=parcel.id, stage=Stage.PACKED, happened_at=at, as_of=at, known_at=at,
        source=Source.SCAN, person_id=person_id, effect=FactEffect.MOVED,
    )  # fmt: skip
    db.session.add(fact)
    _count_back(parcel)
    _turn_waybills(parcel, WaybillState.USED, WaybillState.ISSUED)
    db.session.refresh(parcel)
    catch([parcel.id], parcel.store_id)
    return fact


def _gone() -> Conflict:
    return Conflict("The courier has it by now, or the time is over. See what is possible now.", code="not_pulled_back")


def _may_come_back() -> tuple[ColumnElement[bool], ...]:
    """What the parcel's own row must say: our own hands gave it away, and nobody has said more since."""
    return (Parcel.stage == Stage.SHIPPED, Parcel.stage_source.in_(HANDED_OVER))


def _count_back(parcel: Parcel) -> None:
    rows = select(ParcelLine.line_id, ParcelLine.quantity).where(ParcelLine.parcel_id == parcel.id)
    for line_id, units in db.session.execute(in_store(rows, parcel.store_id, ParcelLine)).all():
        counted = rows_changed(
            in_store(update(OrderLine), parcel.store_id, OrderLine)
            .where(OrderLine.id == line_id, OrderLine.shipped >= units)
            .values(shipped=OrderLine.shipped - units)
        )
        if counted != 1:
            raise _gone()
