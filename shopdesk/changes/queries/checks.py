"""What of a pasted list may be printed now (domain.md §3, pre-print check)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import select

from shopdesk.changes.playbook import Code
from shopdesk.changes.queries.sight import CHANGES, MEMOS, changes_seen, memos_seen, sight
from shopdesk.changes.rules import OpenChange, check_group
from shopdesk.changes.states import ChangeState, Group
from shopdesk.core.among import among
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.reading import Reading
from shopdesk.core.text import fold
from shopdesk.notices.models import NoticeState
from shopdesk.orders.models import Order, SearchKey
from shopdesk.orders.queries import readiness_now
from shopdesk.orders.states import KeyKind, Readiness
from shopdesk.parcels.models import Hold, Parcel, ParcelLine
from shopdesk.parcels.states import HoldCause, Stage
from shopdesk.staff.models import Store, Warehouse, WarehouseKind

P = Permission.PRINT_CHECK
MOST_KEY = 128  # characters of a search key


class CheckedRow(NamedTuple):
    """One line of a pre-print check as it stands now; the changes are to be worded by the page or API."""

    position: int
    pasted: str
    group: Group
    reasons: tuple[str, ...] = ()
    order_id: int | None = None
    parcel_id: int | None = None
    store_id: int | None = None
    change_ids: tuple[int, ...] = ()
    shown: str = ""  # queries.sight: what is there to be seen of the parcel


def look(numbers: Sequence[str], actor: Actor) -> list[CheckedRow]:
    """Every number with what may be done with its parcel now (domain.md §3, pre-print check), in the given order."""
    keys = [fold(number)[:MOST_KEY] for number in numbers]
    orders, parcel_ids = _named(keys, actor)
    places = _by_order(_OF_PARCELS.rows(actor, P, ids=parcel_ids))
    states = States.load(sorted({place.parcel_id for found in places.values() for place in found}), actor, P)
    rows: list[CheckedRow] = []
    for number, key in zip(numbers, keys, strict=True):
        found = [(order_id, place) for order_id in orders.get(key, ()) for place in places.get(order_id, ())]
        if not found:
            rows.append(CheckedRow(len(rows) + 1, number, Group.UNKNOWN, ("not_found",)))
        for order_id, place in found:
            rows.append(states.row(len(rows) + 1, number, order_id, place))
    return rows


def look_at_parcels(parcel_ids: Sequence[int], actor: Actor, permission: Permission) -> list[CheckedRow]:
    """The same for parcels that are named by their ids, in that order; a row names the first order with units in it.

    What is not in the actor's stores is left out.
    """
    rows = _OF_PARCELS.rows(actor, permission, ids=list(parcel_ids))
    places: dict[int, tuple[int, _Place]] = {}
    for order_id, found in _by_order(rows).items():
        for place in found:
            known = places.get(place.parcel_id)
            if known is None or (place.units and not known[1].units):
                places[place.parcel_id] = (order_id, place)
    states = States.load(sorted(places), actor, permission)
    return [states.row(at, "", *places[i]) for at, i in enumerate(parcel_ids, start=1) if i in places]


_NAMED = Reading(
    select(SearchKey.value, SearchKey.order_id, ParcelLine.parcel_id)
    .outerjoin(ParcelLine, ParcelLine.order_id == SearchKey.order_id)
    .where(among(SearchKey.value, "keys"), SearchKey.kind.in_([KeyKind.NUMBER, KeyKind.WAYBILL]))
    .order_by(SearchKey.order_id),
    SearchKey.store_id,
)
_CONTENTS = (
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
        Order.has_list,
        Parcel.ship_address.is_not(None).label("has_address"),
        Parcel.warehouse_id.in_(select(Warehouse.id).where(Warehouse.kind == WarehouseKind.SUPPLIER)).label(
            "is_supplied"
        ),
    )
    .join(Parcel, Parcel.id == ParcelLine.parcel_id)
    .join(Order, Order.id == ParcelLine.order_id)
    .join(Store, Store.id == Order.store_id)
    .order_by(ParcelLine.order_id, ParcelLine.parcel_id)
)
_OF_PARCELS = Reading(_CONTENTS.where(among(ParcelLine.parcel_id, "ids")), ParcelLine.store_id)
_STOPS = Reading(
    select(Hold.parcel_id).where(among(Hold.parcel_id, "ids"), Hold.ended_at.is_(None), Hold.cause == HoldCause.STOP),
    Hold.store_id,
)


def _named(keys: Sequence[str], actor: Actor) -> tuple[dict[str, list[int]], list[int]]:
    """Folded number or waybill → order ids; and every parcel that has or had units of them."""
    found: dict[str, dict[int, None]] = defaultdict(dict)
    parcel_ids = set()
    for value, order_id, parcel_id in _NAMED.rows(actor, P, keys=list(dict.fromkeys(keys))):
        found[value][order_id] = None
        parcel_ids.add(parcel_id)
    return {value: list(ids) for value, ids in found.items()}, sorted(parcel_ids - {None})


@dataclass(slots=True)
class _Place:
    """A parcel with units of an order in it; `readinesses`: of all orders with units in it."""

    parcel_id: int
    store_id: int
    stage: Stage
    units: int = 0  # of this order
    readinesses: dict[int, Readiness] = field(default_factory=dict)  # by order
    unknown: set[str] = field(default_factory=set)  # what nobody told of the orders with units in it


def _unknown(row: Any) -> Iterator[str]:
    if row.is_supplied:
        yield "ships_from_supplier"
    if not row.has_list:
        yield "list_missing"
    if not row.has_address:
        yield "address_missing"


def _by_order(rows: Sequence[Any]) -> dict[int, list[_Place]]:
    """Where the units of each order stand; of an order without any, where they stood."""
    there: dict[int, dict[int, _Place]] = defaultdict(dict)
    ready: dict[int, dict[int, Readiness]] = defaultdict(dict)
    unknown: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        of_parcel = ready[row.parcel_id]
        if row.quantity:
            of_parcel[row.order_id] = readiness_now(row.readiness, row.ready_on, row.status, row.zone)
            unknown[row.parcel_id].update(_unknown(row))
        place = there[row.order_id].get(row.parcel_id)
        if place is None:
            place = _Place(row.parcel_id, row.store_id, row.stage, 0, of_parcel, unknown[row.parcel_id])
            there[row.order_id][row.parcel_id] = place
        place.units += row.quantity
    full = {order_id: [p for p in found.values() if p.units] for order_id, found in there.items()}
    return {order_id: full[order_id] or list(found.values()) for order_id, found in there.items()}


@dataclass(frozen=True, slots=True)
class States:
    """What else the groups are decided from, for all parcels of a list in a few statements."""

    changes: dict[int, list[OpenChange]]
    stopped: set[int]
    memos: set[int]
    changes_seen: dict[int, list[Any]]
    memos_seen: dict[int, list[Any]]

    @classmethod
    def load(cls, parcel_ids: list[int], actor: Actor, permission: Permission) -> States:
        stopped = {row.parcel_id for row in _STOPS.rows(actor, permission, ids=parcel_ids)}
        memos = MEMOS.rows(actor, permission, ids=parcel_ids)
        changes = CHANGES.rows(actor, permission, ids=parcel_ids)
        return cls(
            _open_changes(changes),
            stopped,
            {row.parcel_id for row in memos if row.state is NoticeState.OPEN},
            changes_seen(changes),
            memos_seen(memos),
        )

    def row(self, position: int, number: str, order_id: int, place: _Place) -> CheckedRow:
        parcel_id = place.parcel_id
        changes = self.changes.get(parcel_id, [])
        group, reasons = check_group(
            place.stage,
            is_empty=not place.units,
            unknown=sorted(place.unknown, reverse=True) if place.stage is Stage.UNPRINTED else (),
            readinesses=list(place.readinesses.values()),
            changes=changes,
            is_stopped=parcel_id in self.stopped,
            has_memo=parcel_id in self.memos,
        )
        ids = tuple(change.change_id for change in changes)
        shown = sight(place.units, self.changes_seen.get(parcel_id, ()), self.memos_seen.get(parcel_id, ()))
        return CheckedRow(position, number, group, tuple(reasons), order_id, parcel_id, place.store_id, ids, shown)


def _open_changes(rows: Sequence[Any]) -> dict[int, list[OpenChange]]:
    """Open changes that hold these parcels; confirmed ones wait only for the acknowledgement."""
    first: dict[int, Any] = {}
    for row in rows:
        if row.state is ChangeState.OPEN:
            first.setdefault(row.id, row)
    found: dict[int, list[OpenChange]] = defaultdict(list)
    for row in first.values():
        found[row.parcel_id].append(OpenChange(row.id, row.code == Code.ACKNOWLEDGE))
    return found
