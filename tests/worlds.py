"""What tests of the heart share: parcels merged and split, steps in words, and the rules that never break."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import func, select

from shopdesk.changes import queries, service
from shopdesk.changes.models import Change
from shopdesk.changes.queries import emptying as emptied
from shopdesk.changes.service import Evidence, asking
from shopdesk.changes.states import ConfirmChannel
from shopdesk.core import audit
from shopdesk.core.db import command, db
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.notices.models import Notice
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Amendment, Order, OrderLine
from shopdesk.orders.states import Field
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Hold, Parcel, ParcelLine
from shopdesk.parcels.states import HoldCause, Source
from tests import make

SAID = Evidence("对的,就这样", ConfirmChannel.CHAT)


def steps(change: Change) -> list[tuple[str, str, str]]:
    """(code, role, state) in order."""
    found = queries.steps_of([change.id], change.store_id)
    return [(step.code, str(step.role), str(step.state)) for step in found]


def open_codes(change: Change) -> list[str]:
    return [code for code, _, state in steps(change) if state == "open"]


def position(change: Change, code: str) -> int:
    """Of the newest step of that code."""
    found = queries.steps_of([change.id], change.store_id)
    return max(step.position for step in found if step.code == code)


def do(change: Change, code: str, by: Actor, evidence: Evidence = SAID) -> Change:
    return service.do_step(change.id, position(change, code), evidence, actor=by)


def notice_states(change: Change) -> list[tuple[str, str, str]]:
    """(kind, role, state), oldest first."""
    statement = select(Notice).where(Notice.change_id == change.id).order_by(Notice.id)
    return [
        (str(n.kind), str(n.role), str(n.state))
        for n in db.session.scalars(in_store(statement, change.store_id, Notice))
    ]


def effective(order: Order, field: Field = Field.ADDRESS, line: int | None = None) -> Any:
    value = orders.effective_value(order, field, line)
    return value["street"] if field is Field.ADDRESS else next(iter(value.values()))


def street(parcel: Parcel) -> str | None:
    return parcel.ship_address.reveal("to compare it") if parcel.ship_address else None


@contextmanager
def emptying() -> Iterator[None]:
    """As it was allowed once: a wish that leaves nothing of an order, and whose parcel stays as if something did."""
    with patch.object(asking, "_refuse_all"), patch.object(emptied, "empties", return_value=False):
        yield


def amendments(order: Order) -> list[tuple[str, str, bool]]:
    """(field, state, is active), oldest first."""
    statement = select(Amendment).where(Amendment.order_id == order.id).order_by(Amendment.id)
    rows = db.session.scalars(in_store(statement, order.store_id, Amendment))
    return [(str(a.field), str(a.state), a.ended_at is None) for a in rows]


def line(order: Order, number: int = 1) -> OrderLine:
    return orders.lines(order.id, order.store_id)[number - 1]


def counters(order: Order, number: int = 1) -> tuple[int, int, int, int]:
    """quantity, cancelled, shipped, in_parcels."""
    found = line(order, number)
    db.session.refresh(found)
    return found.quantity, found.cancelled, found.shipped, found.in_parcels


def memos(order: Order) -> list[str]:
    return orders.memo_lines(order, clear="to compare them")


@command
def merge(into: Order, other: Order) -> Parcel:
    """Both orders in one parcel, as merging will do it."""
    home, former = make.parcel(into), make.parcel(other)
    for row in parcels.parcel_lines([former.id], other.store_id):
        row.parcel_id = home.id
    audit.record("test.merged", "parcel", home.id, make.ROOT, store_id=home.store_id)
    return home


@command
def split(order: Order, number: int, units: int) -> Parcel:
    """Units of a line in a second parcel, as splitting will do it."""
    home, found = make.parcel(order), line(order, number)
    second = Parcel(
        store_id=home.store_id, warehouse_id=home.warehouse_id, stage_source=home.stage_source,
        stage_origin=home.stage_origin, stage_as_of=home.stage_as_of, made_at=home.made_at, stage=home.stage,
    )  # fmt: skip
    db.session.add(second)
    db.session.flush()
    row = next(r for r in parcels.parcel_lines([home.id], home.store_id) if r.line_id == found.id)
    row.quantity -= units
    db.session.add(
        ParcelLine(store_id=home.store_id, parcel_id=second.id, order_id=order.id, line_id=found.id, quantity=units)
    )
    db.session.flush()
    parcel_service.readdress(order)
    audit.record("test.split", "parcel", second.id, make.ROOT, store_id=home.store_id)
    return second


@command
def know(parcel: Parcel, at: Any, source: Source = Source.API) -> None:
    """Somebody said of one parcel that it is unprinted."""
    parcel_service.mark_known(parcel, at, source=source, origin="ERP")
    audit.record("test.known", "parcel", parcel.id, make.ROOT, store_id=parcel.store_id)


def open_holds(parcel: Parcel) -> int:
    statement = select(func.count(Hold.id)).where(
        Hold.parcel_id == parcel.id, Hold.ended_at.is_(None), Hold.cause == HoldCause.CHANGE
    )
    return int(db.session.scalar(in_store(statement, parcel.store_id, Hold)) or 0)


def refresh(*rows: Any) -> None:
    for row in rows:
        db.session.refresh(row)
