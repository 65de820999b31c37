"""Whether a case that is still talked about may end as solved by guidance: only where nothing is outstanding."""

from __future__ import annotations

from dataclasses import dataclass

from shopdesk.cases.states import CaseKind, CourierOutcome, PlatformWord, WaitingFor, platform_word
from shopdesk.core.errors import IllegalMove

#: Whose answer is not the customer's to leave open; a courier's is told to the customer as it stands.
OWED_BY = frozenset({WaitingFor.PLATFORM, WaitingFor.WAREHOUSE, WaitingFor.FINANCE})


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a case when somebody wants to end it with words alone."""

    kind: CaseKind
    waiting_for: WaitingFor | None = None
    platform_number: str | None = None
    platform_status: str | None = None  # as given
    is_refunding: bool = False  # the platform told the case by its order, whose refund is applied for still
    courier: CourierOutcome | None = None  # what the courier told last


def check_nothing_outstanding(standing: Standing) -> None:
    """Refuse what words alone do not end.

    Raises IllegalMove (`platform_open`, `dispute_open`, `still_waits`, `outcome_missing`).
    """
    told = standing.platform_number is not None or bool(standing.platform_status)
    if standing.is_refunding or (told and platform_word(standing.platform_status) is PlatformWord.RUNNING):
        raise IllegalMove(
            "The platform's application is still running: it ends there first, or the case is decided.",
            code="platform_open",
        )
    if standing.kind is CaseKind.DISPUTE and not told:
        raise IllegalMove(
            "Nobody knows that the platform has ended this dispute: decide the case instead.", code="dispute_open"
        )
    if standing.waiting_for in OWED_BY:
        raise IllegalMove(
            "Something is still awaited (%(waiting)s). Say first that nobody is waited for.",
            code="still_waits", waiting=str(standing.waiting_for),
        )  # fmt: skip
    if standing.kind is CaseKind.INTERCEPT and standing.courier in {None, CourierOutcome.ASKED}:
        raise IllegalMove("Say first what came of the interception.", code="outcome_missing")
