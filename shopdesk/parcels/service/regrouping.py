"""Parcels split, merged and sent from elsewhere, unit by unit; whether they may be is decided by changes.

Orders and parcels are locked by the caller.  A line's counter `in_parcels` does not move: its units only change places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import update

from shopdesk.core import clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.orders.models import OrderLink
from shopdesk.orders.states import LinkKind
from shopdesk.parcels import queries
from shopdesk.parcels.models import Parcel, ParcelLine
from shopdesk.parcels.service.making import readdress
from shopdesk.parcels.service.moving import void
from shopdesk.parcels.service.stops import catch
from shopdesk.parcels.states import Stage


@command
def split_off(home: Parcel, units: Mapping[int, int], *, actor: Actor) -> Parcel:
    """Put `units` (line id → how many) of an unprinted parcel into a new one.  Raises Conflict where they moved."""
    made = Parcel(
        store_id=home.store_id, warehouse_id=home.warehouse_id, stage=Stage.UNPRINTED, stage_source=home.stage_source,
        stage_origin=home.stage_origin, stage_as_of=home.stage_as_of, made_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    rows = {row.line_id: row for row in queries.parcel_lines([home.id], home.store_id)}
    for line_id, wanted in units.items():
        row = rows.get(line_id)
        if row is None:
            raise Conflict("The units have moved meanwhile. Please look again.", code="units_moved")
        _move(row, wanted, made)
    db.session.flush()
    _touch(home)
    _settle([home, made])
    _link(LinkKind.SPLIT, home, made, actor)
    return made


def _move(row: ParcelLine, units: int, to: Parcel) -> None:
    """One conditional UPDATE decides.  All units of a row go with it, so that nobody finds the line in both."""
    mine = in_store(update(ParcelLine), row.store_id, ParcelLine).where(ParcelLine.id == row.id)
    if units == row.quantity:
        moved = rows_changed(mine.where(ParcelLine.quantity == units).values(parcel_id=to.id))
    else:
        left = ParcelLine.quantity - units
        moved = rows_changed(mine.where(left > 0).values(quantity=left))
        db.session.add(
            ParcelLine(
                store_id=row.store_id, parcel_id=to.id, order_id=row.order_id, line_id=row.line_id, quantity=units
            )
        )
    if moved != 1:
        raise Conflict("The units have moved meanwhile. Please look again.", code="units_moved")


@command
def merge_into(home: Parcel, away: Sequence[Parcel], *, actor: Actor) -> Parcel:
    """Put all units of unprinted parcels into the first; the empty ones are voided, and say where their units are."""
    _link_merged(home, away, actor)
    for parcel in away:
        there = {row.line_id: row for row in queries.parcel_lines([home.id], home.store_id)}
        for row in queries.parcel_lines([parcel.id], home.store_id):
            same = there.get(row.line_id)
            if same is None:
                row.parcel_id = home.id
            else:  # the line was split before: its units come together again
                same.quantity += row.quantity
                db.session.flush()
                db.session.delete(row)
        db.session.flush()
        catch([parcel.id], home.store_id)  # without units no stop holds it
        void(parcel, person_id=actor.id)
        parcel.merged_into_id = home.id
        _know_less(home, parcel)
    db.session.flush()
    _touch(home)
    _settle([home])
    return home


def _know_less(home: Parcel, other: Parcel) -> None:
    """The merged parcel is known to be unprinted only for the older of the two moments."""
    if other.stage_as_of is None or (home.stage_as_of and other.stage_as_of < home.stage_as_of):
        home.stage_as_of = other.stage_as_of


@command
def send_from(parcel: Parcel, warehouse_id: int) -> None:
    """The parcel is sent from this warehouse."""
    parcel.warehouse_id = warehouse_id
    _touch(parcel)


def _touch(parcel: Parcel) -> None:
    parcel.version += 1
    db.session.flush()


def _settle(parcels: Sequence[Parcel]) -> None:
    """Each goes where the newest decision about its own orders says, and is held by the stops that match it now."""
    for order in {o.id: o for p in parcels for o in queries.orders_in_parcel(p.id, p.store_id)}.values():
        readdress(order)
        order.version += 1
    db.session.flush()
    catch([parcel.id for parcel in parcels], parcels[0].store_id)
    for parcel in parcels:
        db.session.refresh(parcel)


def _link(kind: LinkKind, home: Parcel, made: Parcel, actor: Actor) -> None:
    stay = [order.id for order in queries.orders_in_parcel(home.id, home.store_id)]
    gone = [order.id for order in queries.orders_in_parcel(made.id, home.store_id)]
    for order_id in gone:
        _add_link(kind, made, order_id, order_id if order_id in stay else stay[0], actor)


def _link_merged(home: Parcel, away: Sequence[Parcel], actor: Actor) -> None:
    first = queries.orders_in_parcel(home.id, home.store_id)[0].id
    for parcel in away:
        for order in queries.orders_in_parcel(parcel.id, home.store_id):
            _add_link(LinkKind.MERGED, home, order.id, first, actor)


def _add_link(kind: LinkKind, parcel: Parcel, order_id: int, other_id: int, actor: Actor) -> None:
    db.session.add(
        OrderLink(
            store_id=parcel.store_id, order_id=order_id, other_id=other_id, kind=kind, parcel_id=parcel.id,
            made_at=clock.now(), made_by_id=actor.id,
        )
    )  # fmt: skip
    db.session.flush()
