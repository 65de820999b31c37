"""Buyers, drawn once and used by many orders."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from benchmarks.world import words


@dataclass(frozen=True, slots=True)
class Buyer:
    nick: str
    name: str
    phone: str
    region: tuple[str, str, str]
    street: str


def buyers(count: int, rng: Random) -> list[Buyer]:
    return [_buyer(number, rng) for number in range(count)]


def _buyer(number: int, rng: Random) -> Buyer:
    street = f"{rng.choice(words.STREETS)}{rng.randint(1, 400)}号"
    home = f"{rng.choice(words.ESTATES)}{rng.randint(1, 30)}幢{rng.randint(1, 28)}0{rng.randint(1, 4)}室"
    return Buyer(
        nick=f"{rng.choice(words.MOODS)}{rng.choice(words.THINGS)}_{number}",
        name=rng.choice(words.SURNAMES) + "".join(rng.choices(words.GIVEN, k=rng.choice((1, 2, 2)))),
        phone=f"1{rng.choice((30, 35, 36, 38, 39, 50, 58, 59, 86, 88, 89))}{rng.randrange(10**8):08d}",
        region=rng.choice(words.REGIONS),
        street=f"{street}{home}",
    )
