"""Live boards beside look-ups: `.venv/bin/python -m benchmarks.boards`; see docs/performance.md.

200 warehouse boards ask as the page does (each 1.7 s, with the mark of what it shows) while look-ups by number run;
about every two seconds a change is asked for on a printed parcel, which all boards then fetch, and one board says when
it shows; with --still nothing changes.
"""

from __future__ import annotations

import argparse
import json
import secrets
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from benchmarks.client import Connection, Request, Result, load, merge, wire
from benchmarks.engines import ENGINES, desk
from benchmarks.paths import API, changes
from benchmarks.server import HOST, server
from benchmarks.world import World, fill
from shopdesk.core import clock
from shopdesk.core.permissions import Actor, Role
from shopdesk.staff import service as staff

EVERY_SECONDS = 1.7  # as static/js/board.js
THREADS = 20
PATH = "/warehouse/board/now"


@dataclass(slots=True)
class Seen:
    """What the boards met."""

    polls: int = 0
    fresh: int = 0  # answers with a new board; the others were 304
    failed: int = 0
    late: int = 0  # asked more than a second later than they should have
    visible: list[float] = field(default_factory=list)  # seconds from the commit to the answer


def main(arguments: Sequence[str]) -> int:
    made = argparse.ArgumentParser(prog="benchmarks.boards", description=__doc__)
    made.add_argument("--engine", choices=ENGINES, action="append")
    made.add_argument("--orders", type=int, default=2000)
    made.add_argument("--boards", type=int, default=200)
    made.add_argument("--seconds", type=float, default=4.0, help="of each round")
    made.add_argument("--rounds", type=int, default=3, help="with and without boards in turns; the median counts")
    made.add_argument("--still", action="store_true", help="nothing changes on the boards while look-ups are counted")
    options = made.parse_args(arguments)
    print("| engine | look-ups/s without | with | ratio | p99 ms | polls/s | 304 | failed | visible: median, worst s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for engine in options.engine or ENGINES:
        _measure(engine, options)
    return 0


def _measure(engine: str, options: argparse.Namespace) -> None:
    with desk(engine, options.orders) as there:
        world = fill(there.app, options.orders)
        cookie, token = _people(there.app)
        looks = [Request(f"{API}/orders?q={order.number}") for order in world.samples[:200]]
        with server(there) as serving:
            seen, port = Seen(), serving.port
            alone: list[Result] = []
            beside: list[Result] = []

            def ask() -> Result:
                return load(serving.port, looks, world.token, clients=8, most=10**6, seconds=options.seconds)

            load(serving.port, looks, world.token, clients=8, most=200, seconds=2)
            began = 0.0
            for number in range(options.rounds):
                alone.append(ask())
                with _boards(serving.port, cookie, options.boards, seen):
                    time.sleep(2 * EVERY_SECONDS)
                    polls, at = seen.polls, time.perf_counter()
                    made = nullcontext() if options.still else _changing(port, cookie, token, world, seen, number)
                    with made:
                        beside.append(ask())
                    began += (seen.polls - polls) / (time.perf_counter() - at) / options.rounds
            _print(engine, merge(alone), merge(beside), seen, began)


def _print(engine: str, alone: Result, beside: Result, seen: Seen, polls: float) -> None:
    ratio = beside.per_second / alone.per_second if alone.per_second else 0.0
    visible = seen.visible or [float("nan")]
    kept = 1 - seen.fresh / max(1, seen.polls)
    print(
        f"| {engine} | {alone.per_second:.0f} | {beside.per_second:.0f} | {ratio:.2f} | {alone.p99_ms:.0f} → "
        f"{beside.p99_ms:.0f} | {polls:.0f} | {kept:.0%} | {seen.failed + beside.failed} | "
        f"{statistics.median(visible):.2f}, {max(visible):.2f} |",
        flush=True,
    )


def _people(app: Flask) -> tuple[str, str]:
    """The session of somebody in the warehouse, as signing in makes it, and a token of a supervisor."""
    with app.app_context():
        person = staff.add_person("wall", signature="wall", actor=Actor.system(()))
        staff.grant(person.id, Role.WAREHOUSE, store_id=None, actor=Actor.system(()))
        at = clock.now().timestamp()
        body = {
            "_user_id": f"{person.id}.{person.epoch}.{secrets.token_hex(16)}",
            "_fresh": True,
            "since": at,
            "seen": at,
        }
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        assert signer is not None
        boss = staff.add_person("boss", signature="boss", actor=Actor.system(()))
        staff.grant(boss.id, Role.SUPERVISOR, store_id=None, actor=Actor.system(()))
        token = staff.create_token(boss.id, scopes=None, days=1, actor=Actor.system(()))
        return f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps(body)}", token


