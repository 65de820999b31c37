"""The queue of 100,000 open cases beside orders by key: `.venv/bin/python -m benchmarks.cases`; docs/performance.md.

Each filter's first page with its counts, and one page further on, in turns with an order's page by its key.
"""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Sequence
from datetime import timedelta

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from benchmarks.client import Request, Result, load, merge
from benchmarks.engines import ENGINES, desk
from benchmarks.many_cases import add_people, fill_cases
from benchmarks.paths import API
from benchmarks.server import server
from benchmarks.world import fill
from shopdesk.core import clock
from shopdesk.staff import queries as staff

DAY = (clock.now() + timedelta(days=3)).date()
PAGES = {
    "all": "/cases",
    "by age": "/cases?sort=age",
    "mine": "/cases?whose=mine",
    "nobody's": "/cases?whose=unassigned",
    "due today": "/cases?whose=due_today",
    "overdue": "/cases?whose=overdue",
    "waiting for the courier": "/cases?whose=courier",
    "ended": "/cases?whose=closed",
    "one kind": "/cases?kind=dispute",
    "three kinds": "/cases?kind=return&kind=exchange&kind=damage",
    "reason and phase": "/cases?reason=late&phase=inspect",
    "reason, phase, waiting, due": f"/cases?reason=late&phase=inspect&waiting=courier&due_to={DAY}",
    "three owners": "/cases?owner=3&owner=4&owner=5",
    "one store": "/cases?shop=3",
}


def main(arguments: Sequence[str]) -> int:
    made = argparse.ArgumentParser(prog="benchmarks.cases", description=__doc__)
    made.add_argument("--engine", choices=ENGINES, action="append")
    made.add_argument("--orders", type=int, default=10_000)
    made.add_argument("--cases", type=int, default=100_000)
    made.add_argument("--clients", type=int, default=1)
    made.add_argument("--seconds", type=float, default=1.0, help="of each round")
    made.add_argument("--rounds", type=int, default=3, help="odd: the median round counts")
    options = made.parse_args(arguments)
    print("| engine | path | p50 ms | p99 ms | p99 against the order by key | failed |\n|---|---|---|---|---|---|")
    return sum(_measure(engine, options) for engine in options.engine or ENGINES)


def _measure(engine: str, options: argparse.Namespace) -> int:
    with desk(engine, options.orders) as there:
        world = fill(there.app, options.orders)
        people, token = add_people(there.app)
        fill_cases(there.app, options.cases, people)
        cookie = _session(there.app)
        by_key = [Request(f"/orders/{order.id}") for order in world.samples[:200]]
        looked_up = [Request(f"{API}/orders?q={order.number}") for order in world.samples[:200]]
        lists = [
            Request(f"{API}/cases?{query}") for query in ("kind=dispute", "owner=me", "waiting=courier", "limit=50")
        ]
        failed = 0
        with server(there) as serving:

            def ask(requests: list[Request], who: str) -> Result:
                return load(serving.port, requests, who, clients=options.clients, most=10**6, seconds=options.seconds)

            for name, requests, beside, who in (
                *((name, [Request(path)], by_key, cookie) for name, path in PAGES.items()),
                ("API", lists, looked_up, token),
            ):
                ask(requests, who)
                ask(beside, who)
                ours, key = [], []
                for _ in range(options.rounds):
                    key.append(ask(beside, who))
                    ours.append(ask(requests, who))
                failed += _print(engine, name, merge(ours), merge(key))
    return 1 if failed else 0


def _print(engine: str, name: str, ours: Result, key: Result) -> int:
    ratio = ours.p99_ms / key.p99_ms if key.p99_ms else 0.0
    failed = ours.failed + key.failed
    print(
        f"| {engine} | {name} | {key.p50_ms:.0f} → {ours.p50_ms:.0f} | {key.p99_ms:.0f} → {ours.p99_ms:.0f} | "
        f"{ratio:.1f} | {failed} |",
        flush=True,
    )
    return failed


def _session(app: Flask) -> str:
    """The session of somebody of after-sale, as signing in makes it."""
    with app.app_context():
        person = staff.person_by_login("agent0")
        assert person is not None
        at = clock.now().timestamp()
        body = {
            "_user_id": f"{person.id}.{person.epoch}.{secrets.token_hex(16)}",
            "_fresh": True,
            "since": at,
            "seen": at,
        }
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        assert signer is not None
        return f"Cookie: {app.config['SESSION_COOKIE_NAME']}={signer.dumps(body)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
