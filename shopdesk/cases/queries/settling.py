"""Reads about how a case is resolved: its units, decisions, amounts, settlements, invoice tasks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from shopdesk.cases.models import Case, CaseAmount, CaseLine, CaseResolution, CaseSettlement, InvoiceTask
from shopdesk.cases.rules import settling as rules
from shopdesk.cases.states import AmountPart, InvoiceTaskKind, Resolution
from shopdesk.core.columns import UTCDateTime
from shopdesk.core.db import db
from shopdesk.core.errors import NotFound
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, within
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order, OrderLine
from shopdesk.orders.states import NOT_PACKED, LineKind
from shopdesk.parcels import queries as parcels
from shopdesk.staff import queries as staff
from shopdesk.staff.models import MOST_COMPENSATION


def lines_of(case: Case) -> list[CaseLine]:
    statement = select(CaseLine).where(CaseLine.case_id == case.id).order_by(CaseLine.id)
    fresh = in_store(statement, case.store_id, CaseLine).execution_options(populate_existing=True)
    return list(db.session.scalars(fresh))


def units_left(case: Case) -> list[tuple[OrderLine, int]]:
    """What a case without lines of its own is about: all that has left, of its parcel or else of the order."""
    rows = parcels.parcel_lines([case.parcel_id], case.store_id) if case.parcel_id else None
    units = None if rows is None else {row.line_id: row.quantity for row in rows}
    found = []
    for line in orders.lines(case.order_id, case.store_id):
        quantity = line.shipped if units is None else min(line.shipped, units.get(line.id, 0))
        if quantity > 0 and (line.kind not in NOT_PACKED or line.kind is LineKind.VIRTUAL):
            found.append((line, quantity))
    return found


def free_minor(case: Case) -> int | None:
    """The paid share of every unit that is neither refunded nor replaced (minor units); None where one is unknown."""
    sold = {line.id: line for line in orders.lines(case.order_id, case.store_id)}
    there = [(n.line_id, n.quantity - n.refunding - n.replacing) for n in lines_of(case)]
    free = [one for one in there or [(line.id, quantity) for line, quantity in units_left(case)] if one[1] > 0]
    if any(sold[line_id].share_minor is None for line_id, _units in free):
        return None
    claimed = claimed_units([line_id for line_id, _units in free], case.store_id)
    return sum(share_left(sold[line_id], units, claimed.get(line_id, 0)) for line_id, units in free)


def claimed_units(line_ids: Iterable[int], store_id: int) -> dict[int, int]:
    """Order line → units that any case refunds or replaces."""
    statement = (
        select(CaseLine.line_id, func.sum(CaseLine.refunding + CaseLine.replacing))
        .where(CaseLine.line_id.in_(list(line_ids)))
        .group_by(CaseLine.line_id)
    )
    return {line_id: int(units) for line_id, units in db.session.execute(in_store(statement, store_id, CaseLine))}


def resolutions_of(case: Case) -> list[CaseResolution]:
    statement = select(CaseResolution).where(CaseResolution.case_id == case.id).order_by(CaseResolution.id)
    return list(db.session.scalars(in_store(statement, case.store_id, CaseResolution)))


def kinds_of(case: Case) -> set[Resolution]:
    return {one.kind for one in resolutions_of(case)}


def is_decided(case: Case) -> bool:
    """Whether anybody has decided how it is resolved, or units or money of it are claimed already."""
    claimed = any(line.refunding or line.replacing for line in lines_of(case))
    return claimed or bool(kinds_of(case)) or any(one.expected_minor for one in amounts_of(case).values())


@dataclass(frozen=True, slots=True)
class Amount:
    """One balance that is money, in minor units."""

    expected_minor: int = 0
    settled_minor: int = 0
    reserved_minor: int = 0  # refunds under way

    @property
    def left_minor(self) -> int:
        return self.expected_minor - self.settled_minor

    @property
    def free_minor(self) -> int:
        """What nobody has asked for yet."""
        return self.left_minor - self.reserved_minor


def amounts_of(case: Case) -> dict[AmountPart, Amount]:
    """Every part, also those of which nothing was decided."""
    columns = (CaseAmount.expected_minor, CaseAmount.settled_minor, CaseAmount.reserved_minor)
    statement = select(CaseAmount.part, *columns).where(CaseAmount.case_id == case.id)
    found = {row[0]: Amount(*row[1:]) for row in db.session.execute(in_store(statement, case.store_id, CaseAmount))}
    return {part: found.get(part, Amount()) for part in AmountPart}


def freight_expected(order_id: int, store_id: int, *, but: int) -> int:
    """What the other cases of an order give back of its freight (minor units)."""
    statement = (
        select(func.coalesce(func.sum(CaseAmount.expected_minor), 0))
        .join(Case, Case.id == CaseAmount.case_id)
        .where(Case.order_id == order_id, Case.id != but, CaseAmount.part == AmountPart.FREIGHT)
    )
    return int(db.session.scalar(in_store(statement, store_id, CaseAmount, Case)) or 0)


def settlements_of(case: Case) -> list[CaseSettlement]:
    statement = select(CaseSettlement).where(CaseSettlement.case_id == case.id).order_by(CaseSettlement.id)
    return list(db.session.scalars(in_store(statement, case.store_id, CaseSettlement)))


def settlement_of(case: Case, settlement_id: int) -> CaseSettlement:
    """Raises NotFound, also for another case's."""
    for one in settlements_of(case):
        if one.id == settlement_id:
            return one
    raise NotFound("There is no such thing here.")


