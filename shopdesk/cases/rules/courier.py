"""What may be asked of a courier and told by it; what a claim may say and where it may go."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from shopdesk.cases.states import (
    CLAIM_MOVES,
    MAX_SAID,
    OUTCOMES,
    REAPPEARS,
    CaseKind,
    CasePhase,
    ClaimState,
    CourierOutcome,
    Goal,
)
from shopdesk.core.errors import IllegalMove, RuleViolation

CLAIM_DAYS = 15  # until a courier is to have answered
CLAIM_DAYS_MOST = 365
LAST_MINUTE = time(23, 59)
MAX_CARRIER = 64  # characters, of a waybill and a reference too


def check_outcome(
    kind: CaseKind, goal: Goal | None, phase: CasePhase, last: CourierOutcome | None, outcome: CourierOutcome
) -> None:
    """Refuse what does not fit the kind of case or what the courier told before.

    Raises IllegalMove (`case_closed`, `wrong_outcome`).  A closed case hears only of a parcel that reappears.
    """
    if phase is CasePhase.CLOSED and outcome not in REAPPEARS:
        raise IllegalMove("This case is closed.", code="case_closed", phase=str(phase))
    if outcome not in possible(kind, goal, last):
        raise IllegalMove("This does not follow what is known of the parcel.", code="wrong_outcome")


def possible(kind: CaseKind, goal: Goal | None, last: CourierOutcome | None) -> list[CourierOutcome]:
    """What may be told next, in the order of the table."""
    found = [outcome for outcome, rule in OUTCOMES.items() if kind in rule.kinds and last in rule.after]
    if goal is Goal.RETURN:  # there is no other way in which it is done
        found = [outcome for outcome in found if outcome is not CourierOutcome.DONE]
    return found


def check_said(said: str) -> None:
    if len(said) > MAX_SAID:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=MAX_SAID)


def claim_due(now: datetime, zone: str) -> datetime:
    """The last minute, in the store's zone, of the day on which the courier is to have answered."""
    day = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=CLAIM_DAYS)
    return datetime.combine(day, LAST_MINUTE, ZoneInfo(zone))


def check_claim(amount_minor: int, carrier: str, due_at: datetime, now: datetime) -> None:
    """Raises RuleViolation (`amount_required`, `value_required`, `bad_due`)."""
    if amount_minor <= 0:
        raise RuleViolation("Say how much is claimed.", code="amount_required")
    if not carrier:
        raise RuleViolation("Say which courier.", code="value_required", missing="carrier")
    if not now < due_at <= now + timedelta(days=CLAIM_DAYS_MOST):
        raise RuleViolation("This day is not within the next %(days)s days.", code="bad_due", days=CLAIM_DAYS_MOST)


def check_claim_move(now: ClaimState, to: ClaimState, *, amount_minor: int, paid_minor: int | None) -> None:
    """Raises IllegalMove (`wrong_state`), RuleViolation (`amount_required`, `more_than_claimed`)."""
    if (now, to) not in CLAIM_MOVES:
        raise IllegalMove("This does not fit where the claim is now: %(state)s.", code="wrong_state", state=str(now))
    if to is not ClaimState.PAID:
        return
    if not paid_minor or paid_minor < 0:
        raise RuleViolation("Say how much was paid.", code="amount_required")
    if paid_minor > amount_minor:
        raise RuleViolation("More than was claimed.", code="more_than_claimed")
