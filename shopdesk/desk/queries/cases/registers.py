"""登记表: the cases of one kind with what happened to each, newest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from shopdesk.cases import queries as cases
from shopdesk.cases.models import Case, CaseNote, CaseReminder
from shopdesk.cases.states import CaseKind, CasePhase
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor
from shopdesk.core.personal import Personal
from shopdesk.core.scope import within
from shopdesk.orders.models import Order
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Person

CHUNK = 500  # entries read at once


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries of a register; days are those of the reader's zone, both included."""

    kind: CaseKind
    first: date | None = None
    last: date | None = None
    owner_id: int | None = None
    state: CasePhase | None = None
    is_open: bool | None = None
    after: int | None = None  # the last case of the page before


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One event of a case; `to`: whom it names; `said`: the note, the reminder or the answer that it is about."""

    at: datetime
    action: str
    who: str | None
    body: dict[str, Any]
    to: str | None = None
    said: Personal | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a register."""

    case: Any
    history: list[FollowUp]  # oldest first


_COLUMNS = (
    Case.id, Case.number, Case.store_id, Case.order_id, Order.number.label("order_number"), Order.buyer_nick,
    Order.recipient_name, Case.kind, Case.goal, Case.reason, Case.detail, Case.wish, Case.outcome, Case.role,
    Case.phase, Case.waiting_for, Case.due_at, Case.platform_number, Case.platform_status, Case.owner_id,
    Person.signature.label("owner"), Case.opened_at, Case.closed_at, Order.currency,
)  # fmt: skip


def entries(actor: Actor, asked: Asked, *, limit: int = 50) -> list[Entry]:
    rows = list(db.session.execute(_statement(actor, asked).limit(limit)))
    history = _history([row.id for row in rows], actor)
    return [Entry(row, history[row.id]) for row in rows]


def every(actor: Actor, asked: Asked, *, most: int) -> Iterator[Entry]:
    """Up to `most` entries, a few at a time."""
    while most > 0:
        found = entries(actor, asked, limit=min(CHUNK, most))
        yield from found
        if len(found) < CHUNK:
            return
        most -= len(found)
        asked = replace(asked, after=found[-1].case.id)


def _statement(actor: Actor, asked: Asked) -> Select[*tuple[Any, ...]]:
    statement = (
        select(*_COLUMNS)
        .join(Order, Order.id == Case.order_id)
        .outerjoin(Person, Person.id == Case.owner_id)
        .where(Case.kind == asked.kind)
    )
    first, until = _limits(asked, staff.zone_for(actor))
    if first is not None:
        statement = statement.where(Case.opened_at >= first)
    if until is not None:
        statement = statement.where(Case.opened_at < until)
    if asked.owner_id is not None:
        statement = statement.where(Case.owner_id == asked.owner_id)
    if asked.state is not None:
        statement = statement.where(Case.phase == asked.state)
    if asked.is_open:
        statement = statement.where(Case.phase != CasePhase.CLOSED)
    if asked.after is not None:
        statement = statement.where(Case.id < asked.after)
    return cases.seen(statement.order_by(Case.id.desc()), actor)


def _limits(asked: Asked, zone: str) -> tuple[datetime | None, datetime | None]:
    first = datetime.combine(asked.first, time(), ZoneInfo(zone)).astimezone(UTC) if asked.first else None
    if asked.last is None:
        return first, None
    return first, datetime.combine(asked.last + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def _history(ids: list[int], actor: Actor) -> dict[int, list[FollowUp]]:
    """What was recorded of cases that were found through the scope."""
    found: dict[int, list[FollowUp]] = defaultdict(list)
    if not ids:
        return found
    statement = (
        select(Event.subject_id, Event.at, Event.action, Event.body, Person.signature)
        .outerjoin(Person, Person.id == Event.actor_id)
        .where(Event.subject == "case", Event.subject_id.in_(ids))
        .order_by(Event.id)
    )
    said, rows = _said(ids, actor), db.session.execute(statement).all()
    names = staff.signatures({row.body["to"] for row in rows if row.body and row.body.get("to")})
    for row in rows:
        body = row.body or {}
        words = said.get((row.action, body.get(SAYS.get(row.action, ""))))
        found[row.subject_id].append(
            FollowUp(row.at, row.action, row.signature, body, names.get(body.get("to", 0)), words)
        )
    return found


#: Event → the member of its body that names the row in which the words stand.
SAYS = {"case.noted": "note", "case.reminded": "reminder", "case.reminder_answered": "reminder"}


def _said(ids: list[int], actor: Actor) -> dict[tuple[str, int | None], Personal | None]:
    """(event, id of its row) → what was written there."""
    noted = select(CaseNote.id, CaseNote.text).where(CaseNote.case_id.in_(ids))
    found: dict[tuple[str, int | None], Personal | None] = {}
    found |= {("case.noted", i): text for i, text in db.session.execute(within(noted, actor, cases.P, CaseNote))}
    reminded = select(CaseReminder.id, CaseReminder.words, CaseReminder.answer).where(CaseReminder.case_id.in_(ids))
    for i, words, answer in db.session.execute(within(reminded, actor, cases.P, CaseReminder)):
        found |= {("case.reminded", i): words, ("case.reminder_answered", i): answer}
    return found
