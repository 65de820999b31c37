"""The door to what lies at a dock: a parcel belongs to a warehouse, and is seen by who works for a store it serves.

A parcel that is matched belongs to the stores of its returns: people of the warehouse's other stores do not see it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from shopdesk.core.db import db
from shopdesk.core.errors import NotAllowed, NotFound
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.core.scope import of_found, touch, within
from shopdesk.returns.models import Arrival, ArrivalMatch, ArrivalPhoto, Disposition, Finding
from shopdesk.returns.rules.findings import label_code
from shopdesk.returns.rules.matching import parcel_of_code, taken_out_code
from shopdesk.returns.states import ArrivalState, Identity
from shopdesk.staff.models import Store, Warehouse, WarehouseKind, WarehouseStore

LOOK = Permission.ARRIVAL_READ
MOST = 200  # rows of a list


def warehouses_of(actor: Actor, permission: Permission = LOOK) -> list[Warehouse]:
    """Own warehouses that serve a store where the actor holds the permission, by name."""
    ids = _served(actor, permission)
    own = Warehouse.id.in_(ids), Warehouse.kind == WarehouseKind.OWN
    return list(db.session.scalars(select(Warehouse).where(*own).order_by(Warehouse.name)))


def warehouse_for(warehouse_id: int, actor: Actor, permission: Permission) -> Warehouse:
    """Raises NotFound where it serves none of the actor's stores, NotAllowed where the actor may only look."""
    for found in warehouses_of(actor, permission):
        if found.id == warehouse_id:
            return found
    if any(found.id == warehouse_id for found in warehouses_of(actor, Permission.ORDER_READ)):
        raise NotAllowed("Your roles do not allow this.", permission=str(permission))
    raise NotFound("There is no such thing here.")


def load_arrival(arrival_id: int, actor: Actor, permission: Permission = LOOK, *, lock: str = "") -> Arrival:
    """One parcel by id.  Raises NotFound: also in a warehouse that serves none of the actor's stores; NotAllowed."""
    statement = select(Arrival).where(Arrival.id == arrival_id)
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    arrival = db.session.scalars(statement).one_or_none()
    stores = _stores_of(arrival, actor) if arrival else []
    if arrival is None or not stores:
        raise NotFound("There is no such thing here.")
    store_id = next((i for i in stores if actor.may(permission, i)), stores[0])
    touch(store_id)
    require(actor, permission, store_id)
    return arrival


def store_of(arrival: Arrival, actor: Actor) -> int | None:
    """The store in whose history an event about it stands; none while nobody knows whose it is."""
    return store_for(arrival, actor, Permission.ORDER_READ) if arrival.is_matched else None


def is_matched_elsewhere(arrival_id: int) -> bool:
    """Whether any return of any store claims goods of it; only yes or no leaves here."""
    statement = select(ArrivalMatch.id).where(ArrivalMatch.arrival_id == arrival_id).limit(1)
    return db.session.scalar(of_found(statement)) is not None


def store_for(arrival: Arrival, actor: Actor, permission: Permission = LOOK) -> int:
    """The store of the actor's that a parcel is looked at for: of its returns, else one that the warehouse serves."""
    return next(i for i in _stores_of(arrival, actor) if actor.may(permission, i))


def _stores_of(arrival: Arrival, actor: Actor) -> list[int]:
    """The actor's stores that the parcel concerns."""
    if arrival.is_matched:
        statement = select(ArrivalMatch.store_id).where(ArrivalMatch.arrival_id == arrival.id).distinct()
        return sorted(db.session.scalars(within(statement, actor, Permission.ORDER_READ, ArrivalMatch)))
    return sorted(_served(actor, Permission.ORDER_READ).get(arrival.warehouse_id, ()))


def _served(actor: Actor, permission: Permission) -> dict[int, set[int]]:
    """Warehouse → the stores of the actor's that it serves, by default or beside another."""
    ids = actor.stores_with(permission)
    found: dict[int, set[int]] = defaultdict(set)
    for store_id, warehouse_id in db.session.execute(select(Store.id, Store.warehouse_id).where(Store.id.in_(ids))):
        found[warehouse_id].add(store_id)
    beside = select(WarehouseStore.store_id, WarehouseStore.warehouse_id)
    for store_id, warehouse_id in db.session.execute(within(beside, actor, permission, WarehouseStore)):
        found[warehouse_id].add(store_id)
    return found


# -- lists -------------------------------------------------------------------------------------------------------------


def arrivals(actor: Actor, *which: ColumnElement[bool], limit: int = MOST, newest: bool = False) -> list[Arrival]:
    """Those that the actor sees, the longest waiting first, or the newest."""
    here = Arrival.warehouse_id.in_([one.id for one in warehouses_of(actor)])
    order = Arrival.id.desc() if newest else Arrival.id
    free = select(Arrival).where(here, Arrival.is_matched.is_(False), *which)
    match = select(ArrivalMatch.arrival_id).join(Arrival, Arrival.id == ArrivalMatch.arrival_id).where(here, *which)
    ids = db.session.scalars(within(match.distinct().order_by(ArrivalMatch.arrival_id), actor, LOOK, ArrivalMatch))
    chosen = sorted(ids, reverse=newest)[:limit]
    known = select(Arrival).where(Arrival.id.in_(chosen))
    rows = [*db.session.scalars(free.order_by(order).limit(limit)), *db.session.scalars(known)]
    return sorted(rows, key=lambda row: row.id, reverse=newest)[:limit]


