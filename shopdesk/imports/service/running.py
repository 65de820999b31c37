"""An import run: files read, applied in chunks of one transaction each, and a report that accounts for every row."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from shopdesk.core import audit, clock, outbox
from shopdesk.core.db import command, db
from shopdesk.core.errors import DomainError, RuleViolation, Unavailable
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.core.scope import in_store
from shopdesk.feeds import service as feeds
from shopdesk.feeds.models import FeedKind
from shopdesk.imports.models import ImportFile, ImportRun, RunState, Severity
from shopdesk.imports.readers import asof, read_files
from shopdesk.imports.readers.records import ReadResult, SaleRecord
from shopdesk.imports.service.applying import apply_sale, as_sale
from shopdesk.imports.service.hiding import tell_hidden_waybill
from shopdesk.imports.service.noting import (
    account_refused,
    forget_known_lists,
    note,
    note_cuts,
    note_incomplete,
    note_left,
    note_lines,
    note_not_waybills,
    note_shared_waybills,
    plain,
)
from shopdesk.imports.service.refund_rows import CHUNK, REFUND_FEEDS, apply_refunds, refusal
from shopdesk.imports.service.stopping import may_go_on, refuse_run
from shopdesk.parcels.states import Source
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store

MOST_FILES = 10
MOST_FILE_NAME = 250  # characters


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file as it was given; `modified_at` is its own time where it has one (aware)."""

    name: str
    content: bytes
    modified_at: datetime | None = None


@command
def start(store: Store, names: Sequence[str], *, as_of: datetime | None, actor: Actor) -> ImportRun:
    """Open a run.  Raises NotAllowed, RuleViolation for no file or too many."""
    require(actor, Permission.IMPORT_WRITE, store.id)
    if not 1 <= len(names) <= MOST_FILES:
        raise RuleViolation("Give 1 to %(most)d files.", code="file_count", most=MOST_FILES)
    run = ImportRun(store_id=store.id, as_of=as_of, started_by_id=actor.id, made_at=clock.now())
    db.session.add(run)
    db.session.flush()
    for name in names:
        db.session.add(ImportFile(store_id=store.id, run_id=run.id, name=name[:255]))
    audit.record("import.started", "import", run.id, actor, store_id=store.id, files=len(names))
    return run


def _named_apart(files: Sequence[InputFile]) -> list[InputFile]:
    """Each file under a name of its own that fits, as the report goes by names."""
    taken: set[str] = set()
    named = []
    for number, file in enumerate(files, start=1):
        name = file.name[:MOST_FILE_NAME]
        name = f"{number} {name}" if name in taken else name
        taken.add(name)
        named.append(replace(file, name=name))
    return named


def run_files(store: Store, files: Sequence[InputFile], *, as_of: datetime | None, actor: Actor) -> ImportRun:
    """Import in the foreground (command line); the run holds the report, and fails when it is broken off."""
    store_id, files = store.id, _named_apart(files)
    run_id = start(store, [f.name for f in files], as_of=as_of, actor=actor).id
    try:
        _run(store_id, run_id, files, as_of=as_of, actor=actor)
    except BaseException:  # Ctrl-C too
        with suppress(DomainError, SQLAlchemyError):  # what broke it off is what counts
            _break_off(store_id, run_id, actor)
        raise
    return _load(store_id, run_id)


def why_unreadable(files: Sequence[InputFile], *, zone: str, currency: str) -> dict[str, Any] | None:
    """Why a run of these files would fail, as its `failure`; for a store that is opened only if they can be read."""
    named = _named_apart(files)
    found = read_files([(f.name, f.content) for f in named], zone=zone, currency=currency)
    return _failure(found) if found.unreadable else None


def _failure(found: ReadResult) -> dict[str, Any]:
    first = found.unreadable[0]
    return {"code": first.code, "file": first.file, "facts": plain(first.facts)}


@command
def _break_off(store_id: int, run_id: int, actor: Actor) -> None:
    """Say that the run ended before its files did; the chunks that it applied stay."""
    run = _load(store_id, run_id)
    run.state, run.done_at = RunState.FAILED, clock.now()
    run.failure = {"code": "broken_off", "file": "", "facts": {}}
    audit.record("import.broken_off", "import", run.id, actor, store_id=store_id, handled=run.handled)


@command
def queue(store: Store, files: Sequence[InputFile], folder: Path, *, as_of: datetime | None, actor: Actor) -> ImportRun:
    """Keep the files and let the worker import them; the file on disk is written before the row that names it."""
    files = _named_apart(files)
    run = start(store, [f.name for f in files], as_of=as_of, actor=actor)
    folder.mkdir(parents=True, exist_ok=True)
    rows = db.session.scalars(in_store(select(ImportFile).where(ImportFile.run_id == run.id), store.id, ImportFile))
    for row, file in zip(sorted(rows, key=lambda r: r.id), files, strict=True):
        row.stored_as, row.modified_at = secrets.token_hex(16), file.modified_at
        (folder / row.stored_as).write_bytes(file.content)
    outbox.put("import.run", key=f"import:{run.id}", store_id=store.id, run_id=run.id, person_id=actor.id)
    db.session.flush()
    return run


