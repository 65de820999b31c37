"""The rows of refund lists of a run: in chunks, oldest file first, with an account of every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import DataError, IntegrityError

from shopdesk.cases.states import MAX_WISH
from shopdesk.core import audit
from shopdesk.core.db import command, db
from shopdesk.core.errors import DomainError, NotFound, RuleViolation, Unavailable
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.imports.models import ImportFile, ImportRun, Severity
from shopdesk.imports.readers.records import RefundRecord
from shopdesk.imports.service.locking import lock_cases_then_orders
from shopdesk.imports.service.noting import header_of, note, note_not_waybill
from shopdesk.imports.service.refunding import apply_refund
from shopdesk.staff import queries as staff

CHUNK = 100  # orders in one transaction: SQLite's single writer is never held for long
#: profile → what its feed is called
REFUND_FEEDS = {"taobao_refunds": "taobao refunds", "pdd_aftersales": "pdd after-sales"}


def refusal(error: Exception) -> DomainError:
    """What does not fit into the database is the row's fault too; its values are not repeated here."""
    return error if isinstance(error, DomainError) else RuleViolation("This order cannot be stored.", code="not_stored")


def apply_refunds(
    store_id: int,
    run_id: int,
    records: Sequence[RefundRecord],
    times: Mapping[str, datetime],
    actor: Actor,
    *,
    begin: int,
) -> None:
    """All from the `begin`th on; a run that is taken up again finds them in the same order."""
    ordered = sorted(records, key=lambda record: times[record.row[0]])
    for at in range(begin, len(ordered), CHUNK):
        _apply_chunk(store_id, run_id, ordered[at : at + CHUNK], times, actor)


def _apply_chunk(
    store_id: int, run_id: int, records: Sequence[RefundRecord], times: Mapping[str, datetime], actor: Actor
) -> None:
    """A chunk as one transaction; when one row spoils it, row by row, so that the others are not lost."""
    try:
        _apply_together(store_id, run_id, records, times, actor)
    except Unavailable:
        raise  # nothing is wrong with these rows: the run is tried again
    except (DomainError, DataError, IntegrityError, ValueError) as error:
        if len(records) == 1:
            _refuse(store_id, run_id, records[0], refusal(error), actor)
            return
        for record in records:
            _apply_chunk(store_id, run_id, [record], times, actor)


@command
def _apply_together(
    store_id: int, run_id: int, records: Sequence[RefundRecord], times: Mapping[str, datetime], actor: Actor
) -> None:
    store, run = staff.store_by_id(store_id), _run(store_id, run_id)
    begun_at = _begun_at(store_id)
    lock_cases_then_orders(records, store_id)
    counts = {"created": 0, "updated": 0, "unchanged": 0}
    for record in records:
        try:
            origin = REFUND_FEEDS.get(_file(run, record).profile or "", "")
            as_of = times[record.row[0]]
            done = apply_refund(store, record, as_of=as_of, origin=origin, begun_at=begun_at, actor=actor)
        except NotFound as error:  # raised before anything is written
            _account(run, record, error)
            continue
        if done.is_older:
            note(run, *record.row, Severity.WARNING, "older_than_case", order_number=record.number)
        if done.wish_cut:
            facts: dict[str, object] = {"length": done.wish_cut, "limit": MAX_WISH}
            note(run, *record.row, Severity.WARNING, "wish_clipped", facts=facts, order_number=record.number)
        for number in done.not_waybills:
            header = header_of(_file(run, record).profile, "waybills")
            note_not_waybill(run, record.row, header, number, record.number)
        counts[done.outcome] += 1
    run.created += counts["created"]
    run.updated += counts["updated"]
    run.unchanged += counts["unchanged"]
    audit.record("import.applied", "import", run.id, actor, store_id=store_id, **counts)


def _begun_at(store_id: int) -> datetime | None:
    """Of when the first lists of refunds are that this store gave, those of the run that is going on included."""
    of_refunds = (ImportFile.profile.in_(REFUND_FEEDS), ImportFile.as_of.is_not(None), ImportFile.accepted > 0)
    first = in_store(select(func.min(ImportFile.run_id)).where(*of_refunds), store_id, ImportFile).scalar_subquery()
    statement = select(func.max(ImportFile.as_of)).where(*of_refunds, ImportFile.run_id == first)
    return db.session.scalar(in_store(statement, store_id, ImportFile))


@command
def _refuse(store_id: int, run_id: int, record: RefundRecord, error: DomainError, actor: Actor) -> None:
    run = _run(store_id, run_id)
    _account(run, record, error)
    audit.record("import.refused_order", "import", run.id, actor, store_id=store_id, code=error.code)


def _account(run: ImportRun, record: RefundRecord, error: DomainError) -> None:
    """The file's account follows: a row is an application, and this one was not taken."""
    facts = {**error.facts, "number": record.number}
    note(run, *record.row, Severity.REFUSED, error.code, facts=facts, order_number=record.number)
    run.refused += 1
    row = _file(run, record)
    row.accepted -= 1
    row.refused += 1


def _file(run: ImportRun, record: RefundRecord) -> ImportFile:
    statement = select(ImportFile).where(ImportFile.run_id == run.id, ImportFile.name == record.row[0])
    return db.session.scalars(in_store(statement, run.store_id, ImportFile)).one()


def _run(store_id: int, run_id: int) -> ImportRun:
    return db.session.scalars(in_store(select(ImportRun).where(ImportRun.id == run_id), store_id, ImportRun)).one()
