"""A scan at the packing table or the truck: what it means, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shopdesk.changes import queries as changes
from shopdesk.changes import service as change_service
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission, Role, require
from shopdesk.core.scope import load
from shopdesk.notices import service as notices
from shopdesk.notices.models import NoticeKind
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.queries import Meant
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import LEFT, Named, Source, Stage
from shopdesk.warehouse.states import Mode, Result, Scan

NEEDS = {Mode.PACK: Permission.PARCEL_PACK, Mode.SHIP: Permission.PARCEL_SHIP}
TO = {Mode.PACK: Stage.PACKED, Mode.SHIP: Stage.SHIPPED}
SHIPPED_BUT_HERE = "shipped_but_here"  # it moved, and what somebody told was wrong
#: What the parcel's own row says in the command, so that nothing can come between the look and the move.
SAID_BY_HOLDS = frozenset({"open_change", "stopped"})


@command
def scan(text: str, mode: Mode, *, happened_at: datetime | None = None, actor: Actor) -> Scan:
    """Pack or ship what was scanned, or say why not.

    A scan that is told late (`happened_at`; in the future it counts as now) is a command like any other: held by now,
    it is refused and stays on record.  One that moves is compared with what was changed after its moment.
    Raises RuleViolation where nothing was scanned.
    """
    code = parcels.scanned(text)
    if not code:
        raise RuleViolation("Scan or type a number.", code="value_required", missing="code")
    now = clock.now()
    at = min(happened_at or now, now)
    base = Scan(code, mode, Result.UNKNOWN, at, is_late=happened_at is not None and at < now)
    meant = _locked(code, actor, NEEDS[mode])
    if meant.named is Named.UNKNOWN:
        return _with(base, Result.UNKNOWN, ["not_found"])
    if meant.parcel_id is None or meant.store_id is None:
        return _with(base, Result.STOP, [str(meant.named)])
    require(actor, NEEDS[mode], meant.store_id)
    parcel = parcels.parcel_by_id(meant.parcel_id, meant.store_id)
    if meant.named is not Named.PARCEL:
        return _stopped(base, [str(meant.named)], parcel, actor, meant.valid_waybill)
    return _go(base, parcel, actor)


@command
def move(parcel_id: int, mode: Mode, *, actor: Actor) -> Scan:
    """Pack or ship a parcel by its id, with every guard of a scan; one that stands there already stays as it is.

    Raises NotFound, NotAllowed, IllegalMove with the codes why (those of a scan's `stop`).
    """
    load(Parcel, parcel_id, actor, NEEDS[mode])
    done = scan(parcels.barcode(parcel_id), mode, actor=actor)
    if done.result not in {Result.OK, Result.ALREADY}:
        raise IllegalMove(
            "This parcel may not go on now; nothing was moved.", code=done.reasons[0], reasons=list(done.reasons)
        )
    return done


def _locked(code: str, actor: Actor, needed: Permission) -> Meant:
    """What the code means once its parcel is locked: a re-print may give it a new waybill meanwhile."""
    meant = parcels.resolve([code], actor, needed)[code]
    if meant.parcel_id is None or meant.store_id is None:
        return meant
    parcels.locked_with_orders([meant.parcel_id], meant.store_id)
    again = parcels.resolve([code], actor, needed)[code]
    return again if again.parcel_id == meant.parcel_id else Meant(Named.DUPLICATE)


def _go(base: Scan, parcel: Parcel, actor: Actor) -> Scan:
    if parcel.stage in LEFT and parcels.open_recalls([parcel.id], parcel.store_id):
        return _stopped(base, ["pull_back"], parcel, actor)  # it is wanted back, and somebody has it in hand
    if base.mode is Mode.PACK and parcel_service.found_here(parcel, base.at, person_id=actor.id):
        return _found_here(base, parcel, actor)
    if parcel.stage in LEFT or (parcel.stage is TO[base.mode] and not parcel.holds):
        _confirm(base, parcel, actor)
        return _with(base, Result.ALREADY, [f"stage_{parcel.stage}"], parcel)
    reasons = list(changes.standing_of([parcel.id], actor, NEEDS[base.mode])[parcel.id].reasons)
    if set(reasons) - SAID_BY_HOLDS:
        return _stopped(base, reasons, parcel, actor)
    known_before = parcel.stage_as_of
    move = parcel_service.pack if base.mode is Mode.PACK else parcel_service.ship
    try:
        move(parcel, happened_at=base.at, actor=actor)
    except IllegalMove:
        if not parcel.holds:
            raise
        return _stopped(base, reasons or ["held"], parcel, actor)
    return _compared(base, parcel, known_before, actor)


def _found_here(base: Scan, parcel: Parcel, actor: Actor) -> Scan:
    """Somebody outside had it shipped, and it lies on the packing table: our hands win, and it is said."""
    told = next(f for f in reversed(parcels.facts([parcel.id], parcel.store_id)) if f.stage is Stage.SHIPPED)
    order = parcels.orders_in_parcel(parcel.id, parcel.store_id)[0]
    audit.record(
        "parcel.found_here", "parcel", parcel.id, actor, store_id=parcel.store_id, order_id=order.id,
        was=str(told.stage), source=str(told.source), origin=told.origin,
    )  # fmt: skip
    notices.put(
        Role.PRINTING, NoticeKind.CONTRADICTION, order, actor=actor, parcel_id=parcel.id, code="shipped_but_here",
        stage=str(parcel.stage), told=str(told.stage), source=str(told.source),
    )  # fmt: skip
    reasons = list(changes.standing_of([parcel.id], actor, NEEDS[base.mode])[parcel.id].reasons)
    if reasons:
        return _stopped(base, reasons, parcel, actor)
    return _with(base, Result.OK, [SHIPPED_BUT_HERE], parcel)


def _confirm(base: Scan, parcel: Parcel, actor: Actor) -> None:
    """It stands there already: seen in hand, that is a fact, and decides what speaks against it."""
    if parcel.stage is not TO[base.mode] or not parcel_service.confirm(parcel, base.at, person_id=actor.id):
        return
    order = parcels.orders_in_parcel(parcel.id, parcel.store_id)[0]
    audit.record(
        "parcel.confirmed", "parcel", parcel.id, actor, store_id=parcel.store_id, order_id=order.id,
        stage=str(parcel.stage),
    )  # fmt: skip


def _compared(base: Scan, parcel: Parcel, known_before: datetime | None, actor: Actor) -> Scan:
    """It moved.  Told late, it may carry what was changed since: then it is called back (domain.md §3)."""
    if not base.is_late or not changes.overtaken_after([parcel.id], parcel.store_id, base.at):
        return _with(base, Result.OK, [], parcel)
    told = Report(stage=TO[base.mode], happened_at=base.at, as_of=clock.now(), source=Source.SCAN, person_id=actor.id)
    change_service.compare_late(parcel, told, known_before=known_before, actor=actor)
    db.session.refresh(parcel)
    return _with(base, Result.STOP, ["overtaken"], parcel)


def _stopped(
    base: Scan, reasons: Sequence[str], parcel: Parcel, actor: Actor, valid_waybill: str | None = None
) -> Scan:
    """Nothing moves; that somebody had it in hand stays on record."""
    order = parcels.orders_in_parcel(parcel.id, parcel.store_id)[0]
    audit.record(
        "scan.stopped", "parcel", parcel.id, actor, store_id=parcel.store_id, order_id=order.id, mode=str(base.mode),
        reasons=list(reasons), stage=str(parcel.stage), happened_at=base.at.isoformat(),
    )  # fmt: skip
    return _with(base, Result.STOP, reasons, parcel, valid_waybill)


def _with(
    base: Scan, result: Result, reasons: Sequence[str], parcel: Parcel | None = None, valid_waybill: str | None = None
) -> Scan:
    return Scan(
        base.code, base.mode, result, base.at, base.is_late, tuple(reasons),
        parcel.id if parcel else None, parcel.store_id if parcel else None, valid_waybill,
    )  # fmt: skip