def run_queued(store_id: int, run_id: int, folder: Path, *, actor: Actor) -> None:
    """The worker's part; after a crash it goes on where the last whole chunk ended.  The files do not outlive it."""
    run, rows = _load(store_id, run_id), _files(store_id, run_id)
    paths = [folder / row.stored_as for row in rows if row.stored_as]
    if run.state not in {RunState.DONE, RunState.FAILED} and not may_go_on(store_id, actor):
        refuse_run(store_id, run_id, rows[0].name, actor=actor)
    elif run.state not in {RunState.DONE, RunState.FAILED}:
        files = [InputFile(r.name, p.read_bytes(), r.modified_at) for r, p in zip(rows, paths, strict=True)]
        _run(store_id, run_id, files, as_of=run.as_of, actor=actor)
    for path in paths:
        path.unlink(missing_ok=True)


def _load(store_id: int, run_id: int) -> ImportRun:
    return db.session.scalars(in_store(select(ImportRun).where(ImportRun.id == run_id), store_id, ImportRun)).one()


def _files(store_id: int, run_id: int) -> list[ImportFile]:
    statement = select(ImportFile).where(ImportFile.run_id == run_id).order_by(ImportFile.id)
    return list(db.session.scalars(in_store(statement, store_id, ImportFile)))


def _run(store_id: int, run_id: int, files: Sequence[InputFile], *, as_of: datetime | None, actor: Actor) -> None:
    store = staff.store_by_id(store_id)
    found = read_files([(f.name, f.content) for f in files], zone=store.zone, currency=store.currency)
    times = _times_kept(store_id, run_id) or _times(files, found, as_of, zone=store.zone)
    if _load(store_id, run_id).state is RunState.QUEUED:
        _note_reading(store_id, run_id, found, times, actor)
    if found.unreadable:
        return
    for at in range(_load(store_id, run_id).handled, len(found.sales), CHUNK):
        _apply_chunk(store_id, run_id, found.sales[at : at + CHUNK], times, actor)
    # Orders first: an application on one that came in the same run is at home then.
    apply_refunds(store_id, run_id, found.refunds, {name: at for name, (at, _) in times.items()}, actor,
                  begin=_load(store_id, run_id).handled - len(found.sales))  # fmt: skip
    _finish(store_id, run_id, found, times, actor)


def _times_kept(store_id: int, run_id: int) -> dict[str, tuple[datetime, bool]]:
    """What a run that is taken up again decided at first: "in the future counts as now" is not decided twice."""
    if _load(store_id, run_id).state is RunState.QUEUED:
        return {}
    return {row.name: (row.as_of, False) for row in _files(store_id, run_id) if row.as_of}


def _times(
    files: Sequence[InputFile], found: ReadResult, as_of: datetime | None, *, zone: str
) -> dict[str, tuple[datetime, bool]]:
    """File → (as_of, was it in the future): as given, else from the name, else the file's own time, else now (D1)."""
    named = {f.file: f.as_of_from_name for f in found.files}
    now = clock.now()
    return {f.name: asof.settle_as_of(as_of or named.get(f.name) or f.modified_at or now, now=now) for f in files}


@command
def _note_reading(
    store_id: int, run_id: int, found: ReadResult, times: dict[str, tuple[datetime, bool]], actor: Actor
) -> None:
    """What reading found: the account of each file, a note per row that needs a word, the failure of a file."""
    run = _load(store_id, run_id)
    reports = {report.file: report for report in found.files}
    for row in _files(store_id, run_id):
        report = reports.get(row.name)
        row.as_of = times[row.name][0]
        if report:
            row.sha256, row.profile, row.encoding = report.sha256, report.profile, report.encoding
            row.rows, row.accepted = report.rows, report.accepted
            row.refused, row.duplicates = report.refused, report.duplicates
    for problem in forget_known_lists(store_id, found.problems):
        note(run, problem.file, problem.row_no, Severity(problem.severity), problem.code, problem.field,
             problem.value_excerpt, dict(problem.facts))  # fmt: skip
    for name, (_, was_future) in times.items():
        if was_future:
            is_of_name = run.as_of is None and bool(reports[name].as_of_from_name) if name in reports else False
            note(run, name, None, Severity.WARNING, "as_of_in_future" if is_of_name else "told_in_future")
    run.orders_total = len(found.sales) + len(found.refunds)
    run.state = RunState.FAILED if found.unreadable else RunState.RUNNING
    if found.unreadable:
        run.failure = _failure(found)
        run.done_at = clock.now()
    audit.record("import.read", "import", run.id, actor, store_id=store_id, orders=run.orders_total)


