"""A batch is printed here: all of the chosen parcels, or none with a reason for each that may not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import insert, select

from shopdesk.changes import service as changes
from shopdesk.changes.queries.batches import proposed_batch
from shopdesk.changes.queries.checks import CheckedRow, look_at_parcels
from shopdesk.changes.states import Group
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import Conflict, IllegalMove, NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.core.scope import touch, within
from shopdesk.core.text import typed_name
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.service.moving import batch_named
from shopdesk.parcels.states import Source
from shopdesk.printing.models import PrintedParcel, PrintRun
from shopdesk.printing.states import MOST_PARCELS, Paper, Parts, Why

P = Permission.PARCEL_PRINT
MOST_NAME = 32  # characters of a batch
GO = (Group.PRINTABLE, Group.CHANGED)
MOVED = "moved"  # not as it was shown


@command
def print_batch(
    parcel_ids: Sequence[int],
    batch: str | None,
    paper: Paper = Paper.A4,
    parts: Parts = Parts.BOTH,
    *,
    shown: Mapping[int, str] | None = None,
    actor: Actor,
) -> PrintRun:
    """Print parcels of one store as one batch, in the given order; without a name it gets the next one.

    A changed one, of which only the acknowledgement is missing, is acknowledged as not printed until now, its hold
    ends, and it is printed with what changed.  `shown`: what the queue said of them (parcel → its `shown`).
    Raises NotFound, NotAllowed, RuleViolation (nothing chosen, too many, several stores, a bad name), IllegalMove
    `not_printable` or, where all may be printed but some is not as it was shown, Conflict `list_changed`; both with the
    codes why for each parcel.
    """
    ids = list(dict.fromkeys(parcel_ids))
    if not ids:
        raise RuleViolation("Choose the parcels to print.", code="value_required", missing="parcels")
    if len(ids) > MOST_PARCELS:
        raise RuleViolation("At most %(most)d parcels at once.", code="too_many_rows", most=MOST_PARCELS)
    store_id = _locked_store(ids, actor)
    name = typed_name(batch or "") or proposed_batch([store_id], actor)
    if len(name) > MOST_NAME:
        raise RuleViolation("A batch needs a name of at most %(most)d characters.", code="bad_batch", most=MOST_NAME)
    rows = look_at_parcels(ids, actor, P)
    refuse(rows, shown or {})
    for row in rows:
        if row.group is Group.CHANGED and row.parcel_id:
            changes.acknowledge_printing(row.parcel_id, store_id, actor=actor)
    parcel_service.print_parcels(ids, store_id=store_id, batch=name, person_id=actor.id, source=Source.PAGE)
    run = keep_run(ids, store_id, name, paper, parts, actor=actor)
    audit.record(
        "papers.printed", "print_run", run.id, actor, store_id=store_id, batch=name, parcels=len(ids),
        changed=sum(row.group is Group.CHANGED for row in rows), paper=str(paper), parts=str(parts),
    )  # fmt: skip
    return run


def _locked_store(ids: list[int], actor: Actor) -> int:
    """The one store of these parcels, which are locked now: what was seen before decides nothing."""
    statement = select(Parcel.id, Parcel.store_id).where(Parcel.id.in_(ids))
    found = {row[0]: row[1] for row in db.session.execute(within(statement, actor, Permission.ORDER_READ, Parcel))}
    if len(found) < len(ids):
        raise NotFound("There is no such thing here.")
    for store_id in sorted(set(found.values())):
        require(actor, P, store_id)
    if len(set(found.values())) > 1:
        raise RuleViolation("A batch is of one store.", code="several_stores")
    touch(store_id)
    parcels.locked_with_orders(sorted(ids), store_id)  # a memo takes its order's lock alone
    return store_id


def refuse(rows: Sequence[CheckedRow], shown: Mapping[int, str]) -> None:
    """Raise IllegalMove where some may not be printed, Conflict where some have moved, with why for each."""
    why = {str(row.parcel_id): list(row.reasons) for row in rows if row.group not in GO}
    moved = [row for row in rows if row.group in GO and shown.get(row.parcel_id or 0, row.shown) != row.shown]
    all_why = why | {str(row.parcel_id): [MOVED] for row in moved}
    if why:
        raise IllegalMove(
            "%(count)d of the chosen parcels may not be printed; nothing was printed.",
            code="not_printable", count=len(why), parcels=all_why,
        )  # fmt: skip
    if moved:
        raise Conflict(
            "%(count)d of the chosen parcels are not as you were shown; nothing was printed. Please look again.",
            code="list_changed", count=len(moved), parcels=all_why,
        )  # fmt: skip


def keep_run(
    parcel_ids: Sequence[int],
    store_id: int,
    batch: str | None,
    paper: Paper,
    parts: Parts,
    *,
    actor: Actor,
    why: Why | None = None,
    change_id: int | None = None,
) -> PrintRun:
    """Keep who prints what now, in which version."""
    run = PrintRun(
        store_id=store_id, batch_id=batch_named(batch, store_id).id if batch else None, paper=paper, parts=parts,
        why=why, change_id=change_id, made_at=clock.now(), made_by_id=actor.id,
    )  # fmt: skip
    db.session.add(run)
    db.session.flush()
    versions = {parcel.id: parcel.papers_version for parcel in parcels.locked_parcels(list(parcel_ids), store_id)}
    db.session.execute(
        insert(PrintedParcel),
        [{"store_id": store_id, "run_id": run.id, "parcel_id": i, "version": versions[i]} for i in parcel_ids],
    )
    return run
