"""How a parcel's stage moves: by facts, never refused, and by commands, refused while it is held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, or_, select, update

from shopdesk.core import clock
from shopdesk.core.among import among
from shopdesk.core.columns import UTCDateTime
from shopdesk.core.db import command, db, found_or_made, rows_changed
from shopdesk.core.errors import Conflict
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, in_stores_given
from shopdesk.core.text import typed_name
from shopdesk.orders.models import OrderLine
from shopdesk.parcels import queries, rules
from shopdesk.parcels.models import Batch, Parcel, ParcelLine, StageFact
from shopdesk.parcels.service.leaving import use_waybills
from shopdesk.parcels.service.stops import catch, refuse_stopped_batch
from shopdesk.parcels.states import IN_HOUSE, LEFT, OWN_HANDS, FactEffect, Source, Stage


@dataclass(frozen=True, slots=True)
class Report:
    """A stage as somebody reports it.  `happened_at` None = unknown, but not after `as_of`."""

    stage: Stage
    happened_at: datetime | None
    as_of: datetime
    source: Source
    origin: str | None = None
    batch: str | None = None
    position: int | None = None
    person_id: int | None = None
    said_at: datetime | None = None  # as it was told, where `happened_at` was in the future and counts as now


@command
def record(parcel: Parcel, report: Report) -> tuple[StageFact, bool]:
    """Write the fact down and move the stage where it does; (fact, is_new).  The same fact again is the first one.

    The caller holds the parcel locked and deals with the changes that the fact overtakes.
    """
    effect = rules.effect(
        current=parcel.stage, current_source=parcel.stage_source, current_at=parcel.stage_at,
        told=report.stage, happened_at=report.happened_at, source=report.source, as_of=report.as_of,
        current_as_of=parcel.stage_as_of, is_independent=_is_independent(parcel, report),
    )  # fmt: skip
    is_status = report.stage is Stage.UNPRINTED or report.happened_at is None
    if effect is FactEffect.CONTRADICTED and is_status:
        # also where the same was said before it became one, or before it was decided
        known = next((f for f in queries.contradictions([parcel.id], parcel.store_id) if _is_same(f, report)), None)
    else:  # what happened at a moment is told once, and once decided it is
        known = _same(parcel, report)
        if effect is FactEffect.MOVED and report.happened_at is None:
            if _was_denied(parcel, report):
                effect = FactEffect.CONTRADICTED
                known = next(
                    (f for f in queries.contradictions([parcel.id], parcel.store_id) if _is_same(f, report)), None
                )
            elif known and known.origin != report.origin:
                known = None  # another one says so, after it was put back from there
    if effect is FactEffect.KNOWN:
        _learn_batch(parcel, report)
    if known:
        mark_known(parcel, report.as_of, source=report.source, origin=report.origin, only_if=report.stage)
        return known, False
    fact = StageFact(
        store_id=parcel.store_id, parcel_id=parcel.id, stage=report.stage, happened_at=report.happened_at,
        as_of=report.as_of, known_at=clock.now(), source=report.source, origin=report.origin, batch=report.batch,
        person_id=report.person_id, effect=effect,
    )  # fmt: skip
    db.session.add(fact)
    if effect is FactEffect.MOVED:
        _move(parcel, report)
    elif effect is FactEffect.KNOWN:
        mark_known(parcel, report.as_of, source=report.source, origin=report.origin, only_if=report.stage)
    db.session.flush()
    return fact, True


def _learn_batch(parcel: Parcel, report: Report) -> None:
    """Where it lies, told after its stage was known: a waybill in a list says *printed* and names no batch.

    A batch that is known already stays: the papers lie where they were printed.
    """
    if not report.batch or parcel.batch_id is not None or parcel.stage not in (Stage.PRINTED, Stage.PACKED):
        return
    ours = in_store(update(Parcel), parcel.store_id, Parcel).where(Parcel.id == parcel.id, Parcel.batch_id.is_(None))
    batch_id = batch_named(report.batch, parcel.store_id).id
    if rows_changed(ours.values(batch_id=batch_id, position=report.position, version=Parcel.version + 1)) == 1:
        db.session.refresh(parcel)
        catch([parcel.id], parcel.store_id)


def _is_independent(parcel: Parcel, report: Report) -> bool:
    """Papers that were printed again here are no news against the stage, whoever tells of them."""
    if parcel.papers_version > 1:
        return False
    return rules.is_independent(report.source, report.origin, parcel.stage_source, parcel.stage_origin)


def _was_denied(parcel: Parcel, report: Report) -> bool:
    """A status without a moment that our own hands or a look spoke against, told again of later than that.

    It may be the old error or true by now: it moves nothing by itself, and is asked about again.
    """
    if parcel.stage_source not in OWN_HANDS or parcel.stage_as_of is None or report.as_of <= parcel.stage_as_of:
        return False
    before = select(StageFact.id).where(
        StageFact.parcel_id == parcel.id, StageFact.stage == report.stage, StageFact.source == report.source,
        StageFact.origin.is_not_distinct_from(report.origin),
        StageFact.known_at <= (parcel.stage_at or parcel.stage_as_of),
    )  # fmt: skip
    return db.session.scalar(in_store(before.limit(1), parcel.store_id, StageFact)) is not None


def _is_same(fact: StageFact, report: Report) -> bool:
    theirs = (report.stage, report.happened_at, report.source, report.origin)
    return (fact.stage, fact.happened_at, fact.source, fact.origin) == theirs


def _same(parcel: Parcel, report: Report) -> StageFact | None:
    statement = select(StageFact).where(
        StageFact.parcel_id == parcel.id, StageFact.stage == report.stage, StageFact.source == report.source
    )
    if report.happened_at is not None:
        statement = statement.where(StageFact.happened_at == report.happened_at)
    else:
        statement = statement.where(StageFact.happened_at.is_(None))
    return db.session.scalars(in_store(statement.limit(1), parcel.store_id, StageFact)).one_or_none()


def _move(parcel: Parcel, report: Report) -> None:
    before = parcel.stage
    values: dict[str, Any] = {
        "stage": report.stage,
        "stage_at": report.happened_at,
        "stage_source": report.source,
        "stage_origin": report.origin,
        "stage_as_of": report.as_of,
        "version": Parcel.version + 1,
    }
    if report.batch:
        values["batch_id"] = batch_named(report.batch, parcel.store_id).id
        values["position"] = report.position
    this = in_store(update(Parcel), parcel.store_id, Parcel).where(Parcel.id == parcel.id, Parcel.stage == before)
    moved = rows_changed(this.values(**values))
    if moved != 1:
        raise Conflict("The stage has moved meanwhile. Please look again.", code="stage_moved")
    db.session.refresh(parcel)
    if report.batch:
        catch([parcel.id], parcel.store_id)
    if parcel.stage in LEFT and before not in LEFT:
        count_shipped(parcel)


def count_shipped(parcel: Parcel) -> None:
    """Shipped units, also of lines that were cancelled meanwhile: those move from `cancelled` (domain.md §5).

    The waybills that it leaves with are used.
    """
    use_waybills(parcel)
    rows = db.session.execute(
        in_store(
            select(ParcelLine.line_id, ParcelLine.quantity).where(ParcelLine.parcel_id == parcel.id),
            parcel.store_id,
            ParcelLine,
        )
    ).all()
    ours = in_store(update(OrderLine), parcel.store_id, OrderLine)
    for line_id, units in rows:
        room = OrderLine.cancelled + OrderLine.shipped + units <= OrderLine.quantity
        counted = rows_changed(ours.where(OrderLine.id == line_id, room).values(shipped=OrderLine.shipped + units))
        if counted == 1:
            continue
        over = OrderLine.cancelled + OrderLine.shipped + units - OrderLine.quantity
        rows_changed(
            ours.where(OrderLine.id == line_id, OrderLine.cancelled >= over).values(
                cancelled=OrderLine.cancelled - over, shipped=OrderLine.shipped + units
            )
        )


@command
def mark_known(
    parcel: Parcel, as_of: datetime, *, source: Source, origin: str | None, only_if: Stage | None = None
) -> None:
    """Remember that the stage still stood so at `as_of`; older news change nothing.

    Printing's own word on an unprinted parcel holds until a newer fact: a file that says the same does not take its
    place, or it would make that word age (D4).
    """
    if only_if is not None and parcel.stage is not only_if:
        return
    if parcel.stage_as_of is not None and as_of <= parcel.stage_as_of:
        return
    is_their_word = parcel.stage is Stage.UNPRINTED and parcel.stage_source is Source.PRINTING
    if is_their_word and source not in OWN_HANDS:
        return
    parcel.stage_as_of = as_of
    if parcel.stage is Stage.UNPRINTED and not is_their_word:
        parcel.stage_source, parcel.stage_origin = source, origin
    # No flush: of a list of parcels one statement writes all, when the next is read or the command ends.


_AT = bindparam("at", type_=UTCDateTime())
_UNPRINTED = (
    select(Parcel.id)
    .where(among(Parcel.id, "ids"), Parcel.stage == Stage.UNPRINTED)
    .where(or_(Parcel.stage_as_of.is_(None), Parcel.stage_as_of < _AT))
    .order_by(Parcel.id)  # so that two lists cannot deadlock
    .with_for_update(key_share=True)
)
_IS_THEIR_WORD = Parcel.stage_source == Source.PRINTING
#: Building it takes longer than running it.
_LOOK_AT = in_stores_given(
    update(Parcel)
    .where(Parcel.id.in_(in_stores_given(_UNPRINTED, Parcel)))
    .values(
        stage_as_of=_AT,
        stage_source=case((_IS_THEIR_WORD, Source.PRINTING), else_=Source.CHECK),
        stage_origin=case((_IS_THEIR_WORD, Parcel.stage_origin), else_=None),
    ),
    Parcel,
)


@command
def look_at(parcel_ids: list[int], at: datetime, *, actor: Actor) -> int:
    """What `mark_known` does for one, for all unprinted parcels of a pre-print check: one statement."""
    return rows_changed(_LOOK_AT, ids=parcel_ids, at=at, stores=actor.stores_with(Permission.PRINT_CHECK))


@command
def print_parcels(
    parcel_ids: list[int], *, store_id: int, batch: str, person_id: int | None, source: Source = Source.CHECK
) -> int:
    """The command "printed": every parcel moves or none does.  Held or moved ones make it a Conflict.

    `source`: a check list, or (`page`) printed here.
    One conditional UPDATE per parcel; the row count decides (domain.md §5).
    """
    at = clock.now()
    batch_id = batch_named(batch, store_id).id
    refuse_stopped_batch(batch_id, batch, store_id)
    first = queries.next_position(batch_id, store_id)
    for position, parcel_id in enumerate(parcel_ids, start=first):
        printed = rows_changed(
            in_store(update(Parcel), store_id, Parcel)
            .where(Parcel.id == parcel_id, *_may_be_printed())
            .values(
                stage=Stage.PRINTED, stage_at=at, stage_source=source, stage_origin=None, stage_as_of=at,
                batch_id=batch_id, position=position, version=Parcel.version + 1,
            )
        )  # fmt: skip
        if printed != 1:
            raise Conflict("A parcel was held or printed meanwhile. Please check the list again.", code="stage_moved")
        db.session.add(
            StageFact(
                store_id=store_id, parcel_id=parcel_id, stage=Stage.PRINTED, happened_at=at, as_of=at, known_at=at,
                source=source, batch=batch, person_id=person_id, effect=FactEffect.MOVED,
            )
        )  # fmt: skip
    db.session.flush()
    return len(parcel_ids)


def _may_be_printed() -> tuple[ColumnElement[bool], ...]:
    """What a parcel's own row must say: never printed twice, never while it is held."""
    return (Parcel.stage == Stage.UNPRINTED, Parcel.holds == 0)


