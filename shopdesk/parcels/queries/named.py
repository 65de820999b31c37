"""Which parcel a scanned or pasted code means: by waybill, by our own barcode, by order number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import within
from shopdesk.core.text import fold
from shopdesk.orders.models import SearchKey
from shopdesk.orders.states import KeyKind
from shopdesk.parcels import rules
from shopdesk.parcels.models import Parcel, ParcelLine, Waybill
from shopdesk.parcels.states import LEFT, WAYBILLS_VALID, Named, Stage, WaybillState


@dataclass(frozen=True, slots=True)
class Meant:
    """What a code stands for; the parcel also where it is superseded or voided."""

    named: Named
    parcel_id: int | None = None
    store_id: int | None = None
    valid_waybill: str | None = None  # the one to use instead of a superseded one


@dataclass(frozen=True, slots=True)
class _Hit:
    parcel_id: int
    store_id: int
    stage: Stage
    is_valid: bool = True  # False: by a waybill that is superseded or recycled
    is_superseded: bool = False  # the old label may still be on that parcel
    is_waybill: bool = False  # two parcels with the same one are a mistake, not an order in several parcels
    is_old: bool = False  # by papers that were printed again since
    is_empty: bool = False  # by the number of an order of which nothing is left in it


OUT_OF_HAND = LEFT | {Stage.VOIDED}
NOBODY = Meant(Named.UNKNOWN)


def resolve(codes: Sequence[str], actor: Actor, permission: Permission) -> dict[str, Meant]:
    """Each code (cleaned) → what it means in the stores where the actor holds the permission.

    A code of a store where the actor may only look is foreign; one of any other store does not exist.
    """
    found = _among(codes, actor, permission)
    open_codes = [code for code in codes if code not in found]
    elsewhere = set(actor.stores_with(Permission.ORDER_READ)) - set(actor.stores_with(permission))
    if open_codes and elsewhere:
        seen = _among(open_codes, actor, Permission.ORDER_READ)
        found |= {code: Meant(Named.FOREIGN, store_id=meant.store_id) for code, meant in seen.items()}
    return {code: found.get(code, NOBODY) for code in codes}


def _among(codes: Sequence[str], actor: Actor, permission: Permission) -> dict[str, Meant]:
    """A waybill says most, then the barcode of our own papers, then the order number."""
    hits: dict[str, list[_Hit]] = {}
    for read in (_by_waybill, _by_barcode, _by_number):
        left = [code for code in codes if code not in hits]
        hits |= read(left, actor, permission) if left else {}
    old = [hit for of_code in hits.values() for hit in of_code if not hit.is_valid]
    instead = _valid_waybills({hit.parcel_id for hit in old}, actor, permission) if old else {}
    return {code: _meant(of_code, instead) for code, of_code in hits.items()}


def _meant(hits: list[_Hit], instead: dict[int, str]) -> Meant:
    valid = [hit for hit in hits if hit.is_valid]
    alive = [hit for hit in valid or hits if hit.stage is not Stage.VOIDED]
    found = alive or valid or hits
    if len({hit.parcel_id for hit in found}) > 1 and alive:
        one_order = len({hit.store_id for hit in found}) == 1 and not any(hit.is_waybill for hit in found)
        return Meant(Named.SEVERAL if one_order else Named.DUPLICATE)
    if {hit.parcel_id for hit in hits if hit.is_superseded and hit.stage not in OUT_OF_HAND} - {
        hit.parcel_id for hit in found
    }:
        return Meant(Named.DUPLICATE)  # a feed gave the number to another parcel: nobody can say which is in hand
    one = found[0]
    if one.stage is Stage.VOIDED:
        return Meant(Named.VOIDED, one.parcel_id, one.store_id)
    if not one.is_valid:
        return Meant(Named.SUPERSEDED, one.parcel_id, one.store_id, instead.get(one.parcel_id))
    if one.is_old:
        return Meant(Named.OLD_PAPERS, one.parcel_id, one.store_id)
    named = Named.CANCELLED if one.is_empty else Named.PARCEL
    return Meant(named, one.parcel_id, one.store_id)


def _by_waybill(codes: Sequence[str], actor: Actor, permission: Permission) -> dict[str, list[_Hit]]:
    wanted = {spelled for code in codes for spelled in (code, code.upper(), code.lower())}
    statement = (
        select(Waybill.number, Waybill.state, Parcel.id, Parcel.store_id, Parcel.stage)
        .join(Parcel, Parcel.id == Waybill.parcel_id)
        .where(Waybill.number.in_(wanted))
        .order_by(Parcel.id)
    )
    found: dict[str, list[_Hit]] = defaultdict(list)
    for number, state, parcel_id, store_id, stage in db.session.execute(within(statement, actor, permission, Waybill)):
        is_superseded = state is WaybillState.SUPERSEDED
        hit = _Hit(parcel_id, store_id, stage, state in WAYBILLS_VALID, is_superseded=is_superseded, is_waybill=True)
        found[fold(number)].append(hit)
    return _per_code(codes, found)


def _by_barcode(codes: Sequence[str], actor: Actor, permission: Permission) -> dict[str, list[_Hit]]:
    ids = {code: parcel_id for code in codes if (parcel_id := rules.parcel_of(code)) is not None}
    if not ids:
        return {}
    statement = select(Parcel.id, Parcel.store_id, Parcel.stage, Parcel.papers_version).where(
        Parcel.id.in_(ids.values())
    )
    there = {row.id: row for row in db.session.execute(within(statement, actor, permission, Parcel))}
    return {code: [_on_papers(code, there[parcel_id])] for code, parcel_id in ids.items() if parcel_id in there}


def _on_papers(code: str, row: Any) -> _Hit:
    """A version that was never printed is no more valid than an old one."""
    version = rules.version_of(code)
    return _Hit(row.id, row.store_id, row.stage, is_old=version is not None and version != row.papers_version)


def _by_number(codes: Sequence[str], actor: Actor, permission: Permission) -> dict[str, list[_Hit]]:
    keys = {fold(code) for code in codes}
    statement = (
        select(SearchKey.value, Parcel.id, Parcel.store_id, Parcel.stage, ParcelLine.quantity)
        .join(ParcelLine, ParcelLine.order_id == SearchKey.order_id)
        .join(Parcel, Parcel.id == ParcelLine.parcel_id)
        .where(SearchKey.value.in_(keys), SearchKey.kind == KeyKind.NUMBER)
        .order_by(Parcel.id)
    )
    full: dict[str, list[_Hit]] = defaultdict(list)
    empty: dict[str, list[_Hit]] = defaultdict(list)  # of an order whose units were all taken off
    for value, parcel_id, store_id, stage, units in db.session.execute(within(statement, actor, permission, SearchKey)):
        (full if units else empty)[value].append(_Hit(parcel_id, store_id, stage, is_empty=not units))
    return _per_code(codes, {**empty, **full})


def _per_code(codes: Sequence[str], found: dict[str, list[Any]]) -> dict[str, list[_Hit]]:
    return {code: found[fold(code)] for code in codes if fold(code) in found}


def _valid_waybills(parcel_ids: set[int], actor: Actor, permission: Permission) -> dict[int, str]:
    """Parcel → its newest valid waybill."""
    statement = select(Waybill.parcel_id, Waybill.number).where(
        Waybill.parcel_id.in_(parcel_ids), Waybill.state.in_(WAYBILLS_VALID)
    )
    rows = db.session.execute(within(statement.order_by(Waybill.id), actor, permission, Waybill))
    return {row.parcel_id: row.number for row in rows}
