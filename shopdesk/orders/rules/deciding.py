"""Which role says what of an order's readiness and lifts it, what must be said with it, and when it ends by itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from shopdesk.core.errors import IllegalMove, NotAllowed, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.orders.states import ContactOutcome, OrderStatus, PayMethod, Readiness

MOST_REASON = 200  # characters
LONGEST_PRE_SALE = timedelta(days=366)
_CUSTOMERS = frozenset({Role.PRE_SALE})
_ABOVE = frozenset({Role.SUPERVISOR, Role.SYSTEM})


@dataclass(frozen=True, slots=True)
class Deciding:
    """Who may say it, who may lift it (a supervisor may both), and what must come with it."""

    sets: frozenset[Role]
    lifts: frozenset[Role]
    needs_reason: bool = False
    needs_date: bool = False


#: The table: one row for each readiness that people decide.
DECISIONS: dict[Readiness, Deciding] = {
    Readiness.PRE_SALE_UNTIL: Deciding(_CUSTOMERS, _CUSTOMERS, needs_date=True),
    Readiness.OUT_OF_STOCK: Deciding(
        frozenset({Role.PRE_SALE, Role.AFTER_SALE, Role.PRINTING, Role.WAREHOUSE}),
        frozenset({Role.PRE_SALE, Role.WAREHOUSE}),
    ),
    Readiness.AWAITING_REVIEW: Deciding(frozenset({Role.PRE_SALE, Role.AFTER_SALE}), _CUSTOMERS),
    Readiness.AWAITING_BALANCE: Deciding(_CUSTOMERS, _CUSTOMERS),
    Readiness.ADDRESS_PROBLEM: Deciding(
        frozenset({Role.PRE_SALE, Role.AFTER_SALE, Role.PRINTING}), _CUSTOMERS, needs_reason=True
    ),
    Readiness.HALTED: Deciding(
        frozenset({Role.PRE_SALE, Role.AFTER_SALE, Role.PRINTING, Role.WAREHOUSE}), _CUSTOMERS, needs_reason=True
    ),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A readiness as somebody says it; `until` with a pre-sale: the day from which it may be printed."""

    readiness: Readiness
    until: date | None = None
    reason: str | None = None


def may(roles: Collection[Role], allowed: frozenset[Role]) -> bool:
    return bool(frozenset(roles) & (allowed | _ABOVE))


def may_set(readiness: Readiness, roles: Collection[Role]) -> bool:
    return readiness in DECISIONS and may(roles, DECISIONS[readiness].sets)


def may_lift(readiness: Readiness, roles: Collection[Role]) -> bool:
    return readiness in DECISIONS and may(roles, DECISIONS[readiness].lifts)


def check_set(wanted: Wanted, roles: Collection[Role], *, current: Readiness | None, today: date) -> None:
    """Raises RuleViolation (what is missing, `not_decided`), NotAllowed (`other_role`)."""
    if wanted.readiness not in DECISIONS:
        raise RuleViolation(
            "This follows from what the platform says.", code="not_decided", readiness=str(wanted.readiness)
        )
    asked = DECISIONS[wanted.readiness]
    if not may(roles, asked.sets):
        raise _other_role(asked.sets)
    if current is not None and current is not wanted.readiness and not may_lift(current, roles):
        raise _other_role(DECISIONS[current].lifts)
    if asked.needs_date:
        _check_date(wanted.until, today)
    reason = (wanted.reason or "").strip()
    if asked.needs_reason and not reason:
        raise RuleViolation("Please say why.", code="value_required", missing="reason")
    if len(reason) > MOST_REASON:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=MOST_REASON)


def _check_date(until: date | None, today: date) -> None:
    if until is None:
        raise RuleViolation("Say from which day it may be printed.", code="value_required", missing="until")
    if not today < until <= today + LONGEST_PRE_SALE:
        raise RuleViolation("A pre-sale lasts until a day within the next year.", code="bad_until")


def _other_role(allowed: frozenset[Role]) -> NotAllowed:
    first = next(role for role in Role if role in allowed)
    return NotAllowed("This is for %(role)s to do.", code="other_role", role=str(first))


def check_lift(current: Readiness | None, roles: Collection[Role]) -> None:
    """Raises IllegalMove where nothing was decided, NotAllowed (`other_role`)."""
    if current is None:
        raise IllegalMove("Nobody has said that this order is not ready.", code="nothing_decided")
    if not may_lift(current, roles):
        raise _other_role(DECISIONS[current].lifts)


def is_over(readiness_or_decided: Readiness | None, ready_on: date | None, today: date) -> bool:
    """Whether it is a pre-sale whose day has come (both dates in the store's zone)."""
    return readiness_or_decided is Readiness.PRE_SALE_UNTIL and ready_on is not None and ready_on <= today


def readiness_on(readiness: Readiness, ready_on: date | None, status: OrderStatus, today: date) -> Readiness:
    """What the kept readiness means on that day: a pre-sale ends by itself, also before anything wrote that down."""
    if not is_over(readiness, ready_on, today):
        return readiness
    return Readiness.UNPAID if status is OrderStatus.UNPAID else Readiness.READY


#: Outcomes that ask for a change of the order in the same transaction.
OPENS_CHANGE = frozenset({ContactOutcome.OTHER_GOODS, ContactOutcome.CANCELS})
#: Outcomes after which the goods no longer stand in the way.
LIFTS_STOCK = frozenset({ContactOutcome.OTHER_GOODS, ContactOutcome.IN_STOCK})
#: Outcomes that say nothing without words.
NEEDS_WORDS = frozenset({ContactOutcome.WAITS, ContactOutcome.OTHER})
MOST_SAID = 2000  # characters


def check_outcome(outcome: ContactOutcome, said: str | None) -> None:
    """Raises RuleViolation."""
    words = (said or "").strip()
    if outcome in NEEDS_WORDS and not words:
        raise RuleViolation("Say what the customer answered.", code="value_required", missing="text")
    if len(words) > MOST_SAID:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=MOST_SAID)


#: A payment without paper has no reference.
NO_REFERENCE = frozenset({PayMethod.CASH})


def check_payment(
    amount_minor: int, method: PayMethod, reference: str | None, *, due_minor: int, currency: str
) -> None:
    """What is noted as paid: positive, and not more than is due.  Raises RuleViolation."""
    if amount_minor <= 0:
        raise RuleViolation("Say the amount that was paid.", code="value_required", missing="amount_minor")
    if amount_minor > due_minor:
        raise RuleViolation(
            "Only %(due_minor)s is still to be paid.", code="more_than_due", amount_minor=amount_minor,
            due_minor=due_minor, currency=currency,
        )  # fmt: skip
    if method not in NO_REFERENCE and not reference:
        raise RuleViolation("A payment needs its reference.", code="value_required", missing="reference")