def unknown(actor: Actor, limit: int = MOST) -> list[Arrival]:
    """无主件: parcels, and goods that were taken out of one, that nobody has matched, the oldest first."""
    return arrivals(actor, is_unknown(), limit=limit)


def is_unknown() -> ColumnElement[bool]:
    """Not matched, and still here: what was sent back or put away whole is looked for no more."""
    left = select(Finding.id).where(Finding.arrival_id == Arrival.id, *LIVE, Finding.disposed < Finding.quantity)
    return Arrival.is_matched.is_(False) & ((Arrival.state != ArrivalState.INSPECTED) | left.exists())


def taken_out(arrival: Arrival, actor: Actor) -> list[Arrival]:
    """Goods of somebody else that lay in it, as far as the actor sees them."""
    head = taken_out_code(arrival.waybill, 1)[:-1]
    same = Arrival.warehouse_id == arrival.warehouse_id, Arrival.waybill.startswith(head, autoescape=True)
    found = [row for row in arrivals(actor, *same) if row.waybill.removeprefix(head).isdigit()]
    return [row for row in found if findings(row)]  # not what a correction took back


def taken_from(arrival: Arrival, actor: Actor) -> Arrival | None:
    """The parcel that these goods were taken out of, where the actor sees it."""
    head = parcel_of_code(arrival.waybill)
    if head is None:
        return None
    same = Arrival.warehouse_id == arrival.warehouse_id, Arrival.waybill.startswith(head, autoescape=True)
    whole = [row for row in arrivals(actor, *same) if parcel_of_code(row.waybill) != head]
    found = [row for row in whole if parcel_of_code(taken_out_code(row.waybill, 1)) == head]
    return found[0] if found else None


def unopened(actor: Actor, before: datetime | None = None, limit: int = MOST) -> list[Arrival]:
    """Signed in and not opened, the oldest first; `before`: only those that wait since then."""
    which: list[ColumnElement[bool]] = [Arrival.state == ArrivalState.SIGNED_IN]
    if before is not None:
        which.append(Arrival.signed_in_at <= before)
    return arrivals(actor, *which, limit=limit)


@dataclass(frozen=True, slots=True)
class Undecided:
    """Units that were found and went nowhere yet."""

    finding: Finding
    arrival: Arrival

    @property
    def units(self) -> int:
        return self.finding.quantity - self.finding.disposed


def undecided(actor: Actor, limit: int = MOST) -> list[Undecided]:
    """The longest waiting first."""
    open_ids = select(Finding.arrival_id).where(*LIVE, Finding.disposed < Finding.quantity)
    there = {arrival.id: arrival for arrival in arrivals(actor, Arrival.id.in_(open_ids), limit=limit)}
    statement = select(Finding).where(Finding.arrival_id.in_(there), *LIVE, Finding.disposed < Finding.quantity)
    rows = db.session.scalars(statement.order_by(Finding.found_at, Finding.id).limit(limit))
    return [Undecided(row, there[row.arrival_id]) for row in rows]


#: Findings that stand, of units that are really there.
LIVE = (Finding.replaced_at.is_(None), Finding.identity != Identity.MISSING)


# -- what belongs to one parcel, which the caller loaded through this door -------------------------------------------


def findings(arrival: Arrival) -> list[Finding]:
    """Those that stand, as they were written down."""
    standing = Finding.arrival_id == arrival.id, Finding.replaced_at.is_(None)
    return list(db.session.scalars(select(Finding).where(*standing).order_by(Finding.id)))


def dispositions(finding_ids: Sequence[int]) -> list[Disposition]:
    """Of findings that were read through this door."""
    statement = select(Disposition).where(Disposition.finding_id.in_(finding_ids)).order_by(Disposition.id)
    return list(db.session.scalars(statement))


def photos(arrival: Arrival) -> list[ArrivalPhoto]:
    statement = select(ArrivalPhoto).where(ArrivalPhoto.arrival_id == arrival.id).order_by(ArrivalPhoto.id)
    return list(db.session.scalars(statement))


def photo(arrival: Arrival, photo_id: int) -> ArrivalPhoto:
    """One of its photos.  Raises NotFound."""
    for row in photos(arrival):
        if row.id == photo_id:
            return row
    raise NotFound("There is no such thing here.")


def label(finding: Finding) -> str:
    """What the barcode on its label says."""
    return label_code(finding.id)


def matches(arrival_ids: Sequence[int], actor: Actor, permission: Permission = LOOK) -> list[ArrivalMatch]:
    """Only with returns of the actor's own stores."""
    statement = select(ArrivalMatch).where(ArrivalMatch.arrival_id.in_(arrival_ids)).order_by(ArrivalMatch.id)
    return list(db.session.scalars(within(statement, actor, permission, ArrivalMatch)))
