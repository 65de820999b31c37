"""What a path costs the database, repeatably: how many statements, and how many pages they touch (PostgreSQL)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask

from benchmarks import paths
from benchmarks.world import World
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor
from shopdesk.desk import queries
from shopdesk.staff import queries as staff
from tests.statements import seen_statements


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one look at the desk, without what the token costs."""

    statements: float  # on average
    pages: float | None  # on average; None where the engine does not tell
    cpu_ms: float  # of this process, median; a busy machine changes it little


def costs(app: Flask, world: World, *, looks: int = 20) -> dict[str, Cost]:
    """By name of path; `looks` different terms or orders each."""
    found = {}
    with app.test_request_context():
        person = staff.person_by_login("bench")
        assert person is not None
        actor = staff.actor_for(person, channel="api")
        step = max(1, len(world.samples) // looks)
        for name, pick in paths.terms(world).items():
            words = [word for word in map(pick, world.samples[::step]) if word]
            found[f"look-up: {name}"] = _cost([_finding(word, actor) for word in words])
        found["order detail"] = _cost([_showing(order.id, actor) for order in world.samples[::step]])
        db.session.remove()
    return found


def _finding(word: str, actor: Actor) -> Callable[[], Any]:
    return lambda: queries.hits_of(queries.look_up(word, actor).order_ids, actor)


def _showing(order_id: int, actor: Actor) -> Callable[[], Any]:
    return lambda: queries.order_view(order_id, actor)


def _cost(looks: list[Callable[[], Any]]) -> Cost:
    statements, pages = 0, 0
    times = []
    for look in looks:
        look()  # compiled and prepared
        db.session.rollback()
        with seen_statements() as seen:
            began = time.thread_time()
            look()
            times.append(time.thread_time() - began)
        statements += len(seen)
        if db.engine.dialect.name == "postgresql":
            pages += sum(_pages(statement, values) for statement, values in seen)
    told = pages / len(looks) if db.engine.dialect.name == "postgresql" else None
    return Cost(statements / len(looks), told, statistics.median(times) * 1000)


def _pages(statement: str, values: Any) -> int:
    if not statement.lstrip().upper().startswith("SELECT"):
        return 0
    driver: Any = db.session.connection().connection.driver_connection
    plan = driver.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {statement}", values).fetchone()[0]
    top = plan[0]["Plan"]
    return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])
