"""Cases are opened: an application that somebody records, a change that came too late, a platform's word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shopdesk.cases import queries, rules
from shopdesk.cases.models import Case
from shopdesk.cases.service import applying
from shopdesk.cases.states import (
    CaseKind,
    CasePhase,
    CaseSource,
    Detail,
    DueSource,
    Goal,
    Inquiry,
    Question,
    Reason,
    Resolution,
    role_of,
)
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import IllegalMove
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import load
from shopdesk.core.text import strip_controls
from shopdesk.orders.models import Order
from shopdesk.staff import queries as staff
from shopdesk.staff.models import CASE_DUE_HOURS, CASE_DUE_HOURS_DEFAULT, Store


@dataclass(frozen=True, slots=True)
class Application:
    """What the customer wants of what has left.  `goal` with `intercept` only; `parcel_id` where one is meant.

    Without a wish the reason stands for it.  `units`: (line, units); a line may come twice.
    """

    kind: CaseKind
    wish: str
    goal: Goal | None = None
    parcel_id: int | None = None
    reason: Reason | None = None
    detail: Detail | None = None
    wanted: tuple[Resolution, ...] = ()
    inquiry: Inquiry | None = None
    units: tuple[tuple[int, int], ...] = ()
    answers: Mapping[Question, str] = field(default_factory=dict)


def store_due(store: Store, opened_at: datetime) -> datetime:
    """Until when somebody looks at a case of the store, where neither the platform nor a person says another time."""
    return opened_at + timedelta(hours=int(store.settings.get(CASE_DUE_HOURS, CASE_DUE_HOURS_DEFAULT)))


@command
def record(order_id: int, application: Application, *, actor: Actor) -> Case:
    """Record an application on an order of which something has left.

    Raises NotFound, NotAllowed, IllegalMove (`not_left`: ask for a change instead; `order_voided`), RuleViolation
    (words, goal, a detail or an answer of another reason, more units than the customer has).
    """
    order = load(Order, order_id, actor, Permission.CASE_OPEN)
    wish = strip_controls(application.wish).strip() or str(application.reason or "")
    rules.check_application(application.kind, application.goal, wish)
    answers = applying.cleaned(application.answers)
    rules.check_reason(application.reason, application.detail, application.wanted, answers)
    left = queries.left_parcels(order.id, order.store_id)
    if not left and queries.is_voided(order.id, order.store_id):
        raise IllegalMove("The order was voided: nothing of it can come back.", code="order_voided")
    if not left:
        raise IllegalMove("Nothing of this order has left: ask for a change.", code="not_left")
    parcel_id = application.parcel_id or (left[0].id if len(left) == 1 else None)
    if parcel_id is not None and parcel_id not in {parcel.id for parcel in left}:
        raise IllegalMove("This parcel has not left: ask for a change.", code="not_left")
    units = applying.checked_units(order, application.units)
    meant = replace(application, wish=wish, parcel_id=parcel_id)
    case = open_case(order, meant, source=CaseSource.ASKED, actor=actor)
    applying.keep_units(case, order, units)
    applying.keep_answers(case, answers)
    return case


@dataclass(frozen=True, slots=True)
class Past:
    """When an application began and ended elsewhere, and the platform's last word of it."""

    opened_at: datetime
    closed_at: datetime
    said: str


#: How such a case ended, in the language of the store's memos.
ENDED_BEFORE = {
    "zh": "接入之前平台已经结束：{said}",
    "en": "The platform had ended it before the desk followed its lists: {said}",
}


@command
def keep_history(order: Order, application: Application, past: Past, *, actor: Actor) -> Case:
    """Keep what ended on the platform before the desk began, as a closed case of its own time that nobody carries.

    The order was found through the scope.  It waits for nobody and has no clock; it stands on the order and in its
    register, and in the figures of its own days.
    """
    store = staff.store_by_id(order.store_id)
    case = Case(
        store_id=order.store_id, order_id=order.id, parcel_id=application.parcel_id, kind=application.kind,
        goal=application.goal, source=CaseSource.PLATFORM, phase=CasePhase.CLOSED, role=role_of(application.kind),
        wish=application.wish, opened_at=past.opened_at, closed_at=past.closed_at, phase_at=past.closed_at,
        outcome=ENDED_BEFORE.get(store.memo_language, ENDED_BEFORE["en"]).format(said=past.said),
    )  # fmt: skip
    _number(case, store, past.opened_at)
    audit.record(
        "case.kept_as_history", "case", case.id, actor, store_id=case.store_id, order_id=order.id, number=case.number,
        case_kind=str(case.kind),
    )  # fmt: skip
    return case


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
    store = staff.store_by_id(order.store_id)
    role = role_of(application.kind)
    case = Case(
        store_id=order.store_id, order_id=order.id, parcel_id=application.parcel_id, change_id=change_id,
        kind=application.kind, goal=application.goal, source=source, phase=CasePhase.COMMUNICATE, role=role,
        wish=application.wish, opened_by_id=actor.id, opened_at=at, reason=application.reason,
        detail=application.detail, wanted=[str(each) for each in dict.fromkeys(application.wanted)] or None,
        inquiry=application.inquiry, due_at=store_due(store, at), due_source=DueSource.STORE,
    )  # fmt: skip
    _number(case, store, at)
    audit.record(
        "case.opened", "case", case.id, actor, store_id=case.store_id, order_id=order.id, number=case.number,
        case_kind=str(case.kind), goal=str(case.goal) if case.goal else None, source=str(source), change=change_id,
    )  # fmt: skip
    return case


def _number(case: Case, store: Store, at: datetime) -> None:
    """Write it under its number."""
    db.session.add(case)
    db.session.flush()
    # Of the id, which is unique: a counter per day would make everybody who opens a case wait for everybody else.
    day = at.astimezone(ZoneInfo(store.zone)).strftime("%Y%m%d")
    case.number = f"C{day}-{case.id:04d}"
    db.session.flush()
    db.session.refresh(case)  # from here on its words are personal values
