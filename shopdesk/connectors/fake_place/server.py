"""The fake place's HTTP: what the desk calls (`/refunds`), what a person does there (`/console`), and `/control`."""

from __future__ import annotations

import hmac
import json
import socketserver
import sys
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from shopdesk.connectors.fake_place.acting import ELSEWHERE, Dropped, Said, acted, asked_for, console, shown
from shopdesk.connectors.fake_place.book import Entry
from shopdesk.connectors.fake_place.faults import Fault, Faults
from shopdesk.connectors.fake_place.hooks import Sender
from shopdesk.connectors.fake_place.plans import On, Plan, Plans
from shopdesk.connectors.fake_place.till import Request, Till

TICK_S = 0.02
PAGE = 100
MOST_BODY = 64 * 1024


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def __init__(self, port: int, till: Till, faults: Faults, secret: str, hook_url: str | None) -> None:
        self.till, self.faults, self.secret = till, faults, secret
        self.plans, self.hooks = Plans(), Sender(secret, hook_url)
        self.calls: dict[str, int] = {}
        self._counting = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)
        threading.Thread(target=self._tick, daemon=True).start()

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)  # HTTPServer's own looks the name up

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):  # a caller that hung up is no news
            super().handle_error(request, client_address)

    def count(self, name: str) -> None:
        with self._counting:
            self.calls[name] = self.calls.get(name, 0) + 1

    def _tick(self) -> None:
        """What happens by itself: the pending is paid, the paid comes back."""
        while True:
            time.sleep(TICK_S)
            for entry in self.till.due():
                change = self.till.settle if entry.status == "pending" else self.till.take_back
                self.hooks.after(change(entry.reference), Plan())


class Handler(BaseHTTPRequestHandler):
    server: Server
    wbufsize = -1  # head and body in one packet, else the body waits 40 ms for its head

    def do_GET(self) -> None:
        at = urlsplit(self.path)
        if at.path == "/healthz":
            return self.answer(Said(200, {}))
        if not self._is_allowed():
            return None
        if at.path == "/control":
            return self.answer(Said(200, {"calls": self.server.calls, "now": self.server.till.now()}))
        if at.path == "/refunds":
            self.server.count("list")
            return self._shown(On.LIST, None, lambda: self._list(parse_qs(at.query)))
        if at.path.startswith("/refunds/"):
            self.server.count("ask")
            number = unquote(at.path.removeprefix("/refunds/"))
            return self._shown(On.ASK, number, lambda: self._entry(number))
        return self.answer(Said(404, {"code": "NO_SUCH_PAGE"}))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if not self._is_allowed():
            return None
        if length > MOST_BODY:
            return self.answer(Said(413, {"code": "TOO_LONG"}))
        try:
            body = json.loads(self.rfile.read(length) or b"{}")
            if self.path == "/refunds":
                return self._send(Request(**body))
            if self.path == "/control":
                return self._control(**body)
            if self.path == ELSEWHERE:  # where a redirect leads: says what a believer wants to hear, pays nothing
                self.server.count("elsewhere")
                return self.answer(Said(200, {**body, "status": "succeeded", "reference": "ELSEWHERE", "code": None}))
            entry = console(self.server.till, self.path, body)
        except (ValueError, TypeError, LookupError) as error:
            return self.answer(Said(400, {"code": "BAD_REQUEST", "why": str(error)}))
        self.answer(Said(200, shown(entry)))
        return self.server.hooks.after(entry, Plan())

    def _send(self, asked: Request) -> None:
        self.server.count("send")
        plan = self.server.plans.take(On.SEND, asked.number)
        made: list[Entry] = []
        try:
            said = acted(self.server.till, asked, plan, lambda entry: self._made(entry, plan, made))
        except Dropped:
            self.close_connection = True
        else:
            self.answer(said)
        self.server.faults.reach(Fault.ANSWERED)
        for entry in made:
            self.server.hooks.after(entry, plan)

    def _made(self, entry: Entry, plan: Plan, made: list[Entry]) -> None:
        made.append(entry)
        self.server.hooks.before(entry, plan)

    def _shown(self, on: On, number: str | None, read: Any) -> None:
        plan = self.server.plans.take(on, number)
        try:
            self.answer(asked_for(number, plan, read))
        except Dropped:
            self.close_connection = True

    def _control(
        self,
        *,
        plan: dict[str, Any] | None = None,
        on: str = "send",
        when: str = "default",
        times: int = 1,
        reset: bool = False,
        hook_url: str | None = None,
        ahead_s: float | None = None,
        forget: str | None = None,
        die_at: str | None = None,
    ) -> None:
        """The address by which tests and demonstrations say how the place behaves from now on."""
        server = self.server
        if reset:
            server.plans.forget()
            server.till.ahead_s, server.hooks.url, server.faults.due = 0.0, None, None
        if plan is not None:
            server.plans.put(Plan.read(plan), On(on), when, times)
        if hook_url is not None:
            server.hooks.url = hook_url or None
        if ahead_s is not None:
            server.till.ahead_s = ahead_s
        if forget is not None:
            server.till.forget(forget)
        if die_at is not None:
            server.faults.due = Fault(die_at)
        self.answer(Said(200, {}))

    def _entry(self, number: str) -> Said:
        entry = self.server.till.find(number)
        if entry is None:
            return Said(404, {"code": "NUMBER_NOT_FOUND", "number": number})
        return Said(200, shown(entry))

    def _list(self, query: dict[str, list[str]]) -> Said:
        since = datetime.fromisoformat(query["since"][0]).timestamp() if "since" in query else 0.0
        entries = self.server.till.listed(since, query.get("after", [""])[0], PAGE)
        last = entries[-1].reference if len(entries) == PAGE else None
        return Said(200, {"refunds": [shown(entry) for entry in entries], "next": last})

    def _is_allowed(self) -> bool:
        given = self.headers.get("Authorization") or ""
        if hmac.compare_digest(given.encode(), f"Bearer {self.server.secret}".encode()):
            return True
        self.answer(Said(401, {"code": "UNAUTHORISED"}))
        return False

    def answer(self, said: Said) -> None:
        body = (json.dumps(said.body) if said.raw is None else said.raw).encode() + b" " * said.padding
        self.send_response(said.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if said.location:
            self.send_header("Location", said.location)
        self.end_headers()
        if not said.drip_s:
            self.wfile.write(body)
        for byte in body if said.drip_s else b"":
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(said.drip_s)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        return  # numbers and amounts are in the book
