"""Somebody who takes webhooks, and a fake place that a test may kill."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.fake_place import FakeProcess


class Listener(ThreadingHTTPServer):
    """Keeps (headers, body) of what is posted to it."""

    daemon_threads = True

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), _Taking)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hooks/fake/my-shop"

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)


class _Taking(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((dict(self.headers.items()), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def listener(fake_place: FakeProcess) -> Iterator[Listener]:
    """Whom the fake place tells."""
    with Listener() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        fake_place.control(hook_url=server.url)
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeProcess]:
    """A fake place of this module's own, which each test leaves running."""
    with FakeProcess(tmp_path_factory.mktemp("mortal") / "book.jsonl") as fake:
        yield fake
