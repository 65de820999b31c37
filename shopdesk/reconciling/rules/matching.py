"""Which refund of a platform's list is which of ours: each is counted once, in whatever order they were told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from shopdesk.reconciling.states import CountsAs


@dataclass(frozen=True, slots=True)
class Told:
    """A refund that the platform calls paid; `told_at`: of the first list that did.  Minor units."""

    id: int
    number: str
    amount_minor: int
    told_at: datetime
    payout_id: int | None = None  # which this row has ended already


@dataclass(frozen=True, slots=True)
class Asked:
    """A payout that the platform was asked for: it waits, or finance said by hand that the platform has paid it.

    `number`: the platform's own, where it is known for sure; `said`: what a person typed as its reference.
    """

    id: int
    amount_minor: int
    asked_at: datetime
    is_waiting: bool
    number: str | None = None
    said: str | None = None
    ended_at: datetime | None = None  # because it was paid otherwise


@dataclass(frozen=True, slots=True)
class Noted:
    """What somebody noted by hand as paid by the platform; `counted_minor` of it stands on the payments."""

    key: str
    amount_minor: int
    counted_minor: int
    number: str | None = None
    said: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """What a refund counts as; `booked_minor` of it is outside."""

    counts_as: CountsAs
    payout_id: int | None = None
    booked_minor: int = 0


def match(told: Collection[Told], asked: Sequence[Asked], noted: Sequence[Noted]) -> dict[int, Match]:
    """Row → what it counts as.  A row that has ended a payout keeps it, the others are looked at anew.

    By the platform's number where it is known.  Else by the amount: what somebody said by hand comes first, then the
    payouts that wait and were asked for before the row was told, the latest first.  That order finds as many pairs as
    there are, whichever row came first.  What is left over the platform paid without us.
    """
    found = {row.id: Match(CountsAs.PAYOUT, row.payout_id) for row in told if row.payout_id is not None}
    taken = {row.payout_id for row in told if row.payout_id is not None}
    payouts = [one for one in asked if one.id not in taken]
    notes = list(noted)
    rest = sorted((row for row in told if row.payout_id is None), key=lambda row: (row.told_at, row.number))
    for is_known in (True, False):
        for row in [row for row in rest if row.id not in found]:
            payout = _payout(row, payouts, is_waiting=False, is_known=is_known)
            note = None if payout else _note(row, notes, is_known=is_known)
            if payout is None and note is None:
                payout = _payout(row, payouts, is_waiting=True, is_known=is_known)
            if payout:
                payouts.remove(payout)
                found[row.id] = Match(CountsAs.PAYOUT, payout.id, max(0, row.amount_minor - payout.amount_minor))
            elif note:
                notes.remove(note)
                found[row.id] = Match(CountsAs.BY_HAND, None, max(0, row.amount_minor - note.counted_minor))
    return {row.id: found.get(row.id, Match(CountsAs.OUTSIDE, None, row.amount_minor)) for row in told}


def otherwise(outside: Collection[Told], waiting: Sequence[Asked]) -> dict[int, list[Told]]:
    """Payout that waits → what the platform paid that is nothing of ours and may be this, of another amount.

    By the platform's number where it is known, else what was told after the request and bears nobody else's number.
    """
    claimed = {one.number for one in waiting if one.number is not None}
    found: dict[int, list[Told]] = {}
    for one in waiting:
        may_be = [row for row in outside if row.amount_minor != one.amount_minor and _may_be(row, one, claimed)]
        if may_be:
            found[one.id] = may_be
    return found


def paid_instead(outside: Collection[Told], ended: Asked, claimed: Collection[str]) -> list[Told]:
    """What the platform paid instead of a payout that was ended for it: what could be it, told by then.

    `claimed`: the platform's numbers of what else was asked for.
    """
    return [
        row
        for row in outside
        if _may_be(row, ended, claimed)
        and (row.number == ended.number or ended.ended_at is None or row.told_at <= ended.ended_at)
    ]


def _may_be(row: Told, one: Asked, claimed: Collection[str]) -> bool:
    """By the number where it is known, else what was told later and bears nobody else's."""
    if one.number is not None:
        return row.number == one.number
    return row.number not in claimed and one.asked_at < row.told_at


def _payout(row: Told, payouts: Sequence[Asked], *, is_waiting: bool, is_known: bool) -> Asked | None:
    of_kind = [one for one in payouts if one.is_waiting is is_waiting]
    same = [one for one in of_kind if one.amount_minor == row.amount_minor]
    if is_known:  # what a person said is this refund, also where it came to another amount than they thought
        there = same if is_waiting else [*same, *of_kind]
        return next((one for one in there if row.number in (one.number, one.said)), None)
    later = [one for one in same if one.number is None and one.asked_at < row.told_at]
    return max(later, key=lambda one: (one.asked_at, one.id), default=None)


def _note(row: Told, notes: Sequence[Noted], *, is_known: bool) -> Noted | None:
    if is_known:
        return next((one for one in notes if row.number in (one.number, one.said)), None)
    return next((one for one in notes if one.number is None and one.amount_minor == row.amount_minor), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """What lists have told of a refund so far."""

    amount_minor: int = 0
    is_paid: bool = False
    as_of: datetime | None = None  # of the list that decided it
    paid_as_of: datetime | None = None


def put_together(known: Standing, *, amount_minor: int | None, is_paid: bool, as_of: datetime) -> Standing:
    """The latest list decides whether it was paid and how much, the earliest one since when: the same in any order.

    Of two lists of one moment the one that calls it paid decides, then the higher amount.  A list without an amount
    keeps the one that is known.
    """
    given = amount_minor or 0
    paid_as_of = known.paid_as_of
    if is_paid:
        paid_as_of = as_of if paid_as_of is None else min(paid_as_of, as_of)
    if known.as_of is not None and (as_of, is_paid, given) <= (known.as_of, known.is_paid, known.amount_minor):
        return Standing(known.amount_minor or given, known.is_paid, known.as_of, paid_as_of)
    return Standing(given or known.amount_minor, is_paid, as_of, paid_as_of)
