"""One story of cases that belong together: parents, children, merged ones, those of what went out again; one statement.

Every unit and every amount over the whole chain, so that nobody adds it up by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import or_, select

from shopdesk.cases import queries as case_queries
from shopdesk.cases.models import Case
from shopdesk.cases.queries import settling
from shopdesk.cases.states import AmountPart, CaseKind, CasePhase, Ending
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.desk.queries import case_balances
from shopdesk.desk.queries.case_balances import Goods
from shopdesk.orders.models import Order
from shopdesk.replacements import queries as replacements
from shopdesk.replacements.models import Replacement
from shopdesk.replacements.states import DifferenceSettled, ReplacementKind

MOST = 100  # cases of one chain
MOST_OTHERS = 10  # of the same order or customer, that are shown


@dataclass(frozen=True, slots=True)
class Unit:
    """Units of a line of a case, and what became of them."""

    title: str
    quantity: int
    refunding: int
    replacing: int
    refund_minor: int
    refunded_minor: int


@dataclass(frozen=True, slots=True)
class OutRow:
    """Goods that went out again for a case."""

    number: str
    order_id: int
    kind: ReplacementKind
    units: int
    shipped: int
    worth_minor: int
    difference_minor: int
    settled_how: DifferenceSettled | None  # of a difference that the customer owes; None: not settled
    settled_by: str | None  # the difference order's number, or the reference of the payment
    is_alive: bool

    @property
    def is_owed(self) -> bool:
        """Whether the customer still owes the difference."""
        return self.is_alive and self.difference_minor > 0 and self.settled_how is None


@dataclass(frozen=True, slots=True)
class Link:
    """One case of the chain."""

    id: int
    number: str
    kind: CaseKind
    phase: CasePhase
    ending: Ending | None
    order_id: int
    order_number: str
    currency: str
    opened_at: datetime
    units: tuple[Unit, ...]
    outs: tuple[OutRow, ...]
    goods: Goods
    amounts: dict[AmountPart, settling.Amount]


@dataclass(frozen=True, slots=True)
class Chain:
    links: tuple[Link, ...]

    def expected_minor(self, part: AmountPart) -> int:
        return sum(link.amounts[part].expected_minor for link in self.links)

    def settled_minor(self, part: AmountPart) -> int:
        return sum(link.amounts[part].settled_minor for link in self.links)


def chain_of(case: Case, actor: Actor) -> Chain:
    """Oldest first; cases that the reader may not see are left out."""
    return Chain(tuple(_link(one) for one in members(case) if case_queries.sees(one, actor)))


def members(case: Case) -> list[Case]:
    """The cases of its chain, itself among them, the oldest first."""
    found = {case.id: case}
    fresh = [case]
    while fresh and len(found) < MOST:
        fresh = [one for one in _beside(fresh) if one.id not in found]
        found |= {one.id: one for one in fresh}
    return [found[case_id] for case_id in sorted(found)]


class Tie(StrEnum):
    """How another case belongs to this one: a link of its chain, or merely of the same order or customer."""

    PARENT = "parent"  # this one follows from it
    CHILD = "child"
    MERGED_INTO = "merged_into"
    MERGED_HERE = "merged_here"
    SENT = "sent"  # about goods that this one sent out
    SENT_BY = "sent_by"  # sent the goods that this one is about
    CHAIN = "chain"  # a link further away
    SAME_ORDER = "same_order"
    SAME_CUSTOMER = "same_customer"


def ties(case: Case, actor: Actor) -> dict[Tie, list[Case]]:
    """The other cases that the reader sees: those of its chain, then those that are no part of it, the newest first."""
    chain = [one for one in members(case) if one.id != case.id]
    sent_by = _sent_by(case)
    outbound = {row.outbound_id for row in replacements.of_case(case.id, case.store_id)}
    found: dict[Tie, list[Case]] = {}
    for one in chain:
        found.setdefault(_tie(case, one, sent_by, outbound), []).append(one)
    for one in _no_part_of(case, {case.id, *(one.id for one in chain)}):
        found.setdefault(Tie.SAME_ORDER if one.order_id == case.order_id else Tie.SAME_CUSTOMER, []).append(one)
    seen = {tie: [one for one in found.get(tie, ()) if case_queries.sees(one, actor)] for tie in Tie}
    return {tie: there for tie, there in seen.items() if there}


def _tie(case: Case, other: Case, sent_by: set[int], outbound: set[int]) -> Tie:
    holds = {
        Tie.PARENT: other.id == case.parent_id,
        Tie.CHILD: other.parent_id == case.id,
        Tie.MERGED_INTO: other.id == case.merged_into_id,
        Tie.MERGED_HERE: other.merged_into_id == case.id,
        Tie.SENT_BY: other.id in sent_by,
        Tie.SENT: other.order_id in outbound,
    }
    return next((tie for tie, is_so in holds.items() if is_so), Tie.CHAIN)


def _sent_by(case: Case) -> set[int]:
    statement = select(Replacement.case_id).where(Replacement.outbound_id == case.order_id)
    return set(db.session.scalars(in_store(statement, case.store_id, Replacement)))


def _no_part_of(case: Case, chain: set[int]) -> list[Case]:
    """Merely of the same order, or of the same customer where one is known."""
    customer = in_store(select(Order.customer_id).where(Order.id == case.order_id), case.store_id, Order)
    theirs = in_store(select(Order.id).where(Order.customer_id == customer.scalar_subquery()), case.store_id, Order)
    same = or_(Case.order_id == case.order_id, Case.order_id.in_(theirs))
    statement = select(Case).where(same, Case.id.not_in(chain)).order_by(Case.id.desc()).limit(MOST_OTHERS)
    return list(db.session.scalars(in_store(statement, case.store_id, Case)))


def _beside(cases: list[Case]) -> list[Case]:
    """One step along the chain: up, down, into what they were merged, and over the orders that went out again."""
    store_id = cases[0].store_id
    ids = [one.id for one in cases]
    named = {i for one in cases for i in (one.parent_id, one.merged_into_id) if i}
    orders = [one.order_id for one in cases]
    made = select(Replacement.case_id).where(Replacement.outbound_id.in_(orders))
    out = select(Replacement.outbound_id).where(Replacement.case_id.in_(ids))
    statement = select(Case).where(
        or_(
            Case.id.in_(named),
            Case.parent_id.in_(ids),
            Case.merged_into_id.in_(ids),
            Case.id.in_(in_store(made, store_id, Replacement)),
            Case.order_id.in_(in_store(out, store_id, Replacement)),
        )
    )
    return list(db.session.scalars(in_store(statement.order_by(Case.id), store_id, Case)))


def _link(case: Case) -> Link:
    order = db.session.scalars(in_store(select(Order).where(Order.id == case.order_id), case.store_id, Order)).one()
    rows = replacements.of_case(case.id, case.store_id)
    outbound = replacements.outbound_of([row.id for row in rows], case.store_id)
    return Link(
        id=case.id, number=case.number or "", kind=case.kind, phase=case.phase, ending=case.ending, order_id=order.id,
        order_number=order.number, currency=order.currency, opened_at=case.opened_at,
        units=tuple(
            Unit(line.title or "", line.quantity, line.refunding, line.replacing, line.refund_minor,
                 line.refunded_minor)
            for line in settling.lines_of(case)
        ),
        outs=tuple(_out(row, outbound[row.id]) for row in rows),
        goods=case_balances.goods(case.id, case.store_id),
        amounts=settling.amounts_of(case),
    )  # fmt: skip


def _out(row: Replacement, order: Order) -> OutRow:
    out = replacements.out(row)
    worth = sum(line.worth_minor for line in replacements.lines_of([row.id], row.store_id))
    is_alive = bool(replacements.alive([row]))
    return OutRow(
        order.number, order.id, row.kind, out.units, out.shipped, worth, row.difference_minor, row.settled_how,
        _settled_by(row), is_alive,
    )  # fmt: skip


def _settled_by(row: Replacement) -> str | None:
    if row.settled_order_id is None:
        return row.settled_reference
    number = select(Order.number).where(Order.id == row.settled_order_id)
    return db.session.scalar(in_store(number, row.store_id, Order))
