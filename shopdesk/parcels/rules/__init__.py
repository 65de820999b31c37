"""Decisions about stages and about how old the knowledge of them is."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from shopdesk.parcels.states import IN_HOUSE, OWN_HANDS, PATH, STAGE_RANK, FactEffect, Freshness, Source, Stage

MOST_CODE = 128  # characters of a code; no waybill is longer
_BARCODE = re.compile(r"PK([1-9][0-9]{0,16})([0-9])(?:-([1-9][0-9]{0,6}))?")
_LIKE_OURS = re.compile(r"PK[0-9]+(?:-[0-9]*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the desk knows of a stage: for which moment, from whom, how fresh."""

    as_of: datetime | None
    source: Source
    origin: str | None
    freshness: Freshness

    @property
    def is_stale(self) -> bool:
        return self.freshness in {Freshness.STALE, Freshness.UNKNOWN}

    def leaves_doubt(self, marked_shipped_at: datetime | None) -> bool:
        """Whether printing is asked before anything is amended: the stage is stale, or the platform says "shipped".

        The mark moves no stage until it is old (domain.md §8); what our own hands saw after it counts more.
        """
        if self.is_stale or marked_shipped_at is None:
            return self.is_stale
        seen_later = self.as_of is not None and self.as_of > marked_shipped_at
        return not (self.freshness is Freshness.OWN and seen_later)


def knowledge(
    *,
    source: Source,
    origin: str | None,
    as_of: datetime | None,
    feed_as_of: datetime | None,
    feed_origin: str | None,
    rhythm: timedelta,
    now: datetime,
    was_only_looked_at: bool = False,
) -> Knowledge:
    """How fresh a parcel's stage is (D4).

    A stage from our own command or scan and printing's word are never stale; a pre-print check that only looked
    (`was_only_looked_at`) ages.  Of what ages the newest counts, also the store-wide stage feed: late over one rhythm,
    stale over two.
    """
    if source in OWN_HANDS and not was_only_looked_at:
        return Knowledge(as_of, source, origin, Freshness.OWN)
    if feed_as_of and (as_of is None or feed_as_of > as_of):
        as_of, origin, source = feed_as_of, feed_origin, Source.API
    if as_of is None:
        return Knowledge(None, source, origin, Freshness.UNKNOWN)
    return Knowledge(as_of, source, origin, freshness(now - as_of, rhythm))


def freshness(age: timedelta, rhythm: timedelta) -> Freshness:
    if age <= rhythm:
        return Freshness.FRESH
    return Freshness.LATE if age <= 2 * rhythm else Freshness.STALE


def effect(
    *,
    current: Stage,
    current_source: Source,
    current_at: datetime | None,
    told: Stage,
    happened_at: datetime | None,
    source: Source,
    as_of: datetime | None = None,
    current_as_of: datetime | None = None,
    is_independent: bool = False,
) -> FactEffect:
    """What a reported stage does to the parcel (domain.md §3).  It is never refused.

    Forward it moves, also over several stages.  Backward or same it is known already, but "still unprinted" said of a
    moment after the parcel moved on contradicts what we know, and so does printing or packing that an independent
    source (`is_independent`) says happened after that moment.  A scan or command in our hands wins over an outside
    source that speaks of an earlier moment.  A reported void moves nothing and asks printing.
    """
    if told is Stage.VOIDED:
        return FactEffect.KNOWN if current is Stage.VOIDED else FactEffect.ASKED
    if current is Stage.VOIDED:
        return FactEffect.MOVED if told in {Stage.SHIPPED, Stage.DELIVERED} else FactEffect.CONTRADICTED
    if STAGE_RANK[told] <= STAGE_RANK[current]:
        # That it has been printed stays true as it goes on: only a moment that was told can speak against the stage.
        said_of = (happened_at or as_of) if told is Stage.UNPRINTED else happened_at if is_independent else None
        known_of = current_at or current_as_of
        is_behind = told in IN_HOUSE and current is not told
        later = is_behind and said_of is not None and known_of is not None and said_of > known_of
        return FactEffect.CONTRADICTED if later else FactEffect.KNOWN
    ours_is_later = current_at is not None and happened_at is not None and happened_at < current_at
    if current_source is Source.SCAN and source not in OWN_HANDS and ours_is_later:
        return FactEffect.CONTRADICTED
    return FactEffect.MOVED


