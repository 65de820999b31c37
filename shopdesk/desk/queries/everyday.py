"""Which order can be taken back with one click, and which case ended with one; where policy departs, with a word.

A single unit that the customer has, and no case yet: in time with a click, out of time with a supervisor's word.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from shopdesk.cases.models import Case
from shopdesk.cases.states import CLAIMS_DEFECT, CasePhase, Reason
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.scope import in_store
from shopdesk.desk.queries import case_balances
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order, OrderLine
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Stage
from shopdesk.returns import queries as returns
from shopdesk.returns.models import Finding, Return, ReturnLine
from shopdesk.returns.states import Grade

NEEDED = (Permission.CASE_OPEN, Permission.CASE_ACCEPT, Permission.RETURN_CONFIRM)
USED = frozenset({Grade.C, Grade.D})


@dataclass(frozen=True, slots=True)
class FastLane:
    """The one click of the order page; `over_since` the last day of its window, where that is over."""

    over_since: date | None
    may_except: bool


def fast_lane(order: Order, who: Actor) -> FastLane | None:
    """For somebody of after-sale, who then serves the customer; None: there is more to it."""
    is_theirs = Role.AFTER_SALE in who.roles.get(order.store_id, frozenset())
    if not is_theirs or not all(who.may(one, order.store_id) for one in NEEDED):
        return None
    line = single_unit(order)
    if line is None:
        return None
    return FastLane(over_since(order, line), who.may(Permission.RETURN_EXCEPT, order.store_id))


def over_since(order: Order, line: OrderLine) -> date | None:
    window = returns.window_of(order, [line.id])
    return window.last_day if window.is_over(clock.now()) else None


def departs(case: Case) -> bool:
    """Whether what came back is not what the policy takes: a refund of it is an exception, with a reason.

    Used goods, and goods without the fault that was claimed (M097).
    """
    grades = set(_grades(case))
    is_used = case.reason is Reason.UNWANTED and bool(grades & USED)
    return is_used or (case.reason in CLAIMS_DEFECT and case_balances.has_no_defect(case))


def _grades(case: Case) -> Iterable[Grade | None]:
    statement = (
        select(Finding.grade)
        .join(ReturnLine, ReturnLine.id == Finding.return_line_id)
        .join(Return, Return.id == ReturnLine.return_id)
        .where(Return.case_id == case.id, Finding.replaced_at.is_(None), Finding.has_defect.is_(False))
    )
    return db.session.scalars(in_store(statement, case.store_id, ReturnLine, Return))


def single_unit(order: Order) -> OrderLine | None:
    """The line of the one unit, in time or not; None where there is more to it."""
    there = [line for line in orders.lines(order.id, order.store_id) if line.shipped - line.returned - line.in_return]
    if len(there) != 1 or there[0].shipped - there[0].returned - there[0].in_return != 1:
        return None
    stages = {parcel.stage for parcel in parcels.parcels_of_order(order.id, order.store_id)}
    if stages != {Stage.DELIVERED} or open_case(order) is not None:
        return None
    return there[0]


def open_case(order: Order) -> Case | None:
    """The oldest case about the order that goes on."""
    statement = select(Case).where(Case.order_id == order.id, Case.phase != CasePhase.CLOSED).order_by(Case.id).limit(1)
    return db.session.scalars(in_store(statement, order.store_id, Case)).one_or_none()
