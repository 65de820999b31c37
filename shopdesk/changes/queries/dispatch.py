"""What of a pasted list may go onto the truck now (domain.md §3a, pre-dispatch check), and why a parcel may not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from shopdesk.changes.queries.checks import CheckedRow, States, look
from shopdesk.changes.queries.sight import sight
from shopdesk.changes.rules import check_dispatch_group
from shopdesk.changes.states import Group, Purpose
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.reading import Reading
from shopdesk.orders.models import Order
from shopdesk.orders.queries import readiness_now
from shopdesk.orders.states import Readiness
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel, ParcelLine
from shopdesk.parcels.queries import Meant
from shopdesk.parcels.states import Named, Stage
from shopdesk.staff.models import Store, Warehouse, WarehouseKind

#: What a check of each purpose needs.
NEEDS = {Purpose.PRINT: Permission.PRINT_CHECK, Purpose.DISPATCH: Permission.DISPATCH_CHECK}


def look_for(purpose: Purpose, numbers: Sequence[str], actor: Actor) -> list[CheckedRow]:
    """Every number with what may be done with its parcel now, in the given order."""
    return look(numbers, actor) if purpose is Purpose.PRINT else look_at_truck(numbers, actor)


def look_at_truck(numbers: Sequence[str], actor: Actor) -> list[CheckedRow]:
    """A waybill stands for its own parcel; an order number only where the order is in one."""
    codes = [parcels.scanned(number) for number in numbers]
    meant = parcels.resolve(list(dict.fromkeys(code for code in codes if code)), actor, Permission.DISPATCH_CHECK)
    found = [meant.get(code, Meant(Named.UNKNOWN)) for code in codes]
    ids = sorted({one.parcel_id for one in found if one.parcel_id is not None})
    standing = standing_of(ids, actor, Permission.DISPATCH_CHECK)
    return [
        _row(place, number, one, standing.get(one.parcel_id or 0))
        for place, (number, one) in enumerate(zip(numbers, found, strict=True), start=1)
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a parcel stands before it is packed or leaves: what speaks against it, as codes."""

    parcel_id: int
    store_id: int
    order_id: int  # the first one with units in it
    group: Group
    reasons: tuple[str, ...]
    change_ids: tuple[int, ...]
    shown: str  # without memos, which stop no truck


def standing_of(parcel_ids: list[int], actor: Actor, permission: Permission) -> dict[int, Standing]:
    """By parcel, in a handful of statements; the row of the parcel itself decides again in its command."""
    states = States.load(parcel_ids, actor, permission)
    by_parcel: dict[int, list[Any]] = defaultdict(list)
    for row in _LINES.rows(actor, permission, ids=parcel_ids):
        by_parcel[row.parcel_id].append(row)
    return {parcel_id: _standing(rows, states) for parcel_id, rows in by_parcel.items()}


_LINES = Reading(
    select(
        ParcelLine.parcel_id,
        ParcelLine.order_id,
        ParcelLine.quantity,
        Parcel.stage,
        Parcel.store_id,
        Order.readiness,
        Order.ready_on,
        Order.status,
        Store.zone,
        (Warehouse.kind == WarehouseKind.SUPPLIER).label("is_supplied"),
    )
    .join(Parcel, Parcel.id == ParcelLine.parcel_id)
    .join(Order, Order.id == ParcelLine.order_id)
    .join(Store, Store.id == Order.store_id)
    .join(Warehouse, Warehouse.id == Parcel.warehouse_id)
    .where(ParcelLine.parcel_id.in_(bindparam("ids", expanding=True)))
    .order_by(ParcelLine.parcel_id, ParcelLine.order_id, ParcelLine.id),
    ParcelLine.store_id,
)


def _standing(rows: list[Any], states: States) -> Standing:
    full = [row for row in rows if row.quantity]
    first = (full or rows)[0]
    ready: dict[int, Readiness] = {
        row.order_id: readiness_now(row.readiness, row.ready_on, row.status, row.zone) for row in full
    }
    changes = states.changes.get(first.parcel_id, [])
    group, reasons = check_dispatch_group(
        Stage(first.stage),
        is_empty=not full,
        readinesses=list(ready.values()),
        has_open_change=bool(changes),
        is_stopped=first.parcel_id in states.stopped,
        is_supplied=bool(first.is_supplied),
    )
    ids = tuple(change.change_id for change in changes)
    shown = sight(sum(row.quantity for row in full), states.changes_seen.get(first.parcel_id, ()))
    return Standing(first.parcel_id, first.store_id, first.order_id, group, tuple(reasons), ids, shown)


def _row(place: int, number: str, meant: Meant, standing: Standing | None) -> CheckedRow:
    if meant.named in {Named.UNKNOWN, Named.FOREIGN}:
        reason = "not_found" if meant.named is Named.UNKNOWN else "foreign"
        return CheckedRow(place, number, Group.UNKNOWN, (reason,))
    if standing is None:
        return CheckedRow(place, number, Group.STOP, (str(meant.named),))
    group, reasons = standing.group, standing.reasons
    if meant.named in {Named.SUPERSEDED, Named.OLD_PAPERS}:
        group, reasons = Group.STOP, (str(meant.named), *(reasons if group is Group.STOP else ()))
    if (
        meant.named is Named.CANCELLED and "nothing_left" not in reasons
    ):  # a merged parcel goes on without it, under its own papers
        return CheckedRow(place, number, Group.STOP, (str(meant.named),))
    return CheckedRow(
        place, number, group, reasons, standing.order_id, standing.parcel_id, standing.store_id, standing.change_ids,
        standing.shown,
    )  # fmt: skip
