"""发货核对: the button that says what was checked has left with the truck."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import update

from shopdesk.changes import queries
from shopdesk.changes.models import PrintCheck
from shopdesk.changes.queries import CheckedRow
from shopdesk.changes.service.checking import as_it_stands, claim, pasted
from shopdesk.changes.service.facts import compare_late
from shopdesk.changes.states import Group, Purpose
from shopdesk.core import audit, clock
from shopdesk.core.db import command, rows_changed
from shopdesk.core.errors import Conflict, IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage


@command
def mark_shipped(check_id: int, left_at: datetime, *, actor: Actor) -> PrintCheck:
    """The button *shipped with the truck, HH:MM*: all that may leave is shipped, or nothing is.

    Raises Conflict when a row is not what was shown (somebody asked for a change meanwhile), IllegalMove when the list
    was shipped already, RuleViolation when nothing in it may leave.
    """
    check = queries.own_check(check_id, actor, Purpose.DISPATCH)
    at = min(left_at, clock.now())
    if not claim(check, None):
        raise IllegalMove("This list was shipped already.", code="already_shipped")
    rows_changed(update(PrintCheck).where(PrintCheck.id == check.id).values(left_at=at))
    for store_id, ids in _by_store(queries.look_at_truck(pasted(check), actor)):
        parcels.locked_with_orders(ids, store_id)
    now, moved = as_it_stands(check, actor)
    if moved:
        raise Conflict(
            "%(count)d rows have changed since you looked; nothing was shipped. Please check the list again.",
            code="list_changed", count=len(moved), rows=moved[:20],
        )  # fmt: skip
    go = [row for row in now if row.group is Group.DISPATCHABLE]
    if not go:
        raise RuleViolation("Nothing in this list may leave.", code="nothing_to_ship")
    for store_id, ids in _by_store(go):
        _ship(store_id, ids, at, check, actor)
    return check


def _by_store(rows: Iterable[CheckedRow]) -> list[tuple[int, list[int]]]:
    """(store, its parcels), both ascending."""
    found: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        if row.store_id is not None and row.parcel_id is not None:
            found[row.store_id].add(row.parcel_id)
    return [(store_id, sorted(ids)) for store_id, ids in sorted(found.items())]


def _ship(store_id: int, ids: list[int], at: datetime, check: PrintCheck, actor: Actor) -> None:
    if not actor.may(Permission.PARCEL_SHIP, store_id):
        raise Conflict("Part of this list is no longer yours to ship.", code="list_changed")
    require(actor, Permission.PARCEL_SHIP, store_id)
    parcel_service.ship_parcels(ids, store_id=store_id, left_at=at, person_id=actor.id)
    audit.record(
        "dispatch_check.shipped", "dispatch_check", check.id, actor, store_id=store_id, parcels=len(ids),
        left_at=at.isoformat(),
    )  # fmt: skip
    told = Report(stage=Stage.SHIPPED, happened_at=at, as_of=clock.now(), source=Source.CHECK, person_id=actor.id)
    for parcel_id in queries.overtaken_after(ids, store_id, at):
        compare_late(parcels.parcel_by_id(parcel_id, store_id), told, known_before=None, actor=actor)
