"""The platform's own list of refunds: what it says of units that have not left is a cancel wish (domain.md §3).

Where nothing is left in the house the application is a case, which whoever reads the list opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from shopdesk.cases import queries as cases
from shopdesk.cases.models import Case
from shopdesk.cases.states import CasePhase, PlatformWord
from shopdesk.changes import queries
from shopdesk.changes.models import RefundApplication
from shopdesk.changes.service import applications, cancelling
from shopdesk.changes.service.applications import Told
from shopdesk.changes.service.facts import record_fact
from shopdesk.changes.states import ApplicationState
from shopdesk.core.db import command, db
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.orders.models import Order
from shopdesk.orders.states import RefundWord
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import IN_HOUSE, LEFT, Source, Stage

WORDS = {
    PlatformWord.RUNNING: RefundWord.APPLIED,
    PlatformWord.CLOSED: RefundWord.NONE,
    PlatformWord.DONE: RefundWord.REFUNDED,
}
Outcome = Literal["created", "updated", "unchanged", "older"]


@dataclass(frozen=True, slots=True)
class Heard:
    """One application of the list; `line_id` None: about the order, or nobody can say which line."""

    number: str
    line_id: int | None
    word: PlatformWord
    said: str
    amount_minor: int | None
    due_at: datetime | None
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where the units of an application are; `parcel_id` of one that has left with them."""

    is_in_house: bool
    parcel_id: int | None
    has_application: bool  # of that number, from when they had not left
    case: Case | None  # what the desk opened for the same application before its number was known


def whereabouts(order: Order, line_id: int | None, number: str) -> Whereabouts:
    """Look, inside the command of the caller; locks the order's parcels."""
    house, gone = applications.places(order)
    there = cancelling.units_in_house(order, house)
    rows = parcels.parcel_lines([p.id for p in gone], order.store_id)
    left = [r.parcel_id for r in rows if r.order_id == order.id and r.quantity and line_id in {None, r.line_id}]
    known = queries.applications.of_order(order.id, order.store_id)
    return Whereabouts(
        applications.has_units(line_id, there), left[0] if left else None,
        any(row.platform_number == number for row in known), _case_before(order, line_id, number),
    )  # fmt: skip


@command
def hear_left(order: Order, line_id: int | None, *, as_of: datetime, origin: str, actor: Actor) -> bool:
    """The list says that the buyer has the goods, or sends them back: whether they are out of our hands by now.

    Then they were shipped, nobody knows when: a fact of the one parcel that they can have left with.  Of several
    nobody says which, and none is moved.  Where our own hands say otherwise the parcel stays (§3).
    """
    there = _carrying(order, line_id)
    if len(there) != 1:
        return bool(there)
    (parcel,) = there
    if parcel.stage in IN_HOUSE:
        report = Report(stage=Stage.SHIPPED, happened_at=None, as_of=as_of, source=Source.FILE, origin=origin)
        record_fact(parcel, report, actor=actor)
    return parcel.stage in LEFT


def _carrying(order: Order, line_id: int | None) -> list[Parcel]:
    """The order's parcels that units of the line (None: any) are in; locked.  What was voided carries nothing."""
    ids = [p.id for p in parcels.parcels_of_order(order.id, order.store_id) if p.stage is not Stage.VOIDED]
    rows = parcels.parcel_lines(ids, order.store_id)
    wanted = {r.parcel_id for r in rows if r.order_id == order.id and r.quantity and line_id in {None, r.line_id}}
    return parcels.locked_parcels(sorted(wanted), order.store_id)


@command
def hear(order: Order, heard: Heard, *, actor: Actor) -> Outcome:
    """Hold what the list says is applied for, or alarm where it was refunded and may still leave; again: nothing.

    Only a later list changes anything (D2), and no list ever releases.
    """
    house, _gone = applications.places(order)
    there = cancelling.units_in_house(order, house)
    row = _known(order, heard)
    if row is not None and heard.as_of < row.as_of:
        return "older"
    if row is not None and row.state is ApplicationState.REFUNDED and heard.word is not PlatformWord.DONE:
        return "unchanged"  # what was refunded is not applied for again under its number
    if row is None and heard.word is PlatformWord.RUNNING and _is_covered(order, heard.line_id):
        return "unchanged"
    told = Told(
        heard.line_id, WORDS[heard.word], heard.said, heard.due_at, heard.as_of, heard.number, heard.amount_minor
    )
    before = _values(row)
    has_units = applications.has_units(heard.line_id, there)
    found, is_news = applications.judge(row, told, order, has_units=has_units, is_new=False)
    if found is None:
        return "unchanged"
    _keep(found, heard)
    if is_news:
        applications.leave_a_trace(found, order, actor)
    if is_news and has_units and found.state is not ApplicationState.WITHDRAWN:
        applications.stop(order, [found], house, actor)
        applications.alarm(order, [found] if found.state is ApplicationState.REFUNDED else [], there, actor)
    if row is None or found is not row:
        return "created"
    return "updated" if _values(found) != before else "unchanged"


def _known(order: Order, heard: Heard) -> RefundApplication | None:
    """The application of that number, else one that a feed of orders told before without a number."""
    there = queries.applications.of_order(order.id, order.store_id)
    by_number = next((row for row in there if row.platform_number == heard.number), None)
    if by_number is not None:
        return by_number
    runs = [row for row in there if row.state is ApplicationState.APPLIED and row.line_id == heard.line_id]
    return next((row for row in runs if row.platform_number is None), None)


def _is_covered(order: Order, line_id: int | None) -> bool:
    """Another number runs about the line already: it is held once."""
    there = queries.applications.of_order(order.id, order.store_id)
    return line_id is not None and any(r.line_id == line_id and r.state is ApplicationState.APPLIED for r in there)


def _keep(row: RefundApplication, heard: Heard) -> None:
    row.platform_number = row.platform_number or heard.number
    if row.platform_number == heard.number and heard.amount_minor is not None:
        row.amount_minor = heard.amount_minor
    row.told, row.as_of = heard.said, heard.as_of
    row.due_at = heard.due_at or row.due_at
    db.session.flush()


def _values(row: RefundApplication | None) -> tuple[object, ...]:
    if row is None:
        return ()
    return row.state, row.told, row.due_at, row.amount_minor, row.platform_number


def _case_before(order: Order, line_id: int | None, number: str) -> Case | None:
    """A case of the same application: of its change that came too late, or of a feed that told no number."""
    for row in queries.applications.of_order(order.id, order.store_id):
        is_same = row.platform_number == number or (row.platform_number is None and row.line_id in {line_id, None})
        if not is_same:
            continue
        case_id = row.case_id or _of_change(row)
        is_over = row.platform_number is None and row.state is not ApplicationState.APPLIED
        statement = select(Case).where(Case.id == case_id, Case.platform_number.is_(None))
        case = db.session.scalars(in_store(statement, order.store_id, Case)).one_or_none() if case_id else None
        if case is not None and not (is_over and case.phase is CasePhase.CLOSED):
            return case
    return None


def _of_change(row: RefundApplication) -> int | None:
    case = cases.of_change(row.change_id, row.store_id) if row.change_id else None
    return case.id if case is not None else None
