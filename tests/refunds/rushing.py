"""Rounds in which 2–32 clerks refund one order's money at the same moment, and what each round is held against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import Flask

from shopdesk.core.db import db
from shopdesk.core.errors import DomainError
from shopdesk.refunds import queries, service
from tests import make
from tests.racing import outcomes
from tests.refunds import world

CLERKS = (2, 4, 8, 16, 32)
THIRD = world.PAID // 3


@dataclass
class Rush:
    """What was examined, and every contradiction."""

    rounds: int = 0
    told: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        said = ", ".join(f"{what} {times}" for what, times in sorted(self.told.items()))
        return f"{self.rounds} rounds ({said}): {len(self.problems)} contradictions"


def rush(app: Flask, rounds: int, clerks: Sequence[int] = CLERKS) -> Rush:
    """Each clerk asks for a third of what was paid: three get it, the others hear that nothing is left."""
    found, store = Rush(), world.store("rush-shop")
    actors = [world.agent(store) for _ in range(max(clerks))]
    store_id = store.id
    for number in range(rounds):
        at_once = clerks[number % len(clerks)]
        order_id = make.order(db.session.merge(store)).id
        calls = [
            lambda actor=actor, order_id=order_id: service.request(order_id, world.wish(THIRD), actor=actor)
            for actor in actors[:at_once]
        ]
        said = [_word(outcome) for outcome in outcomes(app, *calls)]
        found.rounds += 1
        found.told.update(said)
        _hold(found, order_id, store_id, said, at_once)
    return found


def _word(outcome: object) -> str:
    return outcome.code if isinstance(outcome, DomainError) else str(outcome)


def _hold(found: Rush, order_id: int, store_id: int, said: list[str], at_once: int) -> None:
    ok = min(3, at_once)
    if Counter(said) != Counter({"ok": ok, "more_than_left": at_once - ok}):
        found.problems.append(f"order {order_id}: {at_once} clerks heard {sorted(said)}")
    try:
        world.check_books(order_id, store_id)
    except AssertionError as error:
        found.problems.append(f"order {order_id}: {error}")
    made = queries.payouts_of([r.id for r in queries.refunds_of_order(order_id, store_id)], store_id)
    if sum(p.amount_minor for p in made) != said.count("ok") * THIRD:
        found.problems.append(f"order {order_id}: {said.count('ok')} were promised, {len(made)} are there")
