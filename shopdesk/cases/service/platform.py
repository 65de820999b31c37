"""A case follows the platform's own list of refunds: its status, amount and deadline as given, never the phase."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import select

from shopdesk.cases.models import Case, CaseLine, CaseNote
from shopdesk.cases.service.moving import move
from shopdesk.cases.service.opening import Application, Past, keep_history, open_case, store_due
from shopdesk.cases.states import (
    CaseKind,
    CasePhase,
    CaseSource,
    Detail,
    DueSource,
    Goal,
    PhaseMove,
    PlatformState,
    PlatformWord,
    Reason,
    put_together,
    role_of,
)
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.orders.models import Order, OrderLine
from shopdesk.staff import queries as staff

Outcome = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class PlatformTold:
    """One application as the platform's list tells it; `number` is its own, unique in the store."""

    number: str
    kind: CaseKind
    wish: str
    status: str
    goal: Goal | None = None
    amount_minor: int | None = None
    due_at: datetime | None = None
    reason: Reason | None = None
    detail: Detail | None = None
    parcel_id: int | None = None
    line: OrderLine | None = None
    units: int = 0  # of the line, where they are known for sure
    applied_at: datetime | None = None
    ended_at: datetime | None = None
    is_history: bool = False  # the platform had ended it before the desk followed its lists


class Followed(NamedTuple):
    case: Case
    outcome: Outcome
    is_older: bool  # than what was known: gaps were filled at most


@command
def follow_platform(
    order: Order, told: PlatformTold, *, as_of: datetime, actor: Actor, adopt: Case | None = None
) -> Followed:
    """Open the application's case, or bring it up to what a later list says; an older one fills gaps only (D2).

    `adopt`: a case that the desk opened for the same application before its number was known.  The order was found
    through the scope and is locked.  Raises RuleViolation (`refund_of_other_order`).
    """
    case = _locked(told.number, order.store_id) or adopt
    if case is not None and case.order_id != order.id:
        raise RuleViolation("This application is known on another order.", code="refund_of_other_order")
    is_new = case is None
    if case is None:
        meant = Application(told.kind, told.wish, told.goal, told.parcel_id)
        if told.is_history:
            case = keep_history(order, meant, _past(told, as_of), actor=actor)
        else:
            case = open_case(order, meant, source=CaseSource.PLATFORM, actor=actor)
        _add_line(case, told)
    is_older = case.platform_as_of is not None and as_of < case.platform_as_of
    changed = _set(case, _values(case, told, as_of=as_of))
    if not changed:
        return Followed(case, "unchanged", is_older)
    if not is_new:
        case.version += 1
        _back_from_history(case, actor)
    audit.record(
        "case.platform_told", "case", case.id, actor, store_id=case.store_id, order_id=order.id, fields=changed,
        word=str(_known(case).word),
    )  # fmt: skip
    db.session.flush()
    return Followed(case, "created" if is_new else "updated", is_older)


def _past(told: PlatformTold, as_of: datetime) -> Past:
    """When it began and ended as far as the list tells; what it does not tell is put at its beginning."""
    opened_at = min(told.applied_at or told.ended_at or as_of, as_of)
    return Past(opened_at, max(opened_at, min(told.ended_at or opened_at, as_of)), told.status)


def _back_from_history(case: Case, actor: Actor) -> None:
    """What runs again on the platform comes into the queue: nobody here had ended it."""
    is_history = case.phase is CasePhase.CLOSED and case.closed_by_id is None and case.ending is None
    if not is_history or case.source is not CaseSource.PLATFORM or _known(case).word is not PlatformWord.RUNNING:
        return
    due = {}
    if case.due_at is None:
        due = {"due_at": store_due(staff.store_by_id(case.store_id), clock.now()), "due_source": DueSource.STORE}
    db.session.flush()
    move(case, PhaseMove.REOPEN, actor=actor, outcome=None, **due)


