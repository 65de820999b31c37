"""Runs: who printed what when, which version, why; and which of their papers still count."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, load, within
from shopdesk.parcels.models import Batch, Parcel
from shopdesk.parcels.states import LEFT, Stage
from shopdesk.printing.models import PrintedParcel, PrintRun
from shopdesk.printing.states import LeftOut, Why
from shopdesk.staff import queries as staff

P = Permission.PARCEL_PRINT


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in a list."""

    run: PrintRun
    batch: str | None
    who: str
    parcels: int


@dataclass(frozen=True, slots=True)
class Printing:
    """One time that the papers of a parcel were printed."""

    run_id: int
    version: int
    at: datetime
    who: str
    why: Why | None


def run_by_id(run_id: int, actor: Actor) -> PrintRun:
    """Raises NotFound, NotAllowed."""
    return load(PrintRun, run_id, actor, P)


def parcels_of(run: PrintRun) -> list[tuple[PrintedParcel, Parcel]]:
    """In the order of their places in the batch."""
    statement = (
        select(PrintedParcel, Parcel)
        .join(Parcel, Parcel.id == PrintedParcel.parcel_id)
        .where(PrintedParcel.run_id == run.id)
        .order_by(PrintedParcel.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(in_store(statement, run.store_id, PrintedParcel))]


def left_out(run: PrintRun, printed: PrintedParcel, parcel: Parcel) -> LeftOut | None:
    """Why the papers of this run must not be printed from it any more; None: they count.

    A held parcel has papers only in the run that its change asked for.
    """
    if parcel.stage is Stage.VOIDED:
        return LeftOut.VOIDED
    if printed.version != parcel.papers_version:
        return LeftOut.OLD
    if parcel.stage in LEFT:
        return LeftOut.LEFT
    return LeftOut.HELD if parcel.holds and run.change_id is None else None


def newest(actor: Actor, store_id: int, *, limit: int) -> list[RunRow]:
    statement = (
        select(PrintRun, Batch.name, func.count(PrintedParcel.id))
        .join(PrintedParcel, PrintedParcel.run_id == PrintRun.id)
        .outerjoin(Batch, Batch.id == PrintRun.batch_id)
        .where(PrintRun.store_id == store_id)
        .group_by(PrintRun.id, Batch.name)
        .order_by(PrintRun.id.desc())
        .limit(limit)
    )
    rows = db.session.execute(within(statement, actor, P, PrintRun)).all()
    names = staff.signatures({row[0].made_by_id for row in rows if row[0].made_by_id})
    return [RunRow(run, batch, names.get(run.made_by_id or 0, ""), count) for run, batch, count in rows]


def history_of(parcel_ids: list[int], store_id: int) -> dict[int, list[Printing]]:
    """Parcel id → each time that its papers were printed here, newest first."""
    statement = (
        select(PrintedParcel.parcel_id, PrintedParcel.version, PrintRun)
        .join(PrintRun, PrintRun.id == PrintedParcel.run_id)
        .where(PrintedParcel.parcel_id.in_(parcel_ids))
        .order_by(PrintRun.id.desc())
    )
    rows = db.session.execute(in_store(statement, store_id, PrintedParcel)).all()
    names = staff.signatures({run.made_by_id for _, _, run in rows if run.made_by_id})
    found: dict[int, list[Printing]] = defaultdict(list)
    for parcel_id, version, run in rows:
        who = names.get(run.made_by_id or 0, "")
        found[parcel_id].append(Printing(run.id, version, run.made_at, who, run.why))
    return found


def batch_of(run: PrintRun) -> str | None:
    if run.batch_id is None:
        return None
    return db.session.scalar(in_store(select(Batch.name).where(Batch.id == run.batch_id), run.store_id, Batch))
