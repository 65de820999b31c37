"""Cases are opened: an application that somebody records, a change that came too late, a platform's word."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from shopdesk.cases import queries, rules
from shopdesk.cases.models import Case
from shopdesk.cases.states import CaseKind, CasePhase, CaseSource, Goal, role_of
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import IllegalMove
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import load
from shopdesk.core.text import strip_controls
from shopdesk.orders.models import Order
from shopdesk.staff import queries as staff


@dataclass(frozen=True, slots=True)
class Application:
    """What the customer wants of what has left.  `goal` with `intercept` only; `parcel_id` where one is meant."""

    kind: CaseKind
    wish: str
    goal: Goal | None = None
    parcel_id: int | None = None


@command
def record(order_id: int, application: Application, *, actor: Actor) -> Case:
    """Record an application on an order of which something has left.

    Raises NotFound, NotAllowed, IllegalMove (`not_left`: ask for a change instead), RuleViolation (words, goal).
    """
    order = load(Order, order_id, actor, Permission.CASE_OPEN)
    wish = strip_controls(application.wish).strip()
    rules.check_application(application.kind, application.goal, wish)
    left = queries.left_parcels(order.id, order.store_id)
    if not left:
        raise IllegalMove("Nothing of this order has left: ask for a change.", code="not_left")
    parcel_id = application.parcel_id or (left[0].id if len(left) == 1 else None)
    if parcel_id is not None and parcel_id not in {parcel.id for parcel in left}:
        raise IllegalMove("This parcel has not left: ask for a change.", code="not_left")
    meant = Application(application.kind, wish, application.goal, parcel_id)
    return open_case(order, meant, source=CaseSource.ASKED, actor=actor)


@command
def open_case(
    order: Order, application: Application, *, source: CaseSource, actor: Actor, change_id: int | None = None
) -> Case:
    """Open a case on an order that was found through the scope; for a change it is opened once.

    The caller decided that it may be: a fact opens cases whoever told it.
    """
    if change_id is not None and (there := queries.of_change(change_id, order.store_id)):
        return there
    at = clock.now()
    role = role_of(application.kind)
    case = Case(
        store_id=order.store_id, order_id=order.id, parcel_id=application.parcel_id, change_id=change_id,
        kind=application.kind, goal=application.goal, source=source, phase=CasePhase.COMMUNICATE, role=role,
        wish=application.wish, opened_by_id=actor.id, opened_at=at,
    )  # fmt: skip
    db.session.add(case)
    db.session.flush()
    # Of the id, which is unique: a counter per day would make everybody who opens a case wait for everybody else.
    day = at.astimezone(ZoneInfo(staff.store_by_id(order.store_id).zone)).strftime("%Y%m%d")
    case.number = f"C{day}-{case.id:04d}"
    db.session.flush()
    db.session.refresh(case)  # from here on its words are personal values
    audit.record(
        "case.opened", "case", case.id, actor, store_id=case.store_id, order_id=order.id, number=case.number,
        case_kind=str(case.kind), goal=str(case.goal) if case.goal else None, source=str(source), change=change_id,
    )  # fmt: skip
    return case
