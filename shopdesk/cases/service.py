"""Commands on cases: opened, accepted by a named person, closed with an outcome."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import update

from shopdesk.cases import queries, rules
from shopdesk.cases.models import Case
from shopdesk.cases.states import CaseKind, CasePhase, CaseSource, Goal, role_of
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, DomainError, IllegalMove
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.scope import in_store, load
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


@command
def accept(case_id: int, *, actor: Actor) -> Case:
    """Become the owner of a case that nobody owns; for its owner nothing changes.

    Raises NotFound, NotAllowed (another role; a supervisor alone), IllegalMove (closed), Conflict (`case_taken`, with
    `who`): of two at once the row count lets one win.
    """
    case = queries.case_by_id(case_id, actor, Permission.CASE_ACCEPT)
    rules.check_accept(_who(case, actor), case.role)
    rules.check_move(case.phase, CasePhase.CLOSED)
    if case.owner_id == actor.id:
        return case
    statement = (
        update(Case)
        .where(Case.id == case.id, Case.owner_id.is_(None), Case.phase == CasePhase.COMMUNICATE)
        .values(owner_id=actor.id, accepted_at=clock.now(), version=Case.version + 1)
    )
    done = rows_changed(in_store(statement, case.store_id, Case))
    db.session.refresh(case)
    if done != 1:
        raise _lost(case)
    audit.record("case.accepted", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id)
    return case


def _lost(case: Case) -> DomainError:
    """Why a conditional UPDATE changed nothing, read afresh."""
    if case.phase is CasePhase.CLOSED:
        return IllegalMove("This case is closed.", code="case_closed", phase=str(case.phase))
    who = staff.signatures({case.owner_id}).get(case.owner_id, "") if case.owner_id else ""
    return Conflict("%(who)s has accepted this case already.", code="case_taken", who=who)


@command
def close(case_id: int, outcome: str, *, actor: Actor) -> Case:
    """End a case and say how it ended.

    Raises NotFound, NotAllowed (somebody else's, another role's), IllegalMove (closed; not accepted yet), Conflict
    (accepted meanwhile), RuleViolation (no outcome).
    """
    case = queries.case_by_id(case_id, actor, Permission.CASE_CLOSE)
    rules.check_move(case.phase, CasePhase.CLOSED)
    rules.check_close(_who(case, actor), case.role, kind=case.kind, owner_id=case.owner_id)
    said = strip_controls(outcome).strip()
    rules.check_outcome(said)
    owner_id = case.owner_id
    same_owner = Case.owner_id.is_(None) if owner_id is None else Case.owner_id == owner_id
    statement = (
        update(Case)
        .where(Case.id == case.id, Case.phase == CasePhase.COMMUNICATE, same_owner)
        .values(
            phase=CasePhase.CLOSED, closed_at=clock.now(), closed_by_id=actor.id, outcome=said, version=Case.version + 1
        )
    )
    done = rows_changed(in_store(statement, case.store_id, Case))
    db.session.refresh(case)
    if done != 1:
        raise _lost(case)
    audit.record("case.closed", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id)
    return case


def _who(case: Case, actor: Actor) -> rules.Who:
    held = actor.roles.get(case.store_id, frozenset())
    return rules.Who(actor.id, case.role in held, bool(held & {Role.SUPERVISOR, Role.SYSTEM}))
