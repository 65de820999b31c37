"""Papers once more, with why: the old ones no longer count, and a scan of them says so."""

from __future__ import annotations

from shopdesk.changes import service as changes
from shopdesk.changes.service import Evidence
from shopdesk.core import audit
from shopdesk.core.db import command, db
from shopdesk.core.errors import IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import load
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.states import LEFT, Stage
from shopdesk.printing.models import PrintRun
from shopdesk.printing.queries.asked import step_of_parcel
from shopdesk.printing.service.batches import keep_run
from shopdesk.printing.states import Paper, Parts, Why


@command
def reprint(
    parcel_id: int,
    why: Why,
    paper: Paper = Paper.A4,
    parts: Parts = Parts.BOTH,
    *,
    waybill: str | None = None,
    seen_version: int | None = None,
    actor: Actor,
) -> PrintRun:
    """Print a parcel's papers once more as a new version.

    Where the turn of an open change is to print again, this is its step: `why` counts as changed, a new `waybill` is
    taken where the label changes, `seen_version` is the change's version that was looked at.  Raises NotFound,
    NotAllowed, IllegalMove (held, not printed yet, voided, left), RuleViolation, Conflict.
    """
    parcel = load(Parcel, parcel_id, actor, Permission.PARCEL_PRINT)
    (parcel,) = parcels.locked_with_orders([parcel.id], parcel.store_id)
    asked = step_of_parcel(parcel.id, parcel.store_id)
    if asked is None:
        _by_choice(parcel, why, waybill, actor)
        return _kept(parcel, why, None, paper, parts, actor)
    change, position = asked
    evidence = Evidence(waybill=waybill)
    changes.do_step(change.id, position, evidence, actor=actor, seen_version=seen_version)
    return _kept(parcel, Why.CHANGED, change.id, paper, parts, actor)


def _by_choice(parcel: Parcel, why: Why, waybill: str | None, actor: Actor) -> None:
    _check(parcel)
    if waybill:
        raise RuleViolation("A new waybill number comes only with a change.", code="no_waybill_here")
    version = parcel_service.reprint(parcel)
    order = parcels.orders_in_parcel(parcel.id, parcel.store_id)[0]
    audit.record(
        "parcel.reprinted", "parcel", parcel.id, actor, store_id=parcel.store_id, order_id=order.id, version=version,
        because=str(why),
    )  # fmt: skip


def _check(parcel: Parcel) -> None:
    """The row is locked: nothing comes between this look and the re-print."""
    if parcel.stage is Stage.VOIDED:
        raise IllegalMove("This parcel is voided: its papers are not printed again.", code="voided")
    if parcel.stage in LEFT:
        raise IllegalMove("This parcel has left: its papers are not printed again.", code="after_sale")
    if parcel.holds:
        raise IllegalMove("This parcel is on hold: its papers are not printed again now.", code="held")
    if parcel.stage is Stage.UNPRINTED:
        raise IllegalMove("This parcel is not printed yet: print it from the queue.", code="not_printed_yet")


def _kept(parcel: Parcel, why: Why, change_id: int | None, paper: Paper, parts: Parts, actor: Actor) -> PrintRun:
    db.session.refresh(parcel)
    batch = parcels.batch_name(parcel)
    return keep_run(
        [parcel.id], parcel.store_id, batch, paper, parts, actor=actor, why=why, change_id=change_id
    )  # fmt: skip
