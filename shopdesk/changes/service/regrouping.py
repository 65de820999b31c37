"""拆单, 合单: unprinted parcels split and merged by hand, and sent from another warehouse.

Refused while a change is open: its steps, its notice and its hold speak of the parcel as it is.  Changes that are done
go with the units of their order, so that a late fact about the new parcel still finds them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import update

from shopdesk.changes.models import Change
from shopdesk.changes.queries import regroup
from shopdesk.core import audit
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, load
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel
from shopdesk.staff import queries as staff


@command
def split_parcel(parcel_id: int, units: Mapping[int, int], *, actor: Actor) -> Parcel:
    """Put units (line id → how many) into a new parcel.

    Raises NotFound, NotAllowed, IllegalMove (printed, an open change, in doubt …), RuleViolation (the units), Conflict.
    """
    home = _locked([parcel_id], actor)[0]
    refused = regroup.refusal_to_split(home)
    if refused is not None:
        raise refused
    there = {row.line_id: row.quantity for row in parcels.parcel_lines([home.id], home.store_id) if row.quantity}
    wanted = {line_id: count for line_id, count in units.items() if count}
    parcel_service.check_units(there, wanted)
    return _split(home, wanted, actor)


def _split(home: Parcel, wanted: Mapping[int, int], actor: Actor) -> Parcel:
    made = parcel_service.split_off(home, wanted, actor=actor)
    _follow_orders(home, made)
    for order in parcels.orders_in_parcel(made.id, made.store_id):
        audit.record(
            "parcel.split", "parcel", home.id, actor, store_id=home.store_id, order_id=order.id, made=made.id,
            units=sum(wanted.values()),
        )  # fmt: skip
    return made


def split_order_off(order_id: int, parcel_id: int, *, actor: Actor) -> Parcel:
    """Put all units of one order of a merged parcel into a parcel of its own (within the caller's command)."""
    home = _locked([parcel_id], actor)[0]
    rows = parcels.parcel_lines([home.id], home.store_id)
    return split_parcel(parcel_id, {r.line_id: r.quantity for r in rows if r.order_id == order_id}, actor=actor)


@command
def merge_parcels(parcel_ids: Sequence[int], *, actor: Actor) -> Parcel:
    """Put several parcels of one buyer and address into the first of them.

    Raises NotFound, NotAllowed, IllegalMove (printed, held, an open change, in doubt …), RuleViolation (another buyer,
    address, store or warehouse).
    """
    ids = list(dict.fromkeys(parcel_ids))
    parcel_service.check_merged(ids)
    there = {parcel.id: parcel for parcel in _locked(ids, actor)}
    home, away = there[ids[0]], [there[i] for i in ids[1:]]
    for parcel in away:
        refused = regroup.refusal_to_merge(home, parcel)
        if refused is not None:
            raise refused
    names = {order.id for parcel in there.values() for order in parcels.orders_in_parcel(parcel.id, parcel.store_id)}
    parcel_service.merge_into(home, away, actor=actor)
    for parcel in away:
        ours = in_store(update(Change), home.store_id, Change)
        rows_changed(ours.where(Change.parcel_id == parcel.id).values(parcel_id=home.id))
    for order_id in sorted(names):
        audit.record(
            "parcel.merged", "parcel", home.id, actor, store_id=home.store_id, order_id=order_id,
            away=[parcel.id for parcel in away],
        )  # fmt: skip
    db.session.flush()
    return home


def _follow_orders(home: Parcel, made: Parcel) -> None:
    """Changes of orders that left the parcel whole go along."""
    stay = {row.order_id for row in parcels.parcel_lines([home.id], home.store_id)}
    gone = {row.order_id for row in parcels.parcel_lines([made.id], made.store_id)} - stay
    if gone:
        ours = in_store(update(Change), home.store_id, Change)
        rows_changed(ours.where(Change.parcel_id == home.id, Change.order_id.in_(gone)).values(parcel_id=made.id))


def _locked(parcel_ids: Sequence[int], actor: Actor) -> list[Parcel]:
    """Found through the scope, of one store; orders and parcels locked."""
    stores = {load(Parcel, parcel_id, actor, Permission.PARCEL_REGROUP).store_id for parcel_id in parcel_ids}
    if len(stores) != 1:
        raise RuleViolation("Parcels of two stores cannot be merged.", code="other_store")
    return parcels.locked_with_orders(list(parcel_ids), stores.pop())


@command
def ship_from(parcel_id: int, warehouse_id: int, *, actor: Actor) -> Parcel:
    """Send an unprinted parcel from another warehouse that serves the store, own or a supplier's.

    Raises NotFound (also for a warehouse that does not serve the store), NotAllowed, IllegalMove as for splitting.
    """
    parcel = _locked([parcel_id], actor)[0]
    named = {found.id: found for found in staff.warehouses_of(parcel.store_id)}
    if warehouse_id not in named:
        raise NotFound("This warehouse does not serve the store.", code="no_such_warehouse")
    refused = regroup.refusal_to_split(parcel)
    if refused is not None:
        raise refused
    if parcel.warehouse_id != warehouse_id:
        former = parcel.warehouse_id
        parcel_service.send_from(parcel, warehouse_id)
        for order in parcels.orders_in_parcel(parcel.id, parcel.store_id):
            order.version += 1
            audit.record(
                "parcel.rerouted", "parcel", parcel.id, actor, store_id=parcel.store_id, order_id=order.id,
                warehouse=warehouse_id, was=former,
            )  # fmt: skip
        db.session.flush()
    return parcel
