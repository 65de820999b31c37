"""Units of a case and their paid share: claimed once, by a refund or by goods that go out in their place.

The case is locked by the caller, then the order: units of one line stand in several cases, and what is left of them is
counted under that lock, with the CHECKs of both lines behind it (I2).
"""

from __future__ import annotations

from sqlalchemy import select, update

from shopdesk.cases.models import Case, CaseAmount, CaseLine
from shopdesk.cases.queries import settling as reads
from shopdesk.cases.rules import settling as rules
from shopdesk.cases.service.resolving import see_lines
from shopdesk.cases.states import AmountPart
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, IllegalMove, NotFound, RuleViolation
from shopdesk.core.scope import in_store
from shopdesk.orders.models import Order, OrderLine

MOVED = "The units have moved meanwhile. Please look again."


def lock_order(case: Case) -> Order:
    statement = select(Order).where(Order.id == case.order_id).with_for_update(key_share=True)
    fresh = in_store(statement, case.store_id, Order).execution_options(populate_existing=True)
    return db.session.scalars(fresh).one()


def line_of(case: Case, line_id: int) -> CaseLine:
    """Raises NotFound for a line that the case is not about."""
    for line in see_lines(case):
        if line.line_id == line_id:
            return line
    raise NotFound("The case is not about this line.", code="no_such_line")


def share_of(case: Case, line_id: int, units: int) -> int:
    """What was paid for the next units of a line (minor units).  Raises RuleViolation (`units_claimed`)."""
    statement = select(OrderLine).where(OrderLine.id == line_id)
    fresh = in_store(statement, case.store_id, OrderLine).execution_options(populate_existing=True)
    line = db.session.scalars(fresh).one()
    claimed = reads.claimed_units([line_id], case.store_id).get(line_id, 0)
    booked = line.reserved_minor + line.refunded_minor
    seen = rules.Units(line.share_minor, booked, line.quantity, line.cancelled, claimed)
    return rules.share_minor(seen, units)


def claim(case: Case, line_id: int, *, refunding: int = 0, replacing: int = 0) -> None:
    """Count units of a case line; one conditional UPDATE decides.  Raises RuleViolation (`units_claimed`)."""
    refunded, replaced = CaseLine.refunding + refunding, CaseLine.replacing + replacing
    statement = (
        update(CaseLine)
        .where(
            CaseLine.case_id == case.id,
            CaseLine.line_id == line_id,
            refunded >= 0,
            replaced >= 0,
            refunded + replaced <= CaseLine.quantity,
        )
        .values(refunding=refunded, replacing=replaced)
    )
    if rows_changed(in_store(statement, case.store_id, CaseLine)) != 1:
        there = next((line for line in reads.lines_of(case) if line.line_id == line_id), None)
        left = there.quantity - there.refunding - there.replacing if there else 0
        raise rules.units_claimed(left)


def reserve(line_id: int, amount_minor: int, store_id: int) -> None:
    """Reserve a part of a line's paid share (negative: let it go).  Raises RuleViolation (`more_than_paid`)."""
    if not amount_minor:
        return
    after = OrderLine.reserved_minor + amount_minor
    statement = (
        update(OrderLine)
        .where(OrderLine.id == line_id, after >= 0, after + OrderLine.refunded_minor <= OrderLine.share_minor)
        .values(reserved_minor=after)
    )
    if rows_changed(in_store(statement, store_id, OrderLine)) != 1:
        raise RuleViolation("More than was paid for these units.", code="more_than_paid", amount_minor=amount_minor)


def book(line_id: int, amount_minor: int, store_id: int) -> None:
    """What was reserved is refunded (negative: it is reserved again).  Raises Conflict."""
    if not amount_minor:
        return
    reserved, refunded = OrderLine.reserved_minor - amount_minor, OrderLine.refunded_minor + amount_minor
    statement = (
        update(OrderLine)
        .where(OrderLine.id == line_id, reserved >= 0, refunded >= 0)
        .values(reserved_minor=reserved, refunded_minor=refunded)
    )
    if rows_changed(in_store(statement, store_id, OrderLine)) != 1:
        raise Conflict(MOVED, code="units_moved")


def expect_more(case: Case, part: AmountPart, amount_minor: int) -> None:
    """Raise what a balance expects (negative: lower it, never below what was settled or is under way).

    Raises IllegalMove (`settled_already`).
    """
    there = in_store(select(CaseAmount.id), case.store_id, CaseAmount)
    if db.session.scalar(there.where(CaseAmount.case_id == case.id, CaseAmount.part == part)) is None:
        db.session.add(
            CaseAmount(store_id=case.store_id, case_id=case.id, part=part, expected_minor=0, settled_minor=0)
        )
        db.session.flush()
    after = CaseAmount.expected_minor + amount_minor
    statement = (
        update(CaseAmount)
        .where(CaseAmount.case_id == case.id, CaseAmount.part == part)
        .where(after >= CaseAmount.settled_minor + CaseAmount.reserved_minor)
        .values(expected_minor=after)
    )
    if rows_changed(in_store(statement, case.store_id, CaseAmount)) != 1:
        raise IllegalMove(
            "This was settled already. Take the wrong entry back first.", code="settled_already", part=str(part)
        )


def decide_for(case: Case, line_id: int, *, refund_minor: int = 0, credit_minor: int = 0) -> None:
    """Count what was decided for a line (negative: taken back), never below what was settled of it."""
    after, credit = CaseLine.refund_minor + refund_minor, CaseLine.credit_minor + credit_minor
    statement = (
        update(CaseLine)
        .where(CaseLine.case_id == case.id, CaseLine.line_id == line_id, after >= CaseLine.refunded_minor)
        .where(credit >= 0, credit <= after)
        .values(refund_minor=after, credit_minor=credit)
    )
    if rows_changed(in_store(statement, case.store_id, CaseLine)) != 1:
        raise IllegalMove("This was settled already. Take the wrong entry back first.", code="settled_already")


@command
def replace_units(case: Case, line_id: int, units: int) -> int:
    """Claim units in whose place others go out, and reserve their paid share, which is returned (minor units).

    It stays reserved on the sale: what goes out is worth it, and is refunded there if it comes back.
    Raises NotFound, RuleViolation (`units_claimed`).
    """
    line_of(case, line_id)
    share_minor = share_of(case, line_id, units)
    claim(case, line_id, replacing=units)
    reserve(line_id, share_minor, case.store_id)
    return share_minor


@command
def give_back_units(case: Case, line_id: int, units: int, share_minor: int) -> None:
    """Undo `replace_units`."""
    claim(case, line_id, replacing=-units)
    reserve(line_id, -share_minor, case.store_id)


@command
def credit(case: Case, line_id: int, amount_minor: int) -> None:
    """A part of what is reserved for an exchange goes back to the customer: what came out is cheaper.

    Negative: it does not.  Raises IllegalMove (`settled_already`).
    """
    expect_more(case, AmountPart.MONEY, amount_minor)
    decide_for(case, line_id, refund_minor=amount_minor, credit_minor=amount_minor)


@command
def owe(case: Case, amount_minor: int) -> None:
    """Money that goes back beside every line: a difference that was paid for an exchange which was undone."""
    expect_more(case, AmountPart.MONEY, amount_minor)
