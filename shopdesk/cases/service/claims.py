"""理赔: what a courier is asked to pay, until when, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from shopdesk.cases import queries
from shopdesk.cases.models import Case, CourierClaim
from shopdesk.cases.queries import courier as reads
from shopdesk.cases.rules import courier as rules
from shopdesk.cases.states import ClaimState
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store
from shopdesk.core.text import strip_controls
from shopdesk.parcels import service as parcels
from shopdesk.staff import queries as staff

OPEN = frozenset(reads.CLAIM_OPEN)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What is claimed: minor units of the order's currency; without `due_at` the store's day in 15 days."""

    amount_minor: int
    carrier: str
    waybill: str | None = None
    due_at: datetime | None = None
    reference: str | None = None


@command
def file_claim(case_id: int, claimed: Claimed, *, actor: Actor) -> CourierClaim:
    """File a claim against a courier on a case; it has its own clock and may outlive the case.

    Raises NotFound, NotAllowed, RuleViolation (amount, courier, due date, `not_a_waybill`), Conflict (`claim_open`:
    one for this waybill is open).
    """
    case = queries.case_by_id(case_id, actor, Permission.CLAIM_KEEP)
    _lock(case)
    now = clock.now()
    due_at = claimed.due_at or rules.claim_due(now, staff.store_by_id(case.store_id).zone)
    carrier, waybill = _line(claimed.carrier), _line(claimed.waybill).upper() or None
    if waybill:
        parcels.check_waybill(waybill, case.store_id)
    rules.check_claim(claimed.amount_minor, carrier, due_at, now)
    there = reads.claims_of_case(case.id, case.store_id)
    if any(claim.state in OPEN and claim.waybill == waybill for claim in there):
        raise Conflict("A claim for this parcel is open already.", code="claim_open")
    made = CourierClaim(
        store_id=case.store_id, case_id=case.id, parcel_id=case.parcel_id, carrier=carrier, waybill=waybill,
        state=ClaimState.FILED, amount_minor=claimed.amount_minor, due_at=due_at,
        reference=_line(claimed.reference) or None, filed_by_id=actor.id, filed_at=now,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record("claim.filed", "claim", made.id, actor, store_id=case.store_id, order_id=case.order_id, case=case.id)
    return made


def _lock(case: Case) -> None:
    """Two who file at once come one after the other (on SQLite the command holds the write lock already)."""
    statement = select(Case.id).where(Case.id == case.id).with_for_update(key_share=True)
    db.session.execute(in_store(statement, case.store_id, Case)).all()


def _line(text: str | None) -> str:
    return strip_controls(text or "").strip()[: rules.MAX_CARRIER]


@command
def move_claim(
    claim_id: int, to: ClaimState, *, actor: Actor, paid_minor: int | None = None, result: str | None = None
) -> CourierClaim:
    """Accepted, refused, paid (with the amount), withdrawn, or filed once more.

    Raises NotFound, NotAllowed, IllegalMove (`wrong_state`), RuleViolation (`amount_required`, `more_than_claimed`),
    Conflict (somebody else was first).
    """
    claim = reads.claim_by_id(claim_id, actor)
    case = queries.case_by_id(claim.case_id, actor, Permission.CLAIM_KEEP)
    rules.check_claim_move(claim.state, to, amount_minor=claim.amount_minor, paid_minor=paid_minor)
    said = strip_controls(result or "").strip()
    rules.check_said(said)
    now = clock.now()
    values: dict[str, Any] = {"ended_at": None if to in OPEN else now}
    if to is ClaimState.PAID:
        values["paid_minor"] = paid_minor
    if to is ClaimState.FILED:
        values["due_at"] = rules.claim_due(now, staff.store_by_id(claim.store_id).zone)
    if said:
        values["result"] = said
    statement = (
        update(CourierClaim)
        .where(CourierClaim.id == claim.id, CourierClaim.state == claim.state)
        .values(state=to, version=CourierClaim.version + 1, **values)
    )
    done = rows_changed(in_store(statement, claim.store_id, CourierClaim))
    db.session.refresh(claim)
    if done != 1:
        raise Conflict("Somebody else did the same a moment ago. Please look again.", code="already_there")
    audit.record(
        "claim.moved", "claim", claim.id, actor, store_id=claim.store_id, order_id=case.order_id, case=case.id,
        state=str(to),
    )  # fmt: skip
    return claim
