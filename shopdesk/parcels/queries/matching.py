"""Which parcels in the house a stop is about: read for many at once, decided by rules.stops."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Label, select

from shopdesk.core.db import db
from shopdesk.core.personal import unpack
from shopdesk.core.scope import in_store
from shopdesk.core.text import fold
from shopdesk.orders.models import Amendment, Order, OrderLine, SearchKey
from shopdesk.orders.states import Field, KeyKind, OrderStatus
from shopdesk.parcels.models import Parcel, ParcelLine, Stop, Waybill
from shopdesk.parcels.rules.stops import Candidate, Criteria, catches
from shopdesk.parcels.states import IN_HOUSE, Stage, StopScope, WaybillState

MOST_KEY = 128  # characters of a search key
ON_PAPER = (WaybillState.ISSUED, WaybillState.USED)


def criteria_of(stop: Stop) -> Criteria:
    return Criteria(stop.scope, stop.sku, stop.carrier, stop.region, stop.batch_id)


def matching(wanted: Criteria, store_id: int) -> list[int]:
    """Ids of the parcels in the house that a stop of these criteria is about, ascending."""
    if wanted.scope is StopScope.SKU:
        found = _with_sku(wanted.sku or "", store_id)
    else:
        is_batch = wanted.scope is StopScope.BATCH
        which = Parcel.batch_id == wanted.batch_id if is_batch else Parcel.store_id == store_id
        found = candidates(which, store_id, [wanted])
    return sorted(parcel.parcel_id for parcel in found if catches(wanted, parcel))


def _with_sku(sku: str, store_id: int) -> list[Candidate]:
    """From the search key of the SKU on, so that the rest of the house is not read."""
    statement = (
        select(Parcel.id, OrderLine.sku, _is_over())
        .select_from(SearchKey)
        .join(ParcelLine, ParcelLine.order_id == SearchKey.order_id)
        .join(Parcel, Parcel.id == ParcelLine.parcel_id)
        .join(OrderLine, OrderLine.id == ParcelLine.line_id)
        .where(SearchKey.value == fold(sku)[:MOST_KEY], SearchKey.kind == KeyKind.SKU)
        .where(Parcel.stage.in_(IN_HOUSE), ParcelLine.quantity > 0, OrderLine.sku.is_not(None))
    )
    rows = _rows(statement, store_id, SearchKey)
    skus, over = _gathered((row.id, row.sku) for row in rows), {row.id for row in rows if row.is_over}
    return [Candidate(i, skus=frozenset(names), is_over=i in over) for i, names in skus.items()]


def among(parcel_ids: Sequence[int], stops: Sequence[Criteria], store_id: int) -> list[Candidate]:
    """The given parcels, as far as they are in the house, with what these stops look at."""
    return candidates(Parcel.id.in_(parcel_ids), store_id, stops)


def candidates(which: ColumnElement[bool], store_id: int, stops: Sequence[Criteria]) -> list[Candidate]:
    """Parcels in the house; SKUs and carriers are read only where a stop asks for them."""
    here = which & Parcel.stage.in_(IN_HOUSE)
    rows = _rows(select(Parcel.id, Parcel.ship_region, Parcel.batch_id, _is_over()).where(here), store_id, Parcel)
    skus = _skus(here, store_id) if any(s.scope is StopScope.SKU for s in stops) else {}
    carriers = _carriers(here, store_id) if any(s.carrier for s in stops) else {}
    return [
        Candidate(
            row.id,
            row.ship_region,
            row.batch_id,
            frozenset(skus.get(row.id, ())),
            frozenset(carriers.get(row.id, ())),
            bool(row.is_over),
        )
        for row in rows
    ]


def _is_over() -> Label[bool]:
    """Not printed, and none of the orders whose units lie in it goes on."""
    goes_on = (
        select(Order.id)
        .join(ParcelLine, ParcelLine.order_id == Order.id)
        .where(ParcelLine.parcel_id == Parcel.id, ParcelLine.quantity > 0, Order.status != OrderStatus.CLOSED)
        .correlate(Parcel)
    )
    return ((Parcel.stage == Stage.UNPRINTED) & ~goes_on.exists()).label("is_over")


def _rows(statement: Any, store_id: int, model: Any) -> Sequence[Any]:
    return db.session.execute(in_store(statement, store_id, model)).all()


def _skus(here: ColumnElement[bool], store_id: int) -> dict[int, set[str]]:
    statement = (
        select(ParcelLine.parcel_id, OrderLine.sku)
        .join(Parcel, Parcel.id == ParcelLine.parcel_id)
        .join(OrderLine, OrderLine.id == ParcelLine.line_id)
        .where(here, ParcelLine.quantity > 0, OrderLine.sku.is_not(None))
    )
    return _gathered(_rows(statement, store_id, ParcelLine))


def _carriers(here: ColumnElement[bool], store_id: int) -> dict[int, set[str]]:
    """Of the papers that are valid; without any, the effective courier of the orders in the parcel."""
    on_paper = (
        select(Waybill.parcel_id, Waybill.carrier)
        .join(Parcel, Parcel.id == Waybill.parcel_id)
        .where(here, Waybill.state.in_(ON_PAPER), Waybill.carrier.is_not(None))
    )
    found = _gathered(_rows(on_paper, store_id, Waybill))
    told = (
        select(ParcelLine.parcel_id, Order.id, Order.carrier)
        .join(Parcel, Parcel.id == ParcelLine.parcel_id)
        .join(Order, Order.id == ParcelLine.order_id)
        .where(here)
        .distinct()
    )
    decided = _decided(here, store_id)
    for parcel_id, of_order in _by_parcel(_rows(told, store_id, ParcelLine)).items():
        if parcel_id not in found:
            names = {decided.get(order_id) or carrier for order_id, carrier in of_order}
            found[parcel_id] = {name for name in names if name}
    return found


def _by_parcel(rows: Iterable[Any]) -> dict[int, list[tuple[int, str | None]]]:
    found: dict[int, list[tuple[int, str | None]]] = defaultdict(list)
    for parcel_id, order_id, carrier in rows:
        found[parcel_id].append((order_id, carrier))
    return found


def _decided(here: ColumnElement[bool], store_id: int) -> dict[int, str]:
    """Order → the courier that the desk decided."""
    statement = (
        select(Amendment)
        .join(ParcelLine, ParcelLine.order_id == Amendment.order_id)
        .join(Parcel, Parcel.id == ParcelLine.parcel_id)
        .where(here, Amendment.field == Field.COURIER, Amendment.ended_at.is_(None))
    )
    rows = db.session.scalars(in_store(statement, store_id, Amendment)).unique()
    return {row.order_id: str(unpack(row.value, "to see whether it is stopped")["text"] or "") for row in rows}


def _gathered(rows: Iterable[Any]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for parcel_id, text in rows:
        found[parcel_id].add(text)
    return found
