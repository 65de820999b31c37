"""Rounds in which 2–32 clerks refund one order's money at the same moment, and what each round is held against.

`rush`: in this process, a thread and a session each.  `rush_served`: over HTTP against web processes, as people do.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from shopdesk.core.db import db
from shopdesk.core.errors import DomainError
from shopdesk.refunds import queries, service
from shopdesk.staff import queries as staff
from tests import make
from tests.crash.machine import Machine, desk_environment
from tests.racing import outcomes
from tests.refunds import world
from tests.refunds.served import LOST, NOTHING_LEFT, Clerk, tokens

CLERKS = (2, 4, 8, 16, 32)
THIRD = world.PAID // 3
WAIT_SECONDS = 60


@dataclass
class Rush:
    """What was examined, and every contradiction."""

    rounds: int = 0
    told: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    worst_s: float = 0.0  # from the moment at which all began to the last answer of a round

    def __str__(self) -> str:
        said = ", ".join(f"{what} {times}" for what, times in sorted(self.told.items()))
        found = "; ".join([f"{len(self.problems)} contradictions", *self.problems[:5]])
        return f"{self.rounds} rounds ({said}), the longest {self.worst_s:.1f} s: {found}"


#: order → what so many clerks heard, each of whom asked for a third of what was paid.
Ask = Callable[[int, int], list[str]]


def rush(app: Flask, rounds: int, clerks: Sequence[int] = CLERKS) -> Rush:
    store = world.store("rush-shop")
    actors = [world.agent(store) for _ in range(max(clerks))]

    def ask(order_id: int, at_once: int) -> list[str]:
        calls = [lambda actor=a: service.request(order_id, world.wish(THIRD), actor=actor) for a in actors[:at_once]]
        return [_word(outcome) for outcome in outcomes(app, *calls)]

    return _rounds(ask, store.id, rounds, clerks)


def rush_served(app: Flask, folder: Path, rounds: int, clerks: Sequence[int] = CLERKS) -> Rush:
    """The same through gunicorn and the API."""
    store_id = world.store("rush-shop").id
    with _served(app, folder) as port:
        team = [Clerk(port, token) for token in tokens(store_id, max(clerks))]
        return _rounds(lambda order_id, at_once: _at_once(team[:at_once], order_id), store_id, rounds, clerks)


@contextmanager
def _served(app: Flask, folder: Path) -> Iterator[int]:
    machine = Machine(desk_environment(app), folder / "desk.log")
    try:
        machine.start_web()
        yield machine.port
    finally:
        machine.close()


def _at_once(team: Sequence[Clerk], order_id: int) -> list[str]:
    start, said = threading.Barrier(len(team)), ["nothing heard"] * len(team)

    def ask(place: int, clerk: Clerk) -> None:
        start.wait(10)
        try:
            said[place] = clerk.ask(order_id, THIRD, f"rush-{order_id}").word
        except LOST as error:
            said[place] = f"lost: {type(error).__name__}"
        finally:
            clerk.hang_up()  # an idle line is closed by the server after a while

    threads = [threading.Thread(target=ask, args=each) for each in enumerate(team)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_SECONDS)
    return said


def _rounds(ask: Ask, store_id: int, rounds: int, clerks: Sequence[int]) -> Rush:
    """Three get a third each, the others hear that nothing is left."""
    found = Rush()
    for number in range(rounds):
        at_once = clerks[number % len(clerks)]
        order_id = make.order(staff.store_by_id(store_id)).id
        db.session.rollback()
        began = time.monotonic()
        said = ask(order_id, at_once)
        found.worst_s = max(found.worst_s, time.monotonic() - began)
        found.rounds += 1
        found.told.update(said)
        _hold(found, order_id, store_id, said, at_once)
    return found


def _word(outcome: object) -> str:
    return outcome.code if isinstance(outcome, DomainError) else str(outcome)


def _hold(found: Rush, order_id: int, store_id: int, said: list[str], at_once: int) -> None:
    ok = min(3, at_once)
    if Counter(said) != Counter({"ok": ok, NOTHING_LEFT: at_once - ok}):
        found.problems.append(f"order {order_id}: {at_once} clerks heard {sorted(said)}")
    try:
        world.check_books(order_id, store_id)
    except AssertionError as error:
        found.problems.append(f"order {order_id}: {error}")
    made = queries.payouts_of([r.id for r in queries.refunds_of_order(order_id, store_id)], store_id)
    if sum(p.amount_minor for p in made) != said.count("ok") * THIRD:
        found.problems.append(f"order {order_id}: {said.count('ok')} were promised, {len(made)} are there")