def _locked(number: str, store_id: int) -> Case | None:
    statement = select(Case).where(Case.platform_number == number).with_for_update(key_share=True)
    found = in_store(statement.execution_options(populate_existing=True), store_id, Case)
    return db.session.scalars(found).one_or_none()


def _known(case: Case) -> PlatformState:
    return PlatformState(
        case.platform_status, case.platform_amount_minor, case.platform_due_at, case.platform_kind, case.platform_as_of
    )


def _values(case: Case, told: PlatformTold, *, as_of: datetime) -> dict[str, Any]:
    state = PlatformState(told.status, told.amount_minor, told.due_at, str(told.kind), as_of)
    now = put_together(_known(case), state)
    values: dict[str, Any] = {
        "platform_number": told.number, "platform_status": now.status, "platform_amount_minor": now.amount_minor,
        "platform_due_at": now.due_at, "platform_kind": now.kind, "platform_as_of": now.as_of,
    }  # fmt: skip
    values |= _due(case, now) | _kind(case, now, told)
    if case.reason is None and told.reason is not None:
        values |= {"reason": told.reason, "detail": told.detail}
    if case.parcel_id is None and told.parcel_id is not None:
        values["parcel_id"] = told.parcel_id
    return values


def _due(case: Case, now: PlatformState) -> dict[str, Any]:
    """The platform's clock is the case's while it runs, then the store's again; an earlier day that a person set stays.

    The case is still open: what the platform ended has to be closed here by somebody, and is overdue until it is.
    """
    if now.word is PlatformWord.RUNNING and now.due_at is not None:
        is_by_hand = case.due_source is DueSource.PERSON and case.due_at is not None and case.due_at <= now.due_at
        return {} if is_by_hand else {"due_at": now.due_at, "due_source": DueSource.PLATFORM}
    if case.due_source is not DueSource.PLATFORM:
        return {}
    store = staff.store_by_id(case.store_id)
    return {"due_at": store_due(store, case.opened_at), "due_source": DueSource.STORE}


def _kind(case: Case, now: PlatformState, told: PlatformTold) -> dict[str, Any]:
    """Another register where the platform's own word changed, while nothing is decided and nobody chose another."""
    before = case.platform_kind or (str(CaseKind.REFUND_ONLY) if case.source is CaseSource.PLATFORM else None)
    is_free = case.phase is CasePhase.COMMUNICATE and str(case.kind) == before
    if not is_free or now.kind is None or now.kind == before or now.kind != str(told.kind):
        return {}
    return {"kind": told.kind, "goal": told.goal, "role": role_of(told.kind)}


def _set(case: Case, values: dict[str, Any]) -> list[str]:
    """The names of what is different now; a newer as_of alone is no change, and is kept."""
    changed = sorted(name for name, value in values.items() if getattr(case, name) != value)
    for name in changed:
        setattr(case, name, values[name])
    db.session.flush()
    return [name for name in changed if name != "platform_as_of"]


def _add_line(case: Case, told: PlatformTold) -> None:
    if told.line is None or told.units < 1:
        return
    line = told.line
    db.session.add(
        CaseLine(
            store_id=case.store_id, case_id=case.id, line_id=line.id, quantity=told.units, sku=line.sku,
            title=line.title, attributes=line.attributes,
        )
    )  # fmt: skip


@command
def note_of_file(case: Case, text: str, *, key: str, actor: Actor) -> bool:
    """Keep what a file says beyond the case's fields as a note, once: False where one that names `key` stands."""
    statement = select(CaseNote).where(CaseNote.case_id == case.id)
    notes = db.session.scalars(in_store(statement, case.store_id, CaseNote))
    if any(key in note.text.reveal("to note it once") for note in notes):
        return False
    db.session.add(
        CaseNote(store_id=case.store_id, case_id=case.id, text=text, made_by_id=actor.id, made_at=clock.now())
    )
    audit.record("case.file_noted", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id)
    db.session.flush()
    return True
