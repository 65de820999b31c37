"""Which return a parcel may be for: a score out of what stands on the box, with the reasons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shopdesk.core.text import bare
from shopdesk.returns.states import Clue

#: What each clue is worth; together at most MOST.
WORTH = {
    Clue.CASE: 80,
    Clue.CASE_NUMBER: 80,
    Clue.WAYBILL: 80,
    Clue.OWN_PARCEL: 70,
    Clue.ORDER_NUMBER: 70,
    Clue.WAYBILL_PART: 35,
    Clue.PHONE: 35,
    Clue.NAME: 25,
    Clue.SKU: 25,
    Clue.TITLE: 15,
    Clue.UNITS: 5,
    Clue.SENT: 5,
    Clue.HERE: 5,
}
MOST = 100
#: Without one of these nothing speaks for it: units, dates and places fit half of all returns.
STRONG = frozenset(WORTH) - {Clue.UNITS, Clue.SENT, Clue.HERE}
SHORTEST_PART = 6  # signs at the end of a waybill that are worth a guess
SHORTEST_TITLE = 2
MOST_OF_A_WAYBILL = 56  # signs of it before the number of what was taken out
RECENT = timedelta(days=30)
_BETWEEN = re.compile(r"[,，;；。、|\n\t]+")


@dataclass(frozen=True, slots=True)
class Box:
    """What is known of a parcel that nobody expected."""

    waybill: str
    arrived_at: datetime
    warehouse_id: int
    case_id: int | None = None
    order_ids: frozenset[int] = frozenset()  # of our own parcel with this waybill
    said_case_ids: frozenset[int] = frozenset()  # whose number stands on the slip
    said_order_ids: frozenset[int] = frozenset()
    phone_tail: str | None = None
    name: str | None = None
    skus: frozenset[str] = frozenset()  # folded
    words: str = ""  # what lies in it, as typed
    units: int | None = None  # counted


@dataclass(frozen=True, slots=True)
class Awaited:
    """An open return, as far as a box can tell of it."""

    return_id: int
    order_id: int
    case_id: int
    warehouse_id: int
    waybills: tuple[str, ...] = ()
    phone_tail: str | None = None
    name: str | None = None
    skus: frozenset[str] = frozenset()  # folded
    titles: tuple[str, ...] = ()
    units: int = 0  # awaited
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    return_id: int
    score: int  # 1 to MOST
    clues: tuple[Clue, ...]  # the weightiest first


def ranked(box: Box, awaited: Iterable[Awaited], limit: int = 20) -> list[Candidate]:
    """The returns that something speaks for, the likeliest first; of equals the older."""
    found = []
    for one in awaited:
        clues = clues_of(box, one)
        if set(clues) & STRONG:
            found.append(Candidate(one.return_id, min(MOST, sum(WORTH[clue] for clue in clues)), clues))
    return sorted(found, key=lambda each: (-each.score, each.return_id))[:limit]


def clues_of(box: Box, one: Awaited) -> tuple[Clue, ...]:
    told = {bill.upper() for bill in one.waybills}
    same = {
        Clue.CASE: box.case_id is not None and box.case_id == one.case_id,
        Clue.CASE_NUMBER: one.case_id in box.said_case_ids,
        Clue.ORDER_NUMBER: one.order_id in box.said_order_ids,
        Clue.WAYBILL: box.waybill.upper() in told,
        Clue.OWN_PARCEL: one.order_id in box.order_ids,
        Clue.WAYBILL_PART: any(is_nearly(box.waybill.upper(), bill) for bill in told),
        Clue.PHONE: box.phone_tail is not None and box.phone_tail == one.phone_tail,
        Clue.NAME: _same_name(box.name, one.name),
        Clue.SKU: bool(box.skus & one.skus),
        Clue.TITLE: _same_title(box.words, one.titles),
        Clue.UNITS: box.units is not None and box.units == one.units,
        Clue.SENT: one.sent_at is not None and timedelta(0) <= box.arrived_at - one.sent_at <= RECENT,
        Clue.HERE: box.warehouse_id == one.warehouse_id,
    }
    found = [clue for clue, holds in same.items() if holds]
    if Clue.WAYBILL in found and Clue.WAYBILL_PART in found:
        found.remove(Clue.WAYBILL_PART)
    return tuple(sorted(found, key=lambda clue: -WORTH[clue]))


def is_nearly(one: str, other: str) -> bool:
    """Whether two numbers end alike, or differ in one sign: as they are read aloud and typed."""
    if one == other or min(len(one), len(other)) < SHORTEST_PART:
        return False
    if one.endswith(other) or other.endswith(one):
        return True
    is_typo = len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1
    return is_typo or one[-SHORTEST_PART - 2 :] == other[-SHORTEST_PART - 2 :]


def taken_out_code(waybill: str, number: int) -> str:
    """What goods go by that were taken out of a parcel because they are somebody else's.

    >>> taken_out_code("SF1234567890", 2)
    'SF1234567890-X2'
    """
    return f"{waybill[:MOST_OF_A_WAYBILL]}-X{number}"


def parcel_of_code(code: str) -> str | None:
    """The (beginning of the) waybill of the parcel that they were taken out of; None for any other."""
    head, mark, number = code.rpartition("-X")
    return head if mark and head and number.isascii() and number.isdigit() else None


def _same_name(one: str | None, other: str | None) -> bool:
    """Masked names say nothing."""
    if not one or not other or "*" in one or "*" in other:
        return False
    return bool(bare(one)) and bare(one) == bare(other)


def phrases(words: str) -> tuple[str, ...]:
    """What may be the name of an article in typed words, bare: all of it, and what stands between commas and breaks."""
    parts = [bare(part) for part in (words, *_BETWEEN.split(words))]
    return tuple(dict.fromkeys(part for part in parts if len(part) >= SHORTEST_TITLE))


def is_called(said: Sequence[str], title: str) -> bool:
    """Whether one of these phrases is a part of a title, or the title of it; blanks and signs do not count."""
    plain = bare(title)
    return len(plain) >= SHORTEST_TITLE and any(phrase in plain or plain in phrase for phrase in said)


def _same_title(words: str, titles: Sequence[str]) -> bool:
    said = phrases(words)
    return any(is_called(said, title) for title in titles)
