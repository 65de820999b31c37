"""Whether goods may come back, how many, until when, and who pays for the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shopdesk.cases.states import CasePhase, Reason
from shopdesk.core.errors import IllegalMove, NotAllowed, NotFound, RuleViolation
from shopdesk.core.text import strip_controls
from shopdesk.returns.rules.window import end_of_day
from shopdesk.returns.states import FreightPayer, ReturnOrigin, ReturnState

MAX_REASON = 500  # characters
SEND_WITHIN_DAYS = 7
UNTIL_MOST_DAYS = 90
#: Why the shop pays for the way back: what the customer did not cause.
SHOPS_FAULT = frozenset(
    {
        Reason.QUALITY, Reason.DAMAGED, Reason.SHORT, Reason.WRONG_ITEM, Reason.NOT_AS_DESCRIBED, Reason.LATE,
        Reason.NOT_RECEIVED,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LineNow:
    """Counters of an order line as they are now."""

    shipped: int
    in_return: int
    returned: int

    @property
    def left(self) -> int:
        """Units that may still be sent back: of those that were shipped, not of those ordered (edge case E34)."""
        return self.shipped - self.in_return - self.returned


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, as the rules see them, and the case they ask for."""

    person_id: int | None
    is_supervisor: bool
    owner_id: int | None
    phase: CasePhase


def check_may_keep(asked: Asked) -> None:
    """Returns of a case are its owner's matter, or a supervisor's.  Raises IllegalMove, NotAllowed."""
    if asked.phase is CasePhase.CLOSED:
        raise IllegalMove("This case is closed.", code="case_closed", phase=str(asked.phase))
    if asked.is_supervisor or (asked.owner_id is not None and asked.owner_id == asked.person_id):
        return
    if asked.owner_id is None:
        raise IllegalMove("Accept the case first.", code="not_accepted")
    raise NotAllowed("Only its owner, or a supervisor, decides about its returns.", code="not_the_owner")


def check_units(wanted: Mapping[int, int], there: Mapping[int, LineNow]) -> None:
    """Refuse nothing, lines of other orders, units that never left, and more than can still come back.

    Raises NotFound (`no_such_line`), IllegalMove (`not_left`), RuleViolation (`units_required`, `more_than_left`).
    """
    if not wanted or any(units < 1 for units in wanted.values()):
        raise RuleViolation("Say how many units come back.", code="units_required")
    for line_id, units in sorted(wanted.items()):
        if line_id not in there:
            raise NotFound("This order has no such line.", code="no_such_line")
        line = there[line_id]
        if line.shipped == 0:
            raise IllegalMove("This has not left: ask for a change.", code="not_left")
        if units > line.left:
            raise RuleViolation(
                "More units than can still come back: %(left)s are left.", code="more_than_left", left=max(0, line.left)
            )


def check_until(until: datetime, now: datetime) -> None:
    if not now < until <= now + timedelta(days=UNTIL_MOST_DAYS):
        raise RuleViolation("This day is not within the next %(days)s days.", code="bad_until", days=UNTIL_MOST_DAYS)


def check_later(until: datetime, before: datetime | None) -> None:
    """A day that was promised is never taken back."""
    if before is not None and until <= before:
        raise RuleViolation("The customer has until then anyway: say a later day.", code="not_later")


def check_extension(state: ReturnState, times: int, allowed: int, *, may_except: bool) -> None:
    """Only what is not on its way; after `allowed` times only by who makes exceptions.  Raises IllegalMove."""
    if state is not ReturnState.CONFIRMED:
        raise IllegalMove("This does not fit where the return is now: %(state)s.", code="wrong_state", state=str(state))
    if times >= allowed and not may_except:
        raise IllegalMove(
            "The day was moved %(times)s times already: a supervisor may make an exception.",
            code="extended_before", times=times,
        )  # fmt: skip


def default_until(now: datetime, zone: str) -> datetime:
    """The last minute of the seventh day from today in the store's zone."""
    day = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=SEND_WITHIN_DAYS)
    return end_of_day(day, zone) - timedelta(minutes=1)


def freight_of(
    origin: ReturnOrigin, policy: FreightPayer, reason: Reason | None, given: FreightPayer | None
) -> FreightPayer:
    """Who pays for the way back: what was said for this return, else the policy, else the reason."""
    if given is FreightPayer.BY_REASON:
        raise RuleViolation("Say who pays: the customer or the shop.", code="value_required", missing="freight")
    if given is not None:
        return given
    if origin is not ReturnOrigin.CUSTOMER:
        return FreightPayer.SHOP  # the courier bills the shop for what it carries back
    if policy is not FreightPayer.BY_REASON:
        return policy
    return FreightPayer.SHOP if reason in SHOPS_FAULT else FreightPayer.CUSTOMER


def reason_text(text: str | None) -> str:
    """A reason as it is kept: trimmed, not empty, not too long.  Raises RuleViolation."""
    said = strip_controls(text or "").strip()
    if not said:
        raise RuleViolation("Say why.", code="value_required", missing="reason")
    if len(said) > MAX_REASON:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=MAX_REASON)
    return said
