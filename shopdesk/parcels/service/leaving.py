"""What goes with a parcel that leaves: its waybills are used; pulled back from the truck, all of it comes back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update

from shopdesk.core import clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, IllegalMove
from shopdesk.core.scope import in_store
from shopdesk.orders.models import OrderLine
from shopdesk.parcels import queries
from shopdesk.parcels.models import Parcel, ParcelLine, Recall, StageFact, Waybill
from shopdesk.parcels.service.stops import catch
from shopdesk.parcels.states import (
    HANDED_OVER,
    IN_HOUSE,
    LEFT,
    ONLY_TOLD,
    OWN_HANDS,
    FactEffect,
    RecallState,
    Source,
    Stage,
    WaybillState,
)


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
    if not _count_back(parcel):
        raise _gone()
    _turn_waybills(parcel, WaybillState.USED, WaybillState.ISSUED)
    db.session.refresh(parcel)
    catch([parcel.id], parcel.store_id)
    return fact


#: A parcel that was told shipped longer ago and lies here is rather a return than one that never left.
MOST_DOUBT = timedelta(days=3)


@command
def found_here(parcel: Parcel, at: datetime, *, person_id: int | None) -> bool:
    """A scan at the packing table of what only files or other systems call shipped: the parcel stands packed again.

    A scan in our hands wins over files (domain.md §3).  False where it does not speak against them: our own hands or a
    courier had it leave, it was delivered, or the scan is older than what was told.
    """
    if parcel.stage is not Stage.SHIPPED or not _is_doubtful(parcel, at):
        return False
    moved = rows_changed(
        in_store(update(Parcel), parcel.store_id, Parcel)
        .where(Parcel.id == parcel.id, Parcel.stage == Stage.SHIPPED, Parcel.stage_source.in_(ONLY_TOLD))
        .values(
            stage=Stage.PACKED, stage_at=at, stage_source=Source.SCAN, stage_origin=None, stage_as_of=clock.now(),
            version=Parcel.version + 1,
        )
    )  # fmt: skip
    if moved != 1:
        return False
    db.session.add(_scan_fact(parcel, Stage.PACKED, at, person_id, FactEffect.MOVED))
    if not _count_back(parcel):
        raise _gone()
    _turn_waybills(parcel, WaybillState.USED, WaybillState.ISSUED)
    db.session.refresh(parcel)
    catch([parcel.id], parcel.store_id)
    return True


def _is_doubtful(parcel: Parcel, at: datetime) -> bool:
    told_of = parcel.stage_at or parcel.stage_as_of
    if told_of is None or not told_of < at <= told_of + MOST_DOUBT:
        return False
    left = [f for f in queries.facts([parcel.id], parcel.store_id) if f.stage in LEFT]
    return not any(f.source in OWN_HANDS or f.source is Source.CARRIER or f.stage is Stage.DELIVERED for f in left)


@command
def confirm(parcel: Parcel, at: datetime, *, person_id: int | None, source: Source = Source.SCAN) -> bool:
    """Somebody has seen it where it stands: a fact that decides what spoke against it.  False where that is no news."""
    is_ours = parcel.stage_source in OWN_HANDS
    if is_ours and not queries.contradictions([parcel.id], parcel.store_id):
        return False
    db.session.add(_scan_fact(parcel, parcel.stage, at, person_id, FactEffect.KNOWN, source))
    if parcel.stage in IN_HOUSE:  # of what has left the courier's word stands: nobody pulls it back
        rows_changed(
            in_store(update(Parcel), parcel.store_id, Parcel)
            .where(Parcel.id == parcel.id, Parcel.stage == parcel.stage)
            .values(stage_source=source, stage_origin=None, stage_as_of=clock.now())
        )
        db.session.refresh(parcel)
    db.session.flush()
    return True


@command
def put_back(parcel: Parcel, stage: Stage, *, person_id: int | None) -> None:
    """Somebody has looked: it stands less far than others told.  What counted as shipped comes back with it.

    The caller knows that nothing which our own hands did speaks against it.  Raises IllegalMove (`goods_came_back`),
    Conflict where it has moved.
    """
    at, before = clock.now(), parcel.stage
    source = Source.PRINTING if stage is Stage.UNPRINTED else Source.PAGE  # of an unprinted one it is printing's word
    nowhere = {"batch_id": None, "position": None} if stage is Stage.UNPRINTED else {}
    moved = rows_changed(
        in_store(update(Parcel), parcel.store_id, Parcel)
        .where(Parcel.id == parcel.id, Parcel.stage == before)
        .values(
            stage=stage, stage_at=at, stage_source=source, stage_origin=None, stage_as_of=at,
            version=Parcel.version + 1, **nowhere,
        )
    )  # fmt: skip
    if moved != 1:
        raise Conflict("The stage has moved meanwhile. Please look again.", code="stage_moved")
    db.session.add(_scan_fact(parcel, stage, at, person_id, FactEffect.MOVED, source))
    if before in LEFT:
        if not _count_back(parcel):
            raise IllegalMove("Goods of this parcel have come back already: it has left.", code="goods_came_back")
        _turn_waybills(parcel, WaybillState.USED, WaybillState.ISSUED)
    db.session.flush()
    db.session.refresh(parcel)
    catch([parcel.id], parcel.store_id)
    db.session.refresh(parcel)


def _scan_fact(
    parcel: Parcel, stage: Stage, at: datetime, person_id: int | None, effect: FactEffect, source: Source = Source.SCAN
) -> StageFact:
    return StageFact(
        store_id=parcel.store_id, parcel_id=parcel.id, stage=stage, happened_at=at, as_of=at, known_at=clock.now(),
        source=source, person_id=person_id, effect=effect,
    )  # fmt: skip


def _gone() -> Conflict:
    return Conflict("The courier has it by now, or the time is over. See what is possible now.", code="not_pulled_back")


def _may_come_back() -> tuple[ColumnElement[bool], ...]:
    """What the parcel's own row must say: our own hands gave it away, and nobody has said more since."""
    return (Parcel.stage == Stage.SHIPPED, Parcel.stage_source.in_(HANDED_OVER))


def _count_back(parcel: Parcel) -> bool:
    """Its units are not shipped any more; False where some of them have come back to us as returned goods."""
    rows = select(ParcelLine.line_id, ParcelLine.quantity).where(ParcelLine.parcel_id == parcel.id)
    for line_id, units in db.session.execute(in_store(rows, parcel.store_id, ParcelLine)).all():
        counted = rows_changed(
            in_store(update(OrderLine), parcel.store_id, OrderLine)
            .where(OrderLine.id == line_id, OrderLine.shipped - units >= OrderLine.in_return + OrderLine.returned)
            .values(shipped=OrderLine.shipped - units)
        )
        if counted != 1:
            return False
    return True
