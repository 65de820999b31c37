"""Money back over HTTP: decisions a second, rounds of clerks at once, kills; in process: stories of crashes.

See docs/performance.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks.client import Request, Result, load
from benchmarks.engines import Desk, desk
from benchmarks.server import server
from shopdesk.core.db import db
from tests import make
from tests.refunds import world
from tests.refunds.killing import ordeal
from tests.refunds.rushing import rush_served
from tests.refunds.served import tokens
from tests.refunds.test_refund_crashes import FORGETS, Worker, story

CLIENTS = (1, 8)
DECISIONS = 400  # for each number of clients
SECONDS = 60.0  # at most, for each
SEED = 20261122


@contextmanager
def _desk(engine: str) -> Iterator[Desk]:
    with desk(engine, 5) as made, made.app.app_context():
        yield made


def measured(engine: str, *, rounds: int, stories: int, kills: int) -> int:
    """Print what was asked for, each on a desk of its own; how many contradictions there were."""
    failed = 0
    if not (rounds or stories or kills):
        with _desk(engine) as made:
            failed += paces(engine, made)
    if rounds:
        with _desk(engine) as made:
            found = rush_served(made.app, made.data, rounds)
        print(f"{engine}: {found}")
        failed += len(found.problems)
    if stories:
        with _desk(engine):
            failed += told(engine, stories)
    if kills:
        with _desk(engine) as made, ordeal(made.app, made.data, SEED) as trial:
            toll = trial.run(kills)
        print(f"{engine}: {toll}")
        failed += len(toll.problems)
    return failed


def told(engine: str, stories: int) -> int:
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


def paces(engine: str, made: Desk) -> int:
    """Decisions that are on the disk and answered: asked, approved, set aside, numbered, in ledger and trail."""
    store = world.store("pace-shop")
    (token,) = tokens(store.id, 1)
    orders = [make.order(db.session.merge(store)).id for _ in range(DECISIONS // 8)]
    failed = 0
    with server(made) as serving:
        load(serving.port, _wishes(orders, "warm", 16), token, clients=2, most=16, seconds=SECONDS)
        for clients in CLIENTS:
            wishes = _wishes(orders, f"pace-{clients}", DECISIONS)
            found = load(serving.port, wishes, token, clients=clients, most=DECISIONS, seconds=SECONDS)
            print(f"{engine}: {_words(clients, found)}")
            failed += found.failed
    return failed


def _wishes(orders: list[int], word: str, count: int) -> list[Request]:
    wish = {"kind": "goodwill", "amount_minor": 10, "destination": "original", "reason": "晚到三天"}
    body = json.dumps(wish).encode()
    return [
        Request(f"/api/v1/orders/{orders[n % len(orders)]}/refunds", body, f"{word}-{n}") for n in range(count)
    ]  # fmt: skip


def _words(clients: int, found: Result) -> str:
    times = f"median {found.p50_ms:.1f} ms, 99 % within {found.p99_ms:.1f} ms, worst {found.worst_ms:.1f} ms"
    return f"{clients} at once: {found.per_second:.0f} decisions/s, {times}; {found.count} asked, {found.failed} failed"
