"""退件签收: a parcel is taken in at the dock.  One scan, one answer, whatever the desk knows of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, part
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import touch, within
from shopdesk.core.text import strip_controls
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.states import LEFT, WAYBILLS_VALID
from shopdesk.returns.models import Arrival, Return, ReturnWaybill
from shopdesk.returns.queries import docks, turned
from shopdesk.returns.service.matching import join
from shopdesk.returns.service.turning import account_for
from shopdesk.returns.states import RETURN_OPEN, ArrivalState, ReturnState, SignIn

SIGN = Permission.ARRIVAL_SIGN
MOST_PLACE = 64  # characters
MOST_WAYBILL = 64
#: What a parcel that comes may still be for; one that is put away may get units that were given up.
COMES_FOR = RETURN_OPEN | {ReturnState.CANCELLED, ReturnState.DISPOSED}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a scan came to.  `reason`: return, own_parcel, nobody; signed_in, opened; not_left, voided."""

    code: str
    result: SignIn
    reason: str
    arrival: Arrival | None = None
    parcel: Parcel | None = None  # ours, that comes back or should not be here
    returns: tuple[Return, ...] = ()
    is_late: bool = False


@command
def sign_in(
    waybill: str, warehouse_id: int, *, place: str | None = None, happened_at: datetime | None = None, actor: Actor
) -> SignedIn:
    """Take a parcel in; the same one again is the same arrival, and says since when it is here.

    `happened_at`: of a scan that was kept while the line was gone; in the future it counts as now.  What the waybill
    was told for is matched with it; a parcel of ours that never left is a `stop`, and no arrival.
    Raises NotFound (warehouse), NotAllowed, RuleViolation (nothing scanned, `not_a_waybill`).
    """
    house = docks.warehouse_for(warehouse_id, actor, SIGN)
    code = parcels.scanned(waybill).upper()
    if not code or len(code) > MOST_WAYBILL:
        raise RuleViolation("Scan or type a number.", code="value_required", missing="code")
    now = clock.now()
    at = min(happened_at or now, now)
    ours = turned.own_parcel(code, actor)
    _check_meaning(code, ours, actor)
    code = _its_waybill(code, ours)
    there = _there(code, house.id)
    if there is not None:
        return _again(code, there, is_late=at < now)
    if ours is not None and ours.stage not in LEFT:
        audit.record(
            "arrival.stopped", "parcel", ours.id, actor, store_id=ours.store_id,
            order_id=parcels.orders_in_parcel(ours.id, ours.store_id)[0].id, stage=str(ours.stage),
        )  # fmt: skip
        reason = "voided" if str(ours.stage) == "voided" else "not_left"
        return SignedIn(code, SignIn.STOP, reason, parcel=ours, is_late=at < now)
    arrival = _write(code, house.id, _place(place), at, actor)
    if arrival is None:  # somebody else signed it in at the same moment
        there = _there(code, house.id)
        return _again(code, there, is_late=at < now) if there else SignedIn(code, SignIn.UNKNOWN, "nobody")
    found = _returns(code, ours, actor)
    for one in found:
        join(arrival, one, actor=actor, by_person=False)
    found += _turned_round(arrival, ours, found, actor)
    _record(arrival, found, ours, actor)
    result = SignIn.OK if found or ours else SignIn.UNKNOWN
    reason = "return" if found else "own_parcel" if ours else "nobody"
    return SignedIn(code, result, reason, arrival, ours, tuple(found), at < now)


def _check_meaning(code: str, ours: Parcel | None, actor: Actor) -> None:
    """Our own barcode stands for its parcel; misread, or of a parcel that is not there, it is nobody's waybill."""
    if ours is not None:
        return
    if parcels.is_like_ours(code):
        raise parcel_service.not_a_waybill(code, "barcode")
    if parcels.is_order_number(code, actor):
        raise parcel_service.not_a_waybill(code, "order")


def _there(code: str, warehouse_id: int) -> Arrival | None:
    statement = select(Arrival).where(Arrival.waybill == code, Arrival.warehouse_id == warehouse_id)
    return db.session.scalars(statement).one_or_none()


def _again(code: str, there: Arrival, *, is_late: bool) -> SignedIn:
    """It lies here already; opened, its contents are elsewhere, and the box should not be."""
    if there.state is ArrivalState.SIGNED_IN:
        return SignedIn(code, SignIn.ALREADY, "signed_in", there, is_late=is_late)
    return SignedIn(code, SignIn.STOP, "opened", there, is_late=is_late)


def _write(code: str, warehouse_id: int, place: str | None, at: datetime, actor: Actor) -> Arrival | None:
    made = Arrival(
        warehouse_id=warehouse_id, waybill=code, place=place, state=ArrivalState.SIGNED_IN, signed_in_by_id=actor.id,
        signed_in_at=at,
    )  # fmt: skip
    try:
        with part():  # the unique key decides between two scanners
            db.session.add(made)
            db.session.flush()
    except IntegrityError:
        return None
    return made


def _its_waybill(code: str, ours: Parcel | None) -> str:
    """Our own barcode stands for the waybill beside it, so that either scan is the same arrival."""
    if ours is None or parcels.parcel_of(code) is None:
        return code
    bills = parcels.waybills([ours.id], ours.store_id)
    valid = [bill.number for bill in bills if bill.state in WAYBILLS_VALID]
    return valid[-1].upper() if valid else parcels.barcode(ours.id)


def _returns(code: str, ours: Parcel | None, actor: Actor) -> list[Return]:
    """Every return that the waybill was told for, and the one of our own parcel that turned round."""
    told = (
        select(Return)
        .join(ReturnWaybill, ReturnWaybill.return_id == Return.id)
        .where(ReturnWaybill.number.in_({code, code.lower()}), Return.state.in_(COMES_FOR))
    )
    found = {row.id: row for row in db.session.scalars(within(told, actor, SIGN, ReturnWaybill))}
    if ours is not None:
        statement = select(Return).where(Return.parcel_id == ours.id, Return.state.in_(RETURN_OPEN))
        found |= {row.id: row for row in db.session.scalars(within(statement, actor, SIGN, Return))}
    return [found[i] for i in sorted(found)]


def _turned_round(arrival: Arrival, ours: Parcel | None, found: list[Return], actor: Actor) -> list[Return]:
    """Somebody said of one order that the parcel comes back: it does with all orders that are in it."""
    told = next((one for one in found if ours is not None and one.parcel_id == ours.id), None)
    if ours is None or told is None:
        return []
    return [each.back for each in account_for(arrival, ours, told.origin, actor=actor)]


def _place(text: str | None) -> str | None:
    return " ".join(strip_controls(text or "").split())[:MOST_PLACE] or None


def _record(arrival: Arrival, found: list[Return], ours: Parcel | None, actor: Actor) -> None:
    """One event for each order concerned; of a parcel that nobody knows one of the desk's own."""
    about: dict[tuple[int | None, int | None], None] = {(one.store_id, one.order_id): None for one in found}
    if not about and ours is not None:
        order = parcels.orders_in_parcel(ours.id, ours.store_id)[0]
        about[(ours.store_id, order.id)] = None
        touch(ours.store_id)
    for store_id, order_id in about or {(None, None): None}:
        audit.record(
            "arrival.signed_in", "arrival", arrival.id, actor, store_id=store_id, order_id=order_id,
            warehouse=arrival.warehouse_id, place=arrival.place,
        )  # fmt: skip
