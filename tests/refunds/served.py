"""Clerks at the served desk: money back over HTTP, each request under a key of its own."""

from __future__ import annotations

import http.client
import json
import socket
from dataclasses import dataclass
from typing import Any

from shopdesk.core.permissions import Role
from tests import make
from tests.crash.machine import HOST

ANSWER_SECONDS = 30
LOST = (OSError, http.client.HTTPException, ValueError)  # what the line does when the other end is killed
NOTHING_LEFT = "more_than_left"


@dataclass(frozen=True, slots=True)
class Told:
    """An answer that came whole."""

    status: int
    body: Any

    @property
    def word(self) -> str:
        """ "ok", the code of the refusal, or the number of an error of the server."""
        if self.status < 300:
            return "ok"
        return str(self.status) if self.status >= 500 else str(self.body.get("error"))


class Clerk:
    """One person of after-sale on one kept connection; of one thread at a time."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self.line: http.client.HTTPConnection | None = None

    def ask(self, order_id: int, amount_minor: int, key: str) -> Told:
        """Goodwill to where the money came from.  Raises one of LOST."""
        body = {"kind": "goodwill", "amount_minor": amount_minor, "destination": "original", "reason": "晚到三天"}
        return self.post(f"/orders/{order_id}/refunds", body, key)

    def post(self, path: str, body: dict[str, Any], key: str) -> Told:
        head = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key, "Content-Type": "application/json"}
        line = self._connected()
        try:
            line.request("POST", f"/api/v1{path}", json.dumps(body), head)
            answer = line.getresponse()
            return Told(answer.status, json.loads(answer.read()))
        except LOST:
            self.hang_up()
            raise

    def _connected(self) -> http.client.HTTPConnection:
        if self.line is None:
            line = http.client.HTTPConnection(HOST, self.port, timeout=ANSWER_SECONDS)
            line.connect()
            line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or the body waits 40 ms for its head
            self.line = line
        return self.line

    def hang_up(self) -> None:
        if self.line:
            self.line.close()
            self.line = None


def tokens(store_id: int, count: int) -> list[str]:
    """Of so many people of after-sale."""
    return [make.api_token(make.person(Role.AFTER_SALE, store_id=store_id)) for _ in range(count)]
