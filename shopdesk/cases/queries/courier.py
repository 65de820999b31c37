"""Reads about couriers: what was asked and told of a parcel, who has it, claims and which are overdue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from shopdesk.cases.models import Case, CourierClaim, CourierWord
from shopdesk.cases.queries import sees
from shopdesk.cases.rules.courier import possible
from shopdesk.cases.states import OUTCOMES, REAPPEARS, CasePhase, ClaimState, CourierOutcome, Custody
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, load, within

CLAIM_OPEN = (ClaimState.FILED, ClaimState.ACCEPTED)


def words_of_case(case_id: int, store_id: int) -> list[CourierWord]:
    """Oldest first."""
    statement = select(CourierWord).where(CourierWord.case_id == case_id).order_by(CourierWord.id)
    return list(db.session.scalars(in_store(statement, store_id, CourierWord)))


def last_outcome(case_id: int, store_id: int) -> CourierOutcome | None:
    words = words_of_case(case_id, store_id)
    return words[-1].outcome if words else None


def custody(case_id: int, store_id: int) -> Custody | None:
    """Who has the parcel, as the courier's last word says; None: nothing was told."""
    last = last_outcome(case_id, store_id)
    return OUTCOMES[last].custody if last else None


def next_outcomes(case: Case) -> list[CourierOutcome]:
    """What may be told of it now."""
    found = possible(case.kind, case.goal, last_outcome(case.id, case.store_id))
    return found if case.phase is not CasePhase.CLOSED else [outcome for outcome in found if outcome in REAPPEARS]


def claims_of_case(case_id: int, store_id: int) -> list[CourierClaim]:
    statement = select(CourierClaim).where(CourierClaim.case_id == case_id).order_by(CourierClaim.id)
    return list(db.session.scalars(in_store(statement, store_id, CourierClaim)))


def claim_by_id(claim_id: int, actor: Actor, permission: Permission = Permission.CLAIM_KEEP) -> CourierClaim:
    """Raises NotFound, NotAllowed."""
    return load(CourierClaim, claim_id, actor, permission)


def overdue_claims(actor: Actor, now: datetime, limit: int = 200) -> list[CourierClaim]:
    """Claims that a courier should have answered or paid by now, the oldest first."""
    statement = select(CourierClaim).where(CourierClaim.state.in_(CLAIM_OPEN), CourierClaim.due_at <= now)
    found = within(statement, actor, Permission.CASE_READ, CourierClaim)
    return list(db.session.scalars(found.order_by(CourierClaim.due_at, CourierClaim.id).limit(limit)))


def cases_by_ids(case_ids: Iterable[int], actor: Actor) -> dict[int, Case]:
    """Those that the actor sees, by id."""
    statement = within(select(Case).where(Case.id.in_(list(case_ids))), actor, Permission.CASE_READ, Case)
    return {case.id: case for case in db.session.scalars(statement) if sees(case, actor)}
