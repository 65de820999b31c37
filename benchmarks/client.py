"""A load client of threads with kept connections; bounded in count and in time, loopback only.

It speaks plain sockets: on a machine that serves and asks at once, a costly client would hide what the server costs.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.server import HOST

SECONDS_OF_ONE = 10  # an answer that takes longer counts as failed


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    body: bytes | None = None
    key: str | None = None  # Idempotency-Key


@dataclass(frozen=True, slots=True)
class Result:
    """Of one path: how many answers a second, and how long one took."""

    count: int
    seconds: float
    p50_ms: float
    p99_ms: float
    failed: int
    worst_ms: float = 0.0

    @property
    def per_second(self) -> float:
        return self.count / self.seconds if self.seconds else 0.0


def load(port: int, requests: Sequence[Request], token: str, *, clients: int, most: int, seconds: float) -> Result:
    """Send the requests round robin from `clients` connections until `most` were answered or the time is over."""
    wires = [wire(request, token) for request in requests]
    until, taken, lock = time.perf_counter() + seconds, iter(range(most)), threading.Lock()
    times: list[float] = []
    failed: list[int] = []

    def work() -> None:
        mine = []
        with Connection(port) as connection:
            while time.perf_counter() < until:
                with lock:
                    place = next(taken, None)
                if place is None:
                    break
                began = time.perf_counter()
                try:
                    status = connection.ask(wires[place % len(wires)])
                except OSError:  # no answer in time: this client gives up
                    failed.append(place)
                    break
                if status >= 300:
                    failed.append(place)
                mine.append(time.perf_counter() - began)
        times.extend(mine)

    began = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _result(times, time.perf_counter() - began, len(failed))


class Connection:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=SECONDS_OF_ONE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, request: bytes) -> int:
        """Send one request and read its whole answer; the status."""
        return self.read(request)[0]

    def read(self, request: bytes) -> tuple[int, bytes]:
        self.socket.sendall(request)
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head = data[:end].lower()
        at = head.index(b"content-length:") + 15
        whole = end + 4 + int(head[at:].split(b"\r", 1)[0])
        while len(data) < whole:
            data += self._more()
        return int(head[9:12]), data[end + 4 :]

    def _more(self) -> bytes:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data


def wire(request: Request, token: str) -> bytes:
    """The request as it goes over the wire; `token` of a program, or a whole `Cookie: …` line of a browser."""
    body = request.body or b""
    head = [f"{'POST' if request.body is not None else 'GET'} {request.path} HTTP/1.1", f"Host: {HOST}"]
    head.append(token if token.startswith("Cookie: ") else f"Authorization: Bearer {token}")
    if request.body is not None:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        head += [f"Idempotency-Key: {request.key}"] if request.key else []
    return "\r\n".join([*head, "", ""]).encode() + body


def merge(results: Sequence[Result]) -> Result:
    """Several rounds of one path as one: the median round's figures, all failures."""
    ranked = sorted(results, key=lambda result: result.per_second)
    middle = ranked[len(ranked) // 2]
    return Result(
        middle.count, middle.seconds, middle.p50_ms, middle.p99_ms, sum(r.failed for r in results), middle.worst_ms
    )


def _result(times: list[float], seconds: float, failed: int) -> Result:
    ranked = sorted(times)
    if not ranked:
        return Result(0, seconds, 0.0, 0.0, failed)
    return Result(len(ranked), seconds, _at(ranked, 0.5), _at(ranked, 0.99), failed, ranked[-1] * 1000)


def _at(ranked: list[float], share: float) -> float:
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))] * 1000