@command
def void(parcel: Parcel, *, person_id: int | None) -> None:
    """Void a parcel in the house: it can never be printed, packed or shipped by a command again (M053).

    Raises Conflict where its stage has moved since the caller read it.
    """
    at = clock.now()
    voided = rows_changed(
        in_store(update(Parcel), parcel.store_id, Parcel)
        .where(Parcel.id == parcel.id, Parcel.stage == parcel.stage, Parcel.stage.in_(IN_HOUSE))
        .values(
            stage=Stage.VOIDED, stage_at=at, stage_source=Source.PAGE, stage_origin=None, stage_as_of=at,
            version=Parcel.version + 1,
        )
    )  # fmt: skip
    if voided != 1:
        raise Conflict("The stage has moved meanwhile. Please look again.", code="stage_moved")
    db.session.add(
        StageFact(
            store_id=parcel.store_id, parcel_id=parcel.id, stage=Stage.VOIDED, happened_at=at, as_of=at, known_at=at,
            source=Source.PAGE, person_id=person_id, effect=FactEffect.MOVED,
        )
    )  # fmt: skip
    db.session.flush()
    db.session.refresh(parcel)


def batch_named(name: str, store_id: int) -> Batch:
    """The batch of that name in the store, made when it is new."""
    name = typed_name(name) or name
    statement = in_store(select(Batch).where(Batch.name == name), store_id, Batch)
    return found_or_made(
        lambda: db.session.scalars(statement).one_or_none(),
        lambda: Batch(store_id=store_id, name=name, made_at=clock.now()),
    )