def is_independent(source: Source, origin: str | None, other: Source, other_origin: str | None) -> bool:
    """Whether an outside source is another one than the one that told the stage; our own hands speak for themselves."""
    if source in OWN_HANDS:
        return False
    return origin != other_origin if origin and other_origin else source is not other


class Fact(Protocol):
    """A stage fact as the rules see it."""

    @property
    def parcel_id(self) -> int: ...
    @property
    def source(self) -> Source: ...
    @property
    def effect(self) -> FactEffect: ...


F = TypeVar("F", bound=Fact)


def undecided(facts: Sequence[F]) -> list[F]:
    """Of facts in the order they became known the contradictions that no own hands have decided since (D7)."""
    found: dict[int, list[F]] = {}
    for fact in facts:
        if fact.effect is FactEffect.CONTRADICTED:
            found.setdefault(fact.parcel_id, []).append(fact)
        elif fact.source in OWN_HANDS:
            found.pop(fact.parcel_id, None)
    return [fact for there in found.values() for fact in there]


def least_advanced(stages: list[Stage]) -> Stage:
    """The stage an order shows: its least advanced parcel's (M012); voided parcels count only when all are."""
    alive = [stage for stage in stages if stage is not Stage.VOIDED]
    return min(alive, key=PATH.index) if alive else (Stage.VOIDED if stages else Stage.UNPRINTED)


def barcode(parcel_id: int) -> str:
    """What our own papers carry for a parcel: PK, its id, a check digit that catches a misread one."""
    return f"PK{parcel_id}{_check_digit(str(parcel_id))}"


def paper_code(parcel_id: int, version: int) -> str:
    """The barcode with the version of the papers that carry it, so that old papers are known by their scan."""
    return f"{barcode(parcel_id)}-{version}"


def parcel_of(code: str) -> int | None:
    """The parcel id in one of our own barcodes; None for any other code."""
    found = _ours(code)
    return int(found[1]) if found else None


def version_of(code: str) -> int | None:
    """The version of the papers that one of our own barcodes stands on; None where it names none."""
    found = _ours(code)
    return int(found[3]) if found and found[3] else None


def is_like_ours(text: str) -> bool:
    """Whether it looks like one of our own barcodes, also one that was misread or mistyped."""
    return _LIKE_OURS.fullmatch(scanned(text)) is not None


def _ours(code: str) -> re.Match[str] | None:
    found = _BARCODE.fullmatch(code.upper())
    return found if found and _check_digit(found[1]) == int(found[2]) else None


def _check_digit(digits: str) -> int:
    """Luhn: every second digit from the right counts double."""
    doubled = (int(d) * (2 if place % 2 == 0 else 1) for place, d in enumerate(reversed(digits)))
    return -sum(d // 10 + d % 10 for d in doubled) % 10


#: Characters that scanners and carriers put around a number: the AIM prefix, JD's "-1-1-" (parcel 1 of 1).
_AIM = re.compile(r"\][A-Za-z][0-9](?=.)")
_OF_SEVERAL = re.compile(r"(JD[A-Z0-9]{6,})-\d+-\d+-?", re.IGNORECASE)


def scanned(text: str) -> str:
    """The code in what a scanner, an input method or a hand put down: folded digits, no blanks, prefixes or suffixes.

    Empty where nothing is left of it.
    """
    code = "".join(unicodedata.normalize("NFKC", text).split())
    code = "".join(char for char in code if unicodedata.category(char)[0] != "C")
    code = _AIM.sub("", code, count=1) if code.startswith("]") else code
    of_several = _OF_SEVERAL.fullmatch(code)
    return (of_several[1] if of_several else code).strip("*")[:MOST_CODE]
