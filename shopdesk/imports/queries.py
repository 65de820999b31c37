"""Reads about imports."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import String, case, cast, distinct, func, select

from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, load, within
from shopdesk.imports.models import REFUND_LISTS, ImportFile, ImportNote, ImportRun, Severity


def run_by_id(run_id: int, actor: Actor) -> ImportRun:
    return load(ImportRun, run_id, actor, Permission.IMPORT_WRITE)


def recent_runs(actor: Actor, limit: int = 20) -> list[ImportRun]:
    statement = within(select(ImportRun), actor, Permission.IMPORT_WRITE, ImportRun)
    return list(db.session.scalars(statement.order_by(ImportRun.id.desc()).limit(limit)))


def files_of(run: ImportRun) -> list[ImportFile]:
    statement = select(ImportFile).where(ImportFile.run_id == run.id).order_by(ImportFile.id)
    return list(db.session.scalars(in_store(statement, run.store_id, ImportFile)))


def holds(files: Sequence[ImportFile]) -> Literal["orders", "refunds", "both"]:
    """What the files of a run are about, as far as they have been read."""
    are_refunds = {file.profile in REFUND_LISTS for file in files if file.profile}
    if True not in are_refunds:
        return "orders"
    return "both" if False in are_refunds else "refunds"


def notes_of(run: ImportRun, *, after: int = 0, limit: int = 200) -> list[ImportNote]:
    statement = select(ImportNote).where(ImportNote.run_id == run.id, ImportNote.id > after)
    return list(db.session.scalars(in_store(statement.order_by(ImportNote.id).limit(limit), run.store_id, ImportNote)))


def note_before(run: ImportRun, upto: int, *, back: int) -> int:
    """The id that a page of `back` notes ending at note `upto` goes on from; 0: it is the first page."""
    statement = select(ImportNote.id).where(ImportNote.run_id == run.id, ImportNote.id <= upto)
    page = in_store(statement.order_by(ImportNote.id.desc()).offset(back).limit(1), run.store_id, ImportNote)
    return db.session.scalar(page) or 0


def row_counts(run: ImportRun) -> tuple[int, int]:
    """(rows that were refused, further rows with a warning); several notes may be about one row."""
    row = ImportNote.file + "/" + func.coalesce(cast(ImportNote.row_no, String), "")
    named = func.count(distinct(case((ImportNote.severity == Severity.REFUSED, row))))
    statement = select(named, func.count(distinct(row))).where(ImportNote.run_id == run.id)
    named_rows, rows = db.session.execute(in_store(statement, run.store_id, ImportNote)).one()
    refused = select(func.sum(ImportFile.refused)).where(ImportFile.run_id == run.id)
    return db.session.scalar(in_store(refused, run.store_id, ImportFile)) or 0, rows - named_rows


def refused_rows(runs: Sequence[ImportRun], actor: Actor) -> dict[int, int]:
    """Run → rows that were refused, of all its files."""
    ids = [run.id for run in runs]
    statement = select(ImportFile.run_id, func.sum(ImportFile.refused)).where(ImportFile.run_id.in_(ids))
    found = within(statement.group_by(ImportFile.run_id), actor, Permission.IMPORT_WRITE, ImportFile)
    return {run_id: int(rows or 0) for run_id, rows in db.session.execute(found)}