def tasks_of(case: Case) -> list[InvoiceTask]:
    statement = select(InvoiceTask).where(InvoiceTask.case_id == case.id).order_by(InvoiceTask.id)
    return list(db.session.scalars(in_store(statement, case.store_id, InvoiceTask)))


def task_of_refund(refund_id: int, store_id: int) -> InvoiceTask | None:
    """Of a refund without a case, as it stands in the database now."""
    statement = select(InvoiceTask).where(InvoiceTask.refund_id == refund_id).execution_options(populate_existing=True)
    return db.session.scalars(in_store(statement, store_id, InvoiceTask)).one_or_none()


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """A document that finance has to issue, of a case or of a refund without one.

    `confirmation`: the form that the buyer confirms until `confirm_by`.
    """

    id: int
    store_id: int
    kind: InvoiceTaskKind
    case_id: int | None
    case_number: str | None
    refund_id: int | None
    order_id: int
    order_number: str
    opened_at: datetime
    confirmation: str | None
    asked_at: datetime | None
    confirm_by: datetime | None

    @property
    def turn_at(self) -> datetime:
        """Since when, or from when on, it is finance's turn."""
        return self.confirm_by or self.opened_at


def open_invoice_tasks(actor: Actor, *, after: tuple[datetime, int] | None = None, limit: int = 50) -> list[InvoiceRow]:
    """By whose turn it is: the longest waiting first, what the buyer still may confirm by when that ends."""
    turn = func.coalesce(InvoiceTask.confirm_by, InvoiceTask.opened_at, type_=UTCDateTime())
    statement = (
        select(
            InvoiceTask.id, InvoiceTask.store_id, InvoiceTask.kind, InvoiceTask.case_id, Case.number,
            InvoiceTask.refund_id, InvoiceTask.order_id, Order.number, InvoiceTask.opened_at, InvoiceTask.confirmation,
            InvoiceTask.asked_at, InvoiceTask.confirm_by,
        )
        .join(Order, Order.id == InvoiceTask.order_id)
        .outerjoin(Case, Case.id == InvoiceTask.case_id)
        .where(InvoiceTask.done_at.is_(None))
        .order_by(turn, InvoiceTask.id)
        .limit(limit)
    )  # fmt: skip
    if after:
        at, task_id = after
        statement = statement.where(or_(turn > at, and_(turn == at, InvoiceTask.id > task_id)))
    rows: Iterable[Sequence[Any]] = db.session.execute(within(statement, actor, Permission.INVOICE_DO, InvoiceTask))
    return [InvoiceRow(*row) for row in rows]


def count_invoice_tasks(actor: Actor) -> int:
    statement = select(func.count(InvoiceTask.id)).where(InvoiceTask.done_at.is_(None))
    return int(db.session.scalar(within(statement, actor, Permission.INVOICE_DO, InvoiceTask)) or 0)


def share_left(line: OrderLine, units: int, claimed: int) -> int:
    """What was paid for the next `units` of a line and was not booked (minor units); 0 where they are not left."""
    booked = line.reserved_minor + line.refunded_minor
    if line.cancelled + claimed + units > line.quantity:
        return 0
    return rules.share_minor(rules.Units(line.share_minor, booked, line.quantity, line.cancelled, claimed), units)


def most_compensation(store_id: int) -> int:
    """What one case may give as compensation (minor units): the store's setting."""
    store = staff.store_by_id(store_id)
    return int(store.settings.get(MOST_COMPENSATION, rules.MOST_COMPENSATION_MINOR))


def compensation_left(case: Case) -> int:
    """How much more compensation may be asked for, beyond what was paid or is under way (minor units)."""
    there = amounts_of(case)[AmountPart.COMPENSATION]
    return max(0, most_compensation(case.store_id) - there.settled_minor - there.reserved_minor)
