"""Money back: decisions a second, rounds of clerks at once, stories of crashes, kills; see docs/performance.md."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from benchmarks.engines import desk
from shopdesk.core.db import db
from shopdesk.refunds import service
from tests import make
from tests.refunds import world
from tests.refunds.killing import ordeal
from tests.refunds.rushing import rush
from tests.refunds.test_refund_crashes import FORGETS, Worker, story

CLIENTS = (1, 8)
DECISIONS = 400  # for each number of clients
SEED = 20261122


@dataclass(frozen=True, slots=True)
class Pace:
    """Decisions that are on the disk: asked, approved, reserved, numbered, written to ledger and trail."""

    clients: int
    per_second: float
    median_ms: float
    p95_ms: float
    worst_ms: float

    def __str__(self) -> str:
        times = f"{self.median_ms:.1f} ms, 95 % within {self.p95_ms:.1f} ms, worst {self.worst_ms:.1f} ms"
        return f"{self.clients} at once: {self.per_second:.0f} decisions/s, median {times}"


@contextmanager
def _desk(engine: str) -> Iterator[tuple[Flask, Path]]:
    with desk(engine, 5) as made, made.app.app_context():
        yield made.app, made.data


def measured(engine: str, *, rounds: int, stories: int, kills: int) -> int:
    """Print what was asked for; how many contradictions there were."""
    failed = 0
    with _desk(engine) as (app, data):
        if not (rounds or stories or kills):
            for pace in paces(app):
                print(f"{engine}: {pace}")
        if rounds:
            found = rush(app, rounds)
            print(f"{engine}: {found}")
            failed += len(found.problems)
        if stories:
            failed += told(engine, app, stories)
        if kills:
            with ordeal(app, data, SEED) as trial:
                toll = trial.run(kills)
            print(f"{engine}: {toll}")
            failed += len(toll.problems)
    return failed


def told(engine: str, _app: Flask, stories: int) -> int:
    """Half with a place that remembers numbers for ever, half with one that forgets them after an hour."""
    red = []
    with pytest.MonkeyPatch.context() as patch:
        worker = Worker(patch)
        for seed in range(SEED, SEED + stories):
            try:
                story(seed, worker, *([FORGETS] if seed % 2 else []))
            except AssertionError as error:
                red.append(str(error))
            db.session.rollback()
    print(f"{engine}: {stories} stories of crashes: {len(red)} contradictions", *red[:5], sep="\n  ")
    return len(red)


def paces(app: Flask) -> list[Pace]:
    store = world.store("pace-shop")
    actor = world.agent(store)
    found = []
    for clients in CLIENTS:
        orders = [make.order(db.session.merge(store)).id for _ in range(DECISIONS // 8)]
        found.append(_pace(app, clients, [orders[n % len(orders)] for n in range(DECISIONS)], actor))
    return found


def _pace(app: Flask, clients: int, orders: Sequence[int], actor: object) -> Pace:
    took: list[float] = []
    waiting = iter(orders)
    lock = threading.Lock()

    def work() -> None:
        with app.app_context():
            while True:
                with lock:
                    order_id = next(waiting, None)
                if order_id is None:
                    return
                begun = time.perf_counter()
                service.request(order_id, world.wish(10), actor=actor)  # type: ignore[arg-type]
                took.append(time.perf_counter() - begun)
                db.session.remove()

    db.session.rollback()
    threads = [threading.Thread(target=work) for _ in range(clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    times = sorted(took)
    return Pace(
        clients, len(times) / seconds, statistics.median(times) * 1000, times[int(len(times) * 0.95)] * 1000,
        times[-1] * 1000,
    )  # fmt: skip
