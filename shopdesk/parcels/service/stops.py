"""停发: stops made and ended, what comes to match them later, and what their customers answered.

Order: the store's gate (its row) before the parcels.  Whoever changes what a stop looks at shares the gate until the
commit and reads the stops after taking it; making and ending a stop takes it alone.  So a parcel is either there when
the stop looks, or its own transaction sees the stop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import IllegalMove, NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.core.scope import in_store, load
from shopdesk.core.text import strip_controls
from shopdesk.parcels.models import Hold, Parcel, ParcelLine, Stop, StopAnswer
from shopdesk.parcels.queries import matching
from shopdesk.parcels.queries import stops as queries
from shopdesk.parcels.rules import stops as rules
from shopdesk.parcels.rules.stops import Criteria
from shopdesk.parcels.states import IN_HOUSE, HoldCause, OnExpiry, StopReply, StopScope
from shopdesk.staff.models import Store

AT_ONCE = 1000  # ids in one statement
MOST_ANSWERS = 500  # ticked at once


@dataclass(frozen=True, slots=True)
class StopWanted:
    """A stop as somebody asks for it; `expires_at` aware."""

    criteria: Criteria
    reason: str
    expires_at: datetime
    on_expiry: OnExpiry = OnExpiry.KEEP
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class _Active:
    """A stop that goes on, as `catch` keeps it for the rest of its transaction."""

    id: int
    criteria: Criteria
    expires_at: datetime
    on_expiry: OnExpiry
    expired_at: datetime | None


@command
def stop(store_id: int, wanted: StopWanted, *, actor: Actor) -> Stop:
    """Hold every parcel in the house that matches, in this transaction; `catch` holds those that come later.

    Raises NotAllowed, RuleViolation.
    """
    require(actor, Permission.STOP_WRITE, store_id)
    now = clock.now()
    rules.check_criteria(wanted.criteria)
    reason, phrase = strip_controls(wanted.reason).strip(), strip_controls(wanted.phrase).strip()
    rules.check_terms(reason, phrase, wanted.expires_at, wanted.on_expiry, now=now)
    _take_gate(store_id)
    said = wanted.criteria
    made = Stop(
        store_id=store_id, scope=said.scope, sku=said.sku if said.scope is StopScope.SKU else None,
        carrier=said.carrier if said.scope is StopScope.REGION else None,
        region=said.region if said.scope is StopScope.REGION else None,
        batch_id=said.batch_id if said.scope is StopScope.BATCH else None, reason=reason, phrase=phrase, made_at=now,
        made_by_id=actor.id, expires_at=wanted.expires_at, on_expiry=wanted.on_expiry,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    held = _hold_all(made, matching.matching(matching.criteria_of(made), store_id))
    audit.record("stop.made", "stop", made.id, actor, store_id=store_id, scope=str(made.scope), parcels=held)
    return made


def _hold_all(made: Stop, parcel_ids: list[int]) -> int:
    """A few statements, however many parcels; those that left meanwhile are left out.  Returns how many."""
    ids = [i for some in _chunks(parcel_ids) for i in _locked(some, made.store_id)]
    if not ids:
        return 0
    row = {
        "store_id": made.store_id, "cause": HoldCause.STOP, "cause_id": made.id, "opened_at": clock.now(),
        "expires_at": made.expires_at, "on_expiry": made.on_expiry,
    }  # fmt: skip
    db.session.execute(insert(Hold), [{**row, "parcel_id": parcel_id} for parcel_id in ids])
    _count(made.id, made.store_id, +1)
    return len(ids)


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for at in range(0, len(ids), AT_ONCE):
        yield ids[at : at + AT_ONCE]


def _locked(ids: list[int], store_id: int) -> list[int]:
    """Those still in the house, locked in ascending id."""
    statement = select(Parcel.id).where(Parcel.id.in_(ids), Parcel.stage.in_(IN_HOUSE)).order_by(Parcel.id)
    return list(db.session.scalars(in_store(statement.with_for_update(key_share=True), store_id, Parcel)))


def _count(stop_id: int, store_id: int, by: int) -> None:
    """The counter of every parcel that the stop holds now, in one statement."""
    mine = select(Hold.parcel_id).where(
        Hold.cause == HoldCause.STOP, Hold.cause_id == stop_id, Hold.store_id == store_id, Hold.ended_at.is_(None)
    )
    rows_changed(
        in_store(update(Parcel), store_id, Parcel)
        .where(Parcel.id.in_(mine))
        .values(holds=Parcel.holds + by, version=Parcel.version + 1)
    )


@command
def end_stop(stop_id: int, *, actor: Actor) -> Stop:
    """End a stop and its holds only.  Raises NotFound, NotAllowed, IllegalMove when it has ended already."""
    found = load(Stop, stop_id, actor, Permission.STOP_WRITE)
    _take_gate(found.store_id)
    freed = finish(found, by_id=actor.id)
    if freed is None:
        raise IllegalMove("This stop has ended already.", code="stop_ended")
    audit.record("stop.ended", "stop", stop_id, actor, store_id=found.store_id, parcels=freed)
    return found


def finish(found: Stop, *, by_id: int | None) -> int | None:
    """End it and its holds; how many parcels that was, None when somebody else ended it first.  The row decides."""
    at = clock.now()
    ended = rows_changed(
        in_store(update(Stop), found.store_id, Stop)
        .where(Stop.id == found.id, Stop.ended_at.is_(None))
        .values(ended_at=at, ended_by_id=by_id)
    )
    if ended != 1:
        return None
    mine = (Hold.cause == HoldCause.STOP, Hold.cause_id == found.id, Hold.ended_at.is_(None))
    open_ids = select(Hold.parcel_id).where(*mine)
    ids = sorted(db.session.scalars(in_store(open_ids, found.store_id, Hold)))
    for some in _chunks(ids):
        lock = select(Parcel.id).where(Parcel.id.in_(some)).order_by(Parcel.id).with_for_update(key_share=True)
        db.session.execute(in_store(lock, found.store_id, Parcel)).all()
    _count(found.id, found.store_id, -1)
    return rows_changed(in_store(update(Hold), found.store_id, Hold).where(*mine).values(ended_at=at))


@command
def expire_stop(stop_id: int, store_id: int, *, actor: Actor) -> tuple[Stop, int | None] | None:
    """Deal with an expired stop once: (stop, first parcel it still holds), or None when somebody else did.

    `ship_as_ordered` ends it; `keep` marks it and its holds overdue.
    """
    _take_gate(store_id)
    at = clock.now()
    is_due = (Stop.id == stop_id, Stop.ended_at.is_(None), Stop.expired_at.is_(None), Stop.expires_at <= at)
    found = db.session.scalars(in_store(select(Stop).where(*is_due), store_id, Stop)).one_or_none()
    if found is None:
        return None
    rows_changed(in_store(update(Stop), store_id, Stop).where(*is_due).values(expired_at=at))
    holds = (Hold.cause == HoldCause.STOP, Hold.cause_id == stop_id, Hold.ended_at.is_(None))
    rows_changed(in_store(update(Hold), store_id, Hold).where(*holds).values(expired_at=at))
    if found.on_expiry is OnExpiry.SHIP_AS_ORDERED:
        freed = finish(found, by_id=None)
        audit.record("stop.ended", "stop", stop_id, actor, store_id=store_id, parcels=freed, by="expiry")
        return found, None
    audit.record("stop.overdue", "stop", stop_id, actor, store_id=store_id)
    first = select(Hold.parcel_id).where(*holds).order_by(Hold.parcel_id).limit(1)
    return found, db.session.scalar(in_store(first, store_id, Hold))


def _take_gate(store_id: int) -> None:
    """Alone: waits for everyone who shares it; nobody who comes later reads the stops before this commits."""
    gate = select(Store.id).where(Store.id == store_id).with_for_update(key_share=True)
    db.session.execute(gate).all()
    db.session.info.pop("stops", None)


def _active(store_id: int) -> list[_Active]:
    """The stops of a store, read once in a transaction: while it shares the gate none is made or ended."""
    known: dict[int, list[_Active]] = db.session.info.setdefault("stops", {})
    if store_id not in known:
        db.session.execute(select(Store.id).where(Store.id == store_id).with_for_update(read=True)).all()
        statement = in_store(select(Stop).where(Stop.ended_at.is_(None)).order_by(Stop.id), store_id, Stop)
        known[store_id] = [
            _Active(s.id, matching.criteria_of(s), s.expires_at, s.on_expiry, s.expired_at)
            for s in db.session.scalars(statement)
        ]
    return known[store_id]


@command
def catch(parcel_ids: Sequence[int], store_id: int) -> None:
    """See that each of these parcels is held by exactly the stops that match it now.

    To be called at the end of whatever makes a parcel, or changes its address, courier, units or batch.
    """
    stops = _active(store_id)
    if not stops or not parcel_ids:
        return
    db.session.flush()
    ids = _locked(sorted(set(parcel_ids)), store_id)
    held = select(Hold.parcel_id, Hold.cause_id).where(
        Hold.parcel_id.in_(ids), Hold.cause == HoldCause.STOP, Hold.ended_at.is_(None)
    )
    there = {(row.parcel_id, row.cause_id) for row in db.session.execute(in_store(held, store_id, Hold))}
    for parcel in matching.among(ids, [s.criteria for s in stops], store_id):
        for active in stops:
            is_held, is_meant = (parcel.parcel_id, active.id) in there, rules.catches(active.criteria, parcel)
            if is_meant and not is_held:
                _hold_one(parcel.parcel_id, active, store_id)
            elif is_held and not is_meant:
                _free_one(parcel.parcel_id, active, store_id)


def _hold_one(parcel_id: int, active: _Active, store_id: int) -> None:
    db.session.add(
        Hold(
            store_id=store_id, parcel_id=parcel_id, cause=HoldCause.STOP, cause_id=active.id, opened_at=clock.now(),
            expires_at=active.expires_at, on_expiry=active.on_expiry, expired_at=active.expired_at,
        )
    )  # fmt: skip
    _count_one(parcel_id, store_id, +1)
    system, order_id = Actor.system([store_id]), _an_order(parcel_id, store_id)
    audit.record("stop.caught", "stop", active.id, system, store_id=store_id, order_id=order_id, parcel=parcel_id)


def _free_one(parcel_id: int, active: _Active, store_id: int) -> None:
    """What made the stop hold it is gone: another courier, another address, the units taken off."""
    ended = rows_changed(
        in_store(update(Hold), store_id, Hold)
        .where(Hold.parcel_id == parcel_id, Hold.cause == HoldCause.STOP, Hold.cause_id == active.id)
        .where(Hold.ended_at.is_(None))
        .values(ended_at=clock.now())
    )
    if ended == 1:
        _count_one(parcel_id, store_id, -1)
        system, order_id = Actor.system([store_id]), _an_order(parcel_id, store_id)
        audit.record("stop.let_go", "stop", active.id, system, store_id=store_id, order_id=order_id, parcel=parcel_id)


def _count_one(parcel_id: int, store_id: int, by: int) -> None:
    db.session.flush()
    rows_changed(
        in_store(update(Parcel), store_id, Parcel)
        .where(Parcel.id == parcel_id)
        .values(holds=Parcel.holds + by, version=Parcel.version + 1)
    )


def _an_order(parcel_id: int, store_id: int) -> int | None:
    """The order whose timeline tells of the parcel."""
    first = select(ParcelLine.order_id).where(ParcelLine.parcel_id == parcel_id).order_by(ParcelLine.order_id).limit(1)
    return db.session.scalar(in_store(first, store_id, ParcelLine))


def refuse_stopped_batch(batch_id: int, name: str, store_id: int) -> None:
    """Nothing more is printed into a batch that is stopped.  Raises RuleViolation."""
    if any(s.criteria.scope is StopScope.BATCH and s.criteria.batch_id == batch_id for s in _active(store_id)):
        raise RuleViolation("Batch %(name)s is stopped; nothing is printed into it.", code="batch_stopped", name=name)


@command
def let_leave(parcel: Parcel) -> list[int]:
    """A parcel that has left is held no longer: the ids of the stops that it left in spite of."""
    mine = (Hold.parcel_id == parcel.id, Hold.cause == HoldCause.STOP, Hold.ended_at.is_(None))
    ids = list(db.session.scalars(in_store(select(Hold.cause_id).where(*mine), parcel.store_id, Hold)))
    if ids:
        ended = rows_changed(in_store(update(Hold), parcel.store_id, Hold).where(*mine).values(ended_at=clock.now()))
        _count_one(parcel.id, parcel.store_id, -ended)
        db.session.refresh(parcel)
    return ids


@command
def answer(stop_id: int, order_ids: Sequence[int], reply: StopReply, *, actor: Actor) -> int:
    """Note what the customers of these orders said; a later answer replaces the one before, the trail keeps both.

    Raises NotFound (also for an order that the stop is not about), NotAllowed, RuleViolation (none, or too many).
    """
    found = load(Stop, stop_id, actor, Permission.STOP_ANSWER, lock="update")
    ids = sorted(set(order_ids))
    if not ids:
        raise RuleViolation("Tick at least one order.", code="value_required", missing="orders")
    if len(ids) > MOST_ANSWERS:
        raise RuleViolation("At most %(most)d rows at once.", code="too_many_rows", most=MOST_ANSWERS)
    known = {row.order_id: row.reply for row in queries.affected(found, limit=len(ids), order_ids=ids)}
    if len(known) != len(ids):
        raise NotFound("There is no such thing here.")
    _write_answers(found, ids, known, reply, actor)
    return len(ids)


def _write_answers(
    found: Stop, ids: list[int], known: dict[int, StopReply | None], reply: StopReply, actor: Actor
) -> None:
    values: dict[str, Any] = {"reply": reply, "answered_at": clock.now(), "answered_by_id": actor.id}
    there = [i for i in ids if known[i] is not None]
    if there:
        ours = in_store(update(StopAnswer), found.store_id, StopAnswer)
        rows_changed(ours.where(StopAnswer.stop_id == found.id, StopAnswer.order_id.in_(there)).values(**values))
    new = [i for i in ids if known[i] is None]
    if new:
        rows = [{**values, "store_id": found.store_id, "stop_id": found.id, "order_id": i} for i in new]
        db.session.execute(insert(StopAnswer), rows)
    for order_id in ids:
        audit.record(
            "stop.answered", "stop", found.id, actor, store_id=found.store_id, order_id=order_id, reply=str(reply)
        )