def _apply_chunk(
    store_id: int, run_id: int, sales: Sequence[SaleRecord], times: dict[str, tuple[datetime, bool]], actor: Actor
) -> None:
    """A chunk as one transaction; when one order spoils it, order by order, so that the others are not lost."""
    try:
        _apply_together(store_id, run_id, sales, times, actor)
    except Unavailable:
        raise  # nothing is wrong with these orders: the run is tried again
    except (DomainError, DataError, IntegrityError, ValueError) as error:
        if len(sales) == 1:
            _refuse(store_id, run_id, sales[0], refusal(error), actor)
            return
        for sale in sales:
            _apply_chunk(store_id, run_id, [sale], times, actor)


@command
def _apply_together(
    store_id: int, run_id: int, sales: Sequence[SaleRecord], times: dict[str, tuple[datetime, bool]], actor: Actor
) -> None:
    store, run = staff.store_by_id(store_id), _load(store_id, run_id)
    counts = {"created": 0, "updated": 0, "unchanged": 0}
    files = {row.name: row for row in _files(store_id, run_id)}
    profiles = {name: row.profile or "" for name, row in files.items()}
    lists = {name for name, profile in profiles.items() if profile.endswith("list")}
    for sale in sales:
        as_of, lines_as_of = _told_at(sale, times, lists)
        origin = _origin(profiles[sale.rows[0][0]])
        done = apply_sale(
            store, as_sale(sale), sale.waybills, as_of=as_of, lines_as_of=lines_as_of,
            origin=origin, source=Source.FILE, actor=actor,
        )  # fmt: skip
        if sale.hides_waybill:
            tell_hidden_waybill(done, as_of=as_of, origin=origin, source=Source.FILE, actor=actor)
        if done.outcome == "older":
            note(run, *sale.rows[0], Severity.WARNING, "older_than_known", order_number=sale.number)
        note_left(run, sale, done, profiles)
        note_cuts(run, sale, done.cuts, profiles)
        note_not_waybills(run, sale, done, profiles)
        note_shared_waybills(run, sale, done, profiles)
        note_lines(run, sale, done, files)
        counts[done.outcome if done.outcome != "older" else "updated" if done.has_changed else "unchanged"] += 1
    run.created += counts["created"]
    run.updated += counts["updated"]
    run.unchanged += counts["unchanged"]
    audit.record("import.applied", "import", run.id, actor, store_id=store_id, **counts)


def _origin(profile: str) -> str:
    """What the feed of orders is called that a file of this kind belongs to."""
    return "pdd export" if profile.startswith("pdd") else "taobao export"


def _told_at(
    sale: SaleRecord, times: dict[str, tuple[datetime, bool]], lists: set[str]
) -> tuple[datetime, datetime | None]:
    """When the order was told, and when its lines: two files are seldom of the same minute (D1)."""
    of_order = [times[file][0] for file, _ in sale.rows if file in lists]
    of_lines = [times[file][0] for file, _ in sale.rows if file not in lists]
    return max(of_order or of_lines), max(of_lines, default=None)


@command
def _refuse(store_id: int, run_id: int, sale: SaleRecord, error: DomainError, actor: Actor) -> None:
    run = _load(store_id, run_id)
    file, row_no = sale.rows[0]
    note(run, file, row_no, Severity.REFUSED, error.code, facts=dict(error.facts), order_number=sale.number)
    run.refused += 1
    account_refused(sale, {row.name: row for row in _files(store_id, run_id)})
    audit.record("import.refused_order", "import", run.id, actor, store_id=store_id, code=error.code)


@command
def _finish(
    store_id: int, run_id: int, found: ReadResult, times: dict[str, tuple[datetime, bool]], actor: Actor
) -> None:
    run = _load(store_id, run_id)
    run.state, run.done_at = RunState.DONE, clock.now()
    store = staff.store_by_id(store_id)
    lists = [report.file for report in found.files if report.profile.endswith("list")]
    if found.sales:
        note_incomplete(run, (lists or [found.files[0].file])[0], found.sales)
    if lists:
        origins = {_origin(report.profile) for report in found.files if report.file in lists}
        for origin in sorted(origins):
            told = max(times[r.file][0] for r in found.files if r.file in lists and _origin(r.profile) == origin)
            feeds.note(store, FeedKind.ORDERS, origin, as_of=told, covers="store")
    for report in found.files:
        if report.profile in REFUND_FEEDS:
            feeds.note(store, FeedKind.REFUNDS, REFUND_FEEDS[report.profile], as_of=times[report.file][0])
    audit.record(
        "import.finished", "import", run.id, actor, store_id=store_id, created=run.created, updated=run.updated
    )
