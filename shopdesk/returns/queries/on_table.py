"""What a clerk at the table sees of a parcel: the returns it is for, what was said of them, which units are awaited."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from shopdesk.cases.models import Case
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import within
from shopdesk.orders import queries as order_queries
from shopdesk.orders.models import Order
from shopdesk.returns.models import Arrival, Return, ReturnLine
from shopdesk.returns.queries import docks
from shopdesk.returns.states import ArrivalState, ReturnStands, stands

LOOK = Permission.ARRIVAL_READ
_NUMBERS = re.compile(r"\d(?:[ -]?\d){6,}")  # phones and accounts among words


@dataclass(frozen=True, slots=True)
class Awaited:
    """One return of a parcel.  Name and problem only while the parcel is in hand: never a phone or an address."""

    back: Return
    case: Case
    order_number: str
    name: str | None
    problem: str | None
    lines: tuple[ReturnLine, ...]
    part_of: dict[int, str]  # line of the return → the bundle that it is a part of
    stands: ReturnStands

    @property
    def outstanding(self) -> int:
        return sum(outstanding(line) for line in self.lines)


def outstanding(line: ReturnLine) -> int:
    return line.expected - line.arrived - line.given_up


def on_table(arrival: Arrival, actor: Actor) -> list[Awaited]:
    """The returns of the actor's stores that the parcel is matched with."""
    ids = [match.return_id for match in docks.matches([arrival.id], actor)]
    rows = list(db.session.scalars(within(select(Return).where(Return.id.in_(ids)), actor, LOOK, Return)))
    lines: dict[int, list[ReturnLine]] = defaultdict(list)
    of_them = select(ReturnLine).where(ReturnLine.return_id.in_(ids)).order_by(ReturnLine.id)
    for line in db.session.scalars(within(of_them, actor, LOOK, ReturnLine)):
        lines[line.return_id].append(line)
    cases = select(Case).where(Case.id.in_({row.case_id for row in rows}))
    by_case = {case.id: case for case in db.session.scalars(within(cases, actor, LOOK, Case))}
    orders = select(Order).where(Order.id.in_({row.order_id for row in rows}))
    by_order = {order.id: order for order in db.session.scalars(within(orders, actor, LOOK, Order))}
    return [
        _awaited(row, by_case[row.case_id], by_order[row.order_id], lines[row.id], arrival.state)
        for row in sorted(rows, key=lambda row: row.id)
    ]


def _awaited(row: Return, case: Case, order: Order, lines: list[ReturnLine], parcel: ArrivalState) -> Awaited:
    in_hand = parcel is not ArrivalState.SIGNED_IN
    name = order.recipient_name.reveal("the parcel is in hand") if in_hand and order.recipient_name else None
    problem = _NUMBERS.sub("****", case.wish.reveal("the parcel is in hand")) if in_hand else None
    bundles = order_queries.bundles_of(row.order_id, row.store_id)
    heads = {line.id: bundles[line.line_id].head for line in lines if line.line_id in bundles}
    part_of = {line_id: head.title or head.sku or "" for line_id, head in heads.items()}
    where = stands(row.state, is_at_dock=parcel is not ArrivalState.INSPECTED)
    return Awaited(row, case, order.number, name, problem, tuple(lines), part_of, where)
