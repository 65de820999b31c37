"""What is done about an open payout next, and what an answer means (trust.md A1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shopdesk.cases.states import PaidTo
from shopdesk.core.errors import NotAllowed, RuleViolation
from shopdesk.refunds.states import PAYOUT_MOVES, Act, Answer, Outcome, PayoutState, PlaceRules

#: Waits between looks at a payout of which nothing is known: WeChat's advice, then every half an hour.
BACKOFF = tuple(timedelta(minutes=m) for m in (1, 5, 10, 20, 30))
#: So long a payout stays with the machine; then a person looks at it too.
PATIENCE = timedelta(days=1)


#: Destinations that are where the money came from: the payment says which place that is.
WHERE_IT_CAME_FROM = frozenset({PaidTo.ORIGINAL, PaidTo.PLATFORM})


def place_of_part(destination: PaidTo, place: str, *, is_by_hand: bool) -> str:
    """Who pays the part of one payment: what people noted as paid in never came through the platform or the gateway."""
    return "manual" if is_by_hand and destination in WHERE_IT_CAME_FROM else place


def check_verifier(requester_id: int | None, verifier_id: int | None) -> None:
    """Raise NotAllowed for who says of what they asked for themselves, above a limit, whether it was paid (R23)."""
    if verifier_id is None or verifier_id == requester_id:
        raise NotAllowed("Somebody else has to say whether what you asked for was paid.", code="own_request")


def check_payer(approver_id: int | None, payer_id: int | None) -> None:
    """Raise NotAllowed for who confirms, above a limit, what they approved themselves (R23)."""
    if payer_id is None or payer_id == approver_id:
        raise NotAllowed("Somebody else has to confirm what you approved.", code="own_decision")


def split_paid(amount_minor: int, paid_minor: int) -> tuple[int, int, int]:
    """(of the payout, beside the books, still owed) where another amount was paid.  Raises RuleViolation.

    >>> split_paid(500, 700), split_paid(500, 300)
    ((500, 200, 0), (300, 0, 200))
    """
    if paid_minor < 1:
        raise RuleViolation("Say how much was paid.", code="value_required", missing="paid_minor")
    return min(amount_minor, paid_minor), max(0, paid_minor - amount_minor), max(0, amount_minor - paid_minor)


@dataclass(frozen=True, slots=True)
class Standing:
    """A payout as it stands: its state, its sendings, what the place said when it was asked last."""

    state: PayoutState
    first_sent_at: datetime | None = None
    is_absent: bool = False
    attempts: int = 0
    needs_person: bool = False


def next_act(payout: Standing, place: PlaceRules, now: datetime) -> Act | None:
    """SEND, ASK, or None: nothing that a machine may do.

    Never sent: send.  Sent before: ask first; the same number goes out again only where the place said that it does
    not know it, and as long as it would remember it.  After that a new sending could pay twice.
    """
    if not place.sends:
        return None
    if payout.first_sent_at is None:
        return Act.SEND
    # Somebody looks at it, who must not be overtaken: from then on it is only asked.
    if not payout.needs_person and payout.is_absent and may_send_again(payout.first_sent_at, place, now):
        return Act.SEND
    return Act.ASK if place.can_ask else None


def may_send_again(first_sent_at: datetime, place: PlaceRules, now: datetime) -> bool:
    """Whether the place is sure to take the same number for the same payout still."""
    return place.same_number_is_safe and (place.key_life is None or now - first_sent_at < place.key_life)


def result(state: PayoutState, answer: Answer, *, amount_minor: int, currency: str) -> PayoutState:
    """The state that an answer leads to; the state itself where it tells nothing new.

    A success counts only with our amount and currency: whatever else was paid is for a person.
    """
    if answer.outcome is Outcome.SUCCEEDED and (answer.amount_minor, answer.currency) != (amount_minor, currency):
        led_to = PayoutState.UNKNOWN
    else:
        led_to = _LEADS_TO[answer.outcome]
    if state is PayoutState.SUCCEEDED and led_to is PayoutState.FAILED:
        led_to = PayoutState.REVERSED  # taken back after success
    return led_to if led_to in PAYOUT_MOVES[state] else state


_LEADS_TO = {
    Outcome.SUCCEEDED: PayoutState.SUCCEEDED,
    Outcome.FAILED: PayoutState.FAILED,
    Outcome.PENDING: PayoutState.UNKNOWN,
    Outcome.NOT_THERE: PayoutState.UNKNOWN,
    Outcome.UNKNOWN: PayoutState.UNKNOWN,
}


def wait(attempts: int) -> timedelta:
    """How long until the next look."""
    return BACKOFF[min(max(attempts, 1), len(BACKOFF)) - 1]


def needs_person(payout: Standing, answer: Answer, place: PlaceRules, now: datetime) -> bool:
    """Whether a person has to look: something else was paid, nothing may be sent any more, or patience is over."""
    if payout.first_sent_at is None:
        return False
    if answer.look or answer.outcome is Outcome.SUCCEEDED:
        return True  # another amount or currency, else it would not be open
    if answer.outcome is Outcome.NOT_THERE and not may_send_again(payout.first_sent_at, place, now):
        return True
    return not place.can_ask or now - payout.first_sent_at >= PATIENCE
