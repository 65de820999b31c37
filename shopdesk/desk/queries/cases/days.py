"""The day of after-sale: opened, closed and open at its end, of each kind and of each person (M103, M104)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from shopdesk.cases.models import Case
from shopdesk.cases.states import CaseKind, CasePhase
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import within
from shopdesk.desk.queries import watch_reads
from shopdesk.desk.queries.cases.following import in_zones
from shopdesk.desk.states import CaseGroup
from shopdesk.refunds import queries as refunds
from shopdesk.refunds.states import Shelf
from shopdesk.staff import queries as staff

P = Permission.CASE_COUNT
GROUPS: dict[CaseGroup, tuple[CaseKind, ...]] = {
    CaseGroup.RETURNS: (CaseKind.RETURN, CaseKind.EXCHANGE, CaseKind.RESHIP, CaseKind.DAMAGE),
    CaseGroup.REFUNDS: (CaseKind.REFUND_ONLY, CaseKind.DISPUTE, CaseKind.COMPENSATION),
    CaseGroup.TRACING: (
        CaseKind.TRACE, CaseKind.EXTEND_RECEIPT, CaseKind.INTERCEPT, CaseKind.DELIVERY_FAILURE, CaseKind.NOT_RECEIVED,
    ),
    CaseGroup.OTHER: (CaseKind.INVOICE,),
}  # fmt: skip


@dataclass(slots=True)
class Figures:
    opened: int = 0
    closed: int = 0
    open: int = 0  # at the end of the day, today: now


@dataclass(slots=True)
class Day:
    kinds: dict[CaseKind, Figures] = field(default_factory=dict)
    people: dict[int | None, Figures] = field(default_factory=dict)  # opened and closed by, open with
    names: dict[int, str] = field(default_factory=dict)
    total: Figures = field(default_factory=Figures)

    def group(self, name: CaseGroup) -> Figures:
        parts = [self.kinds[kind] for kind in GROUPS[name] if kind in self.kinds]
        return Figures(sum(p.opened for p in parts), sum(p.closed for p in parts), sum(p.open for p in parts))


def day(actor: Actor, that: date) -> Day:
    """Each store's day by its own clock; three statements and the names."""
    found = Day()
    opened = in_zones(actor, P, that, lambda first, until: (Case.opened_at >= first) & (Case.opened_at < until))
    closed = in_zones(actor, P, that, lambda first, until: (Case.closed_at >= first) & (Case.closed_at < until))
    still = in_zones(
        actor, P, that,
        lambda _first, until: (Case.opened_at < until) & or_(Case.closed_at.is_(None), Case.closed_at >= until),
    )  # fmt: skip
    for name, where, who in (
        ("opened", opened, Case.opened_by_id), ("closed", closed, Case.closed_by_id), ("open", still, Case.owner_id),
    ):  # fmt: skip
        for kind, person, count in _counted(actor, where, who):
            for figures in (
                found.kinds.setdefault(kind, Figures()), found.people.setdefault(person, Figures()), found.total,
            ):  # fmt: skip
                setattr(figures, name, getattr(figures, name) + count)
    found.names = staff.signatures({person for person in found.people if person})
    return found


def _counted(actor: Actor, where: Any, who: Any) -> list[tuple[CaseKind, int | None, int]]:
    statement = select(Case.kind, who, func.count()).where(where).group_by(Case.kind, who)
    return [(kind, person, int(n)) for kind, person, n in db.session.execute(within(statement, actor, P, Case))]


def standing(actor: Actor) -> dict[str, int]:
    """How many open cases there are, are overdue, are nobody's, are with somebody who has left."""
    now = clock.now()
    is_open = Case.phase != CasePhase.CLOSED
    statement = select(
        func.count(),
        func.count().filter(Case.due_at < now),
        func.count().filter(Case.owner_id.is_(None)),
        func.count().filter(Case.owner_id.in_(staff.leavers() or [0])),
    ).where(is_open)
    row = db.session.execute(within(statement, actor, P, Case)).one()
    return {"open": int(row[0]), "overdue": int(row[1]), "unassigned": int(row[2]), "left": int(row[3])}


@dataclass(slots=True)
class Queues:
    """What waits outside the cases; empty or None of what the person may not look at."""

    refunds: dict[Shelf, int] = field(default_factory=dict)
    changes: int | None = None  # steps that wait
    changes_late: int = 0
    is_whole: bool = True  # else more wait than were counted
    changes_of: dict[int, int] = field(default_factory=dict)  # person whose step it is


def queues(actor: Actor) -> Queues:
    """Refunds on each list, steps of changes that wait, and whose they are (M002); now, whatever day is shown."""
    found = Queues()
    if actor.has_anywhere(Permission.REFUND_READ):
        found.refunds = refunds.counts(actor)
    if not actor.has_anywhere(Permission.CHANGE_WATCH):
        return found
    groups, found.is_whole = watch_reads.counted(actor, clock.now())
    found.changes = sum(group.found for group in groups)
    found.changes_late = sum(group.found for group in groups if group.is_overdue)
    for group in groups:
        if group.person_id is not None:
            found.changes_of[group.person_id] = found.changes_of.get(group.person_id, 0) + group.found
    return found
