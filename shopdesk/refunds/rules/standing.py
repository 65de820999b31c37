"""How a refund stands, from its decision and its payouts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shopdesk.refunds.states import PayoutState, RefundState, Stand

_DECIDED = {
    RefundState.DRAFT: Stand.AWAITING_APPROVAL,
    RefundState.AWAITING_APPROVAL: Stand.AWAITING_APPROVAL,
    RefundState.REJECTED: Stand.REJECTED,
    RefundState.WITHDRAWN: Stand.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class One:
    """A payout: its state, who pays it, whether a person has to look at it, whether only people say it was paid."""

    state: PayoutState
    place: str
    needs_person: bool = False
    is_agreed_alone: bool = False


def stand(state: RefundState, payouts: Sequence[One]) -> Stand:
    """The worst of what is still open, else the end; a part that was paid does not hide one that was not."""
    if state is not RefundState.APPROVED:
        return _DECIDED[state]
    states = {one.state for one in payouts}
    if any(one.needs_person for one in payouts) or PayoutState.UNKNOWN in states:
        return Stand.TO_VERIFY
    if PayoutState.SENDING in states:
        return Stand.SENDING
    waiting = {one.place for one in payouts if one.state is PayoutState.RESERVED}
    if waiting:
        return {"platform": Stand.AT_PLATFORM, "manual": Stand.BY_FINANCE}.get(min(waiting), Stand.SENDING)
    if states == {PayoutState.SUCCEEDED}:
        return Stand.AGREED if any(one.is_agreed_alone for one in payouts) else Stand.SUCCEEDED
    if PayoutState.SUCCEEDED in states:
        return Stand.PARTLY
    return Stand.REVERSED if PayoutState.REVERSED in states else Stand.FAILED
