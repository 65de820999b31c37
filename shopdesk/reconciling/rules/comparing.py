"""Our books of a day against the lines of a statement, on plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shopdesk.reconciling.states import DifferenceKind

BESIDE = timedelta(days=4)  # a payment may be in the statement of a day before or after


@dataclass(frozen=True, slots=True)
class Booked:
    """What our books say went out, or came back (negative); by any of its numbers a statement may name it.

    `counters`: the key of what it takes back.
    """

    key: str
    day: date
    amount_minor: int
    currency: str
    order_id: int
    numbers: tuple[str, ...] = ()
    is_outside: bool = False
    counters: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What a statement says went out, or came back (negative)."""

    id: int
    day: date
    reference: str
    number: str | None
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Difference:
    """`key` is the same whenever it is looked for."""

    key: str
    kind: DifferenceKind
    booked: Booked | None
    line: Line | None


def differences(
    day: date, booked: Sequence[Booked], lines: Sequence[Line], *, told_until: date | None
) -> list[Difference]:
    """The differences of a day.  Both may hold other days too: a payment is often in the statement of the next day.

    `told_until`: the last day that any statement names; until it reaches the day nothing is missing yet.
    """
    by_entry = _pairs(booked, lines)
    of_line = {line.id for line in by_entry.values()}
    unsaid = _taken_back_unsaid(booked, by_entry)
    found = []
    for entry in booked:
        if entry.day != day or entry.key in unsaid:
            continue
        line = by_entry.get(entry.key)
        kind = _kind(entry, line, is_told=told_until is not None and told_until >= day)
        if kind:
            suffix = f":{line.id}" if line else ""
            found.append(Difference(f"{kind}:{entry.key}{suffix}", kind, entry, line))
    extra = [line for line in lines if line.day == day and line.id not in of_line]
    kind = DifferenceKind.EXTRA
    return found + [Difference(f"{kind}:{line.id}", kind, None, line) for line in extra]


def _pairs(booked: Sequence[Booked], lines: Sequence[Line]) -> dict[str, Line]:
    """Entry → its line, by number, each line once: those of the same amount first, and what stands before what was
    taken back; then the earliest.  What came back under a number that nobody knows is found by its amount."""
    free = sorted(lines, key=lambda line: (line.day, line.id))
    countered = {entry.counters for entry in booked}
    ordered = sorted(booked, key=lambda entry: (entry.key in countered, entry.day, entry.key))
    found: dict[str, Line] = {}
    for is_same in (True, False):
        for entry in ordered:
            named = [] if entry.key in found else [line for line in free if _names(line, entry)]
            line = next((one for one in named if not is_same or one.amount_minor == entry.amount_minor), None)
            if line:
                free.remove(line)
                found[entry.key] = line
    known = {number for entry in booked for number in entry.numbers}
    strange = [line for line in free if not {line.reference, line.number} & known]
    for entry in ordered:
        out = found.get(entry.counters or "")
        came = None if out is None or entry.key in found else _came_back(entry, out, strange)
        if came:
            strange.remove(came)
            found[entry.key] = came
    return found


def _names(line: Line, entry: Booked) -> bool:
    is_same_way = (line.amount_minor > 0) == (entry.amount_minor > 0)
    return is_same_way and bool({line.reference, line.number} & set(entry.numbers))


def _came_back(entry: Booked, out: Line, strange: Sequence[Line]) -> Line | None:
    """What a bank sends back has a reference of its own: the same money, near our note, not before it went out."""
    same = (entry.amount_minor, entry.currency)
    near = [one for one in strange if one.day >= out.day and abs(one.day - entry.day) <= BESIDE]
    return next((one for one in near if (one.amount_minor, one.currency) == same), None)


def _taken_back_unsaid(booked: Sequence[Booked], by_entry: Mapping[str, Line]) -> set[str]:
    """What is no difference of its own where a statement names neither what went out nor that it came back.

    The payout is the one difference, or what stands in its place under its number.
    """
    unpaired = {entry.key: entry for entry in booked if entry.key not in by_entry}
    found = set()
    for entry in unpaired.values():
        payout = unpaired.get(entry.counters or "")
        if payout is None:
            continue
        found.add(entry.key)
        others = [one for one in booked if one.key not in (entry.key, payout.key)]
        if any(set(one.numbers) & set(payout.numbers) for one in others):
            found.add(payout.key)
    return found


def _kind(entry: Booked, line: Line | None, *, is_told: bool) -> DifferenceKind | None:
    if line and line.currency != entry.currency:
        return DifferenceKind.CURRENCY
    if line and line.amount_minor != entry.amount_minor:
        return DifferenceKind.AMOUNT
    if entry.is_outside:
        return DifferenceKind.OUTSIDE
    return DifferenceKind.MISSING if line is None and is_told else None
