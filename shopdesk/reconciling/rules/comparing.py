"""Our books of a day against the lines of a statement, on plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shopdesk.reconciling.states import DifferenceKind


@dataclass(frozen=True, slots=True)
class Booked:
    """What our books say went out, or came back (negative); by any of its numbers a statement may name it."""

    key: str
    day: date
    amount_minor: int
    currency: str
    order_id: int
    numbers: tuple[str, ...] = ()
    is_outside: bool = False


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
    pairs = _pairs(booked, lines)
    of_line = {line.id: entry for entry, line in pairs}
    by_entry = {entry.key: line for entry, line in pairs}
    found = []
    for entry in booked:
        if entry.day != day:
            continue
        line = by_entry.get(entry.key)
        kind = _kind(entry, line, is_told=told_until is not None and told_until >= day)
        if kind:
            suffix = f":{line.id}" if line else ""
            found.append(Difference(f"{kind}:{entry.key}{suffix}", kind, entry, line))
    extra = [line for line in lines if line.day == day and line.id not in of_line]
    kind = DifferenceKind.EXTRA
    return found + [Difference(f"{kind}:{line.id}", kind, None, line) for line in extra]


def _pairs(booked: Sequence[Booked], lines: Sequence[Line]) -> list[tuple[Booked, Line]]:
    """By number, each line once; of several with one number the same amount first, then the earliest."""
    free = sorted(lines, key=lambda line: (line.day, line.id))
    found = []
    for entry in sorted(booked, key=lambda entry: (entry.day, entry.key)):
        named = [line for line in free if {line.reference, line.number} & set(entry.numbers)]
        same_way = [line for line in named if (line.amount_minor > 0) == (entry.amount_minor > 0)]
        line = min(same_way, key=lambda line: line.amount_minor != entry.amount_minor, default=None)
        if line:
            free.remove(line)
            found.append((entry, line))
    return found


def _kind(entry: Booked, line: Line | None, *, is_told: bool) -> DifferenceKind | None:
    if line and line.currency != entry.currency:
        return DifferenceKind.CURRENCY
    if line and line.amount_minor != entry.amount_minor:
        return DifferenceKind.AMOUNT
    if entry.is_outside:
        return DifferenceKind.OUTSIDE
    return DifferenceKind.MISSING if line is None and is_told else None
