"""What the case or the change of a refund hears of it: set aside, let go, paid out, taken back.

Refunds stand above both; the money itself is counted by payments alone, so nothing here moves it a second time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from shopdesk.cases import service as cases
from shopdesk.cases.service import Refunded
from shopdesk.cases.states import AmountPart, PaidTo
from shopdesk.changes import service as changes
from shopdesk.changes.service import PaidOut
from shopdesk.core.permissions import Actor
from shopdesk.refunds import queries
from shopdesk.refunds.models import Refund, RefundPayment
from shopdesk.refunds.rules.calculating import spread_over
from shopdesk.refunds.states import OPEN_PAYOUTS, Part, PayoutState

K = TypeVar("K")
#: Line of a refund → balance of the case that it settles.
BALANCE = {
    Part.GOODS: AmountPart.MONEY,
    Part.FEE: AmountPart.MONEY,
    Part.OVERPAYMENT: AmountPart.MONEY,
    Part.SHIPPING: AmountPart.FREIGHT,
    Part.COMPENSATION: AmountPart.COMPENSATION,
}


def lock(refund: Refund) -> None:
    """Its case or change with the orders, which everybody locks before a payment."""
    if refund.case_id is not None:
        cases.lock_with_order(refund.case_id, refund.store_id)
    if refund.change_id is not None:
        changes.lock_with_orders(refund.change_id, refund.store_id)


def of_case(refund: Refund) -> dict[AmountPart, int]:
    """Balance of the case → what the refund pays of it."""
    found: Counter[AmountPart] = Counter()
    for line in queries.lines_of(refund):
        found[BALANCE[line.part]] += line.amount_minor
    return {part: found[part] for part in AmountPart if found[part]}


def of_change(refund: Refund) -> dict[int | None, int]:
    """Line of the order (None: beside every line) → what the refund pays of it."""
    return {line.line_id: line.amount_minor for line in queries.lines_of(refund)}


def dropped(refund: Refund) -> None:
    """Rejected or withdrawn before anything was reserved."""
    if refund.case_id is not None:
        cases.let_go(cases.lock_with_order(refund.case_id, refund.store_id), of_case(refund))
    if refund.change_id is not None:
        change = changes.lock_with_orders(refund.change_id, refund.store_id)
        changes.let_go_refund(change, of_change(refund), refund.id, is_last=True)


def ended(payout: RefundPayment, refund: Refund, *, actor: Actor) -> None:
    """A payout reached a final state, or its success was taken back."""
    if refund.case_id is not None:
        _tell_case(payout, refund, actor)
    if refund.change_id is not None:
        _tell_change(payout, refund, actor)


def _tell_case(payout: RefundPayment, refund: Refund, actor: Actor) -> None:
    case = cases.lock_with_order(refund.case_id or 0, refund.store_id)
    parts = _of_payout(of_case(refund), payout, refund)
    if payout.state is PayoutState.SUCCEEDED:
        paid = Refunded(payout.id, payout.number, refund.destination, refund.account)
        cases.note_refunded(case, parts, paid, actor=actor)
    elif payout.state is PayoutState.FAILED:
        cases.let_go(case, parts)
    else:
        cases.take_back_refunded(case, payout.id, actor=actor)


def _tell_change(payout: RefundPayment, refund: Refund, actor: Actor) -> None:
    change = changes.lock_with_orders(refund.change_id or 0, refund.store_id)
    parts = _of_payout(of_change(refund), payout, refund)
    states = [one.state for one in queries.payouts_of([refund.id], refund.store_id)]
    is_last = not OPEN_PAYOUTS & set(states)
    if payout.state is PayoutState.SUCCEEDED:
        is_whole = set(states) == {PayoutState.SUCCEEDED}
        where = "manual" if refund.destination is PaidTo.TRANSFER else str(refund.destination)
        paid = PaidOut(refund.id, payout.number, where, is_last, is_whole)
        changes.note_refunded(change, parts, paid, actor=actor)
    elif payout.state is PayoutState.FAILED:
        changes.let_go_refund(change, parts, refund.id, is_last=is_last)
    else:
        changes.take_back_refunded(change, parts, payout.number, actor=actor)


def _of_payout(amounts: dict[K, int], payout: RefundPayment, refund: Refund) -> dict[K, int]:
    """What this one of the refund's payouts pays of each amount: the first payout the first amounts.

    Where less was paid than its payout said, the rest is a payout of its own, and pays what was left of the same.
    """
    there = queries.payouts_of([refund.id], refund.store_id)
    firsts = [one for one in there if one.rest_of_id is None]
    spread = spread_over(list(amounts.values()), [one.amount_minor for one in firsts])
    row = _row_of(payout, there)
    shares = spread_over(spread[firsts.index(row[0])], [_own_minor(one, there) for one in row])
    return {key: part for key, part in zip(amounts, shares[row.index(payout)], strict=True) if part}


def _row_of(payout: RefundPayment, there: Sequence[RefundPayment]) -> list[RefundPayment]:
    """The payout that it is a rest of, at last, and the rests of that, one after the other."""
    by_id = {one.id: one for one in there}
    first = payout
    while first.rest_of_id is not None:
        first = by_id[first.rest_of_id]
    row = [first]
    while rest := next((one for one in there if one.rest_of_id == row[-1].id), None):
        row.append(rest)
    return row


def _own_minor(payout: RefundPayment, there: Sequence[RefundPayment]) -> int:
    """Without what its rest pays."""
    return payout.amount_minor - sum(one.amount_minor for one in there if one.rest_of_id == payout.id)