def _poll(cookie: str, mark: str) -> bytes:
    head = [f"GET {PATH} HTTP/1.1", f"Host: {HOST}", f"Cookie: {cookie}", f"If-None-Match: {mark}"]
    return "\r\n".join([*head, "", ""]).encode()


def _ask(connection: Connection, cookie: str, mark: str) -> tuple[int, str]:
    """(status, ETag); an answer of 304 has no body and no length."""
    connection.socket.sendall(_poll(cookie, mark))
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += connection._more()
    lines = data[:end].decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    status = int(lines[0].split()[1])
    whole = end + 4 + (0 if status == 304 else int(headers.get("content-length", 0)))
    while len(data) < whole:
        data += connection._more()
    return status, headers.get("etag", "")


@contextmanager
def _boards(port: int, cookie: str, count: int, seen: Seen) -> Iterator[None]:
    stop = threading.Event()
    share = max(1, count // THREADS)
    threads = [
        threading.Thread(target=_watch, args=(port, cookie, share, number / THREADS, seen, stop), daemon=True)
        for number in range(min(THREADS, count))
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _watch(port: int, cookie: str, count: int, phase: float, seen: Seen, stop: threading.Event) -> None:
    """Some boards of one thread, spread over the interval; each keeps the mark of what it shows."""
    marks = [""] * count
    due = time.perf_counter() + phase * EVERY_SECONDS / count
    connection = Connection(port)
    for turn in range(10**6):
        if stop.wait(max(0.0, due - time.perf_counter())):
            break
        seen.late += time.perf_counter() - due > 1
        try:
            status, mark = _ask(connection, cookie, marks[turn % count])
        except OSError:  # closed while it waited its turn: a browser opens another one too
            connection = Connection(port)
            status, mark = _ask(connection, cookie, marks[turn % count])
        marks[turn % count] = mark
        seen.polls += 1
        due = (
            max(due, time.perf_counter() - EVERY_SECONDS / count) + EVERY_SECONDS / count
        )  # a page waits, it never hurries
        seen.fresh += status == 200 and turn >= count  # the first look of a board is always new
        seen.failed += status not in {200, 304}
    connection.socket.close()


@contextmanager
def _changing(port: int, cookie: str, token: str, world: World, seen: Seen, number: int) -> Iterator[None]:
    """A change now and then on a parcel that is printed; a board that asks as the others do says when it shows."""
    stop = threading.Event()
    orders = world.changeable[number * 6 : number * 6 + 6]

    def work() -> None:
        for request in changes(orders).ours:
            if stop.wait(0.2):
                return
            order = request.path.split("/")[4]
            with Connection(port) as program, Connection(port) as wall:
                _print_it(program, token, order)
                _, mark = _ask(wall, cookie, "")
            with Connection(port) as program:
                seen.failed += program.ask(wire(request, token)) >= 300
            at = time.perf_counter()
            for _ in range(20):
                time.sleep(EVERY_SECONDS)
                with Connection(port) as wall:  # the server closes what is idle for two seconds
                    status, _mark = _ask(wall, cookie, mark)
                if status == 200:
                    seen.visible.append(time.perf_counter() - at)
                    break

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _print_it(program: Connection, token: str, order: str) -> None:
    status, body = program.read(wire(Request(f"{API}/orders/{order}"), token))
    assert status == 200, status
    found = json.loads(body)
    fact = {
        "as_of": clock.now().isoformat(),
        "origin": "ERP",
        "items": [{"order": found["number"], "stage": "printed"}],
    }
    request = Request(f"{API}/stores/{found['store']}/facts", json.dumps(fact).encode(), secrets.token_hex(8))
    status, body = program.read(wire(request, token))
    assert status == 200, body


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
