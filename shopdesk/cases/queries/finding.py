"""A case by what it is known for: its change, the platform's number, its own number, the cases around it."""

from __future__ import annotations

import re

from sqlalchemy import select

from shopdesk.cases.models import Case, CaseLine
from shopdesk.cases.queries.seeing import seen
from shopdesk.cases.states import CasePhase
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store

MOST_CHAIN = 50  # cases that follow from each other


NUMBER = re.compile(r"c\d{8}-\d{4,}\Z", re.IGNORECASE | re.ASCII)


def of_change(change_id: int, store_id: int) -> Case | None:
    statement = select(Case).where(Case.change_id == change_id)
    return db.session.scalars(in_store(statement, store_id, Case)).one_or_none()


def of_platform(number: str, store_id: int) -> Case | None:
    """The case of the platform's own refund or dispute."""
    statement = select(Case).where(Case.platform_number == number)
    return db.session.scalars(in_store(statement, store_id, Case)).one_or_none()


def told_by_platform(order_id: int, line_id: int | None, store_id: int) -> list[Case]:
    """Open cases of the platform's own lists on an order which are about that line, or do not say about which."""
    others = select(CaseLine.case_id).where(CaseLine.line_id != line_id) if line_id is not None else None
    statement = select(Case).where(
        Case.order_id == order_id, Case.platform_number.is_not(None), Case.phase != CasePhase.CLOSED
    )
    if others is not None:
        statement = statement.where(Case.id.not_in(in_store(others, store_id, CaseLine)))
    return list(db.session.scalars(in_store(statement.order_by(Case.id), store_id, Case)))


def ancestors(case: Case) -> list[Case]:
    """The cases that it follows from, the nearest first."""
    found: list[Case] = []
    while case.parent_id is not None and len(found) < MOST_CHAIN:
        case = db.session.scalars(in_store(select(Case).where(Case.id == case.parent_id), case.store_id, Case)).one()
        found.append(case)
    return found


def is_number(text: str, store_id: int) -> bool:
    """Whether a case of the store has this number."""
    found = select(Case.id).where(Case.number == text.upper())
    return db.session.scalar(in_store(found, store_id, Case)) is not None


def by_number(text: str, actor: Actor) -> tuple[int, int] | None:
    """(case id, order id) of what looks like a case number and is one that the actor sees."""
    if not NUMBER.match(text):
        return None
    statement = select(Case.id, Case.order_id).where(Case.number == text.upper())
    row = db.session.execute(seen(statement, actor)).one_or_none()
    return (row.id, row.order_id) if row else None
