"""The fake place as a process of its own: started, told how to behave, killed; its file is read, not asked.

Fixture `fake_place`: one process for the session, made well-behaved before each test.  Numbers are new for each test
(`fake_place.number()`), so its book can be shared.  A test that kills starts its own: `FakeProcess(tmp_path / "book")`.
Loaded by the line `pytest_plugins` in tests/conftest.py.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from shopdesk.connectors.fake_place import book

ROOT = Path(__file__).parents[1]
SECRET = "the fake place's own secret"
START_SECONDS = 30.0
#: The fake imports nothing of the desk; only the folder is known here, so that it starts without the application.
WITHOUT_THE_DESK = """
import os, runpy, sys, threading, types
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()  # ends with who started it
desk = types.ModuleType("shopdesk")
desk.__path__ = [sys.argv.pop(1)]
sys.modules["shopdesk"] = desk
runpy.run_module("shopdesk.connectors.fake_place", run_name="__main__", alter_sys=True)
"""
_numbers = itertools.count(1)


class FakeProcess:
    """`with FakeProcess(file) as fake:`; after `kill` or a fault `start` brings it back on the same book and port."""

    def __init__(self, file: Path, *, remember_s: float | None = None) -> None:
        self.file, self.port = file, 0
        self._options = [] if remember_s is None else ["--remember", str(remember_s)]
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def config(self) -> dict[str, Any]:
        """Settings under which the desk knows the place as `fake`."""
        return {"FAKE_PLACE_URL": self.url, "FAKE_PLACE_SECRET": SECRET}

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", WITHOUT_THE_DESK, str(ROOT / "shopdesk"),
             "--file", str(self.file), "--port", str(self.port), *self._options],
            env={**os.environ, "SHOPDESK_FAKE_PLACE_SECRET": SECRET}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdout
        said = self._process.stdout.readline().strip()
        if not said:
            raise RuntimeError(f"the fake place does not start: {self.wait()}")
        self.port = int(said.rpartition(":")[2])

    def kill(self) -> None:
        """kill -9."""
        assert self._process
        self._process.kill()
        self.wait()

    def stop(self) -> int:
        """As a supervisor ends it; returns its exit code."""
        assert self._process
        self._process.terminate()
        return self.wait()

    def wait(self) -> int:
        """Until it has died; returns how."""
        assert self._process
        code = self._process.wait(START_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            pipe.close()
        return code

    def __enter__(self) -> FakeProcess:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process and self._process.poll() is None:
            self.kill()

    def behave(self, mode: str = "ok", *, on: str = "send", when: str = "next", times: int = 1, **plan: Any) -> None:
        """How it does the next call (`when`: "next", "default" or a number); the other options are those of `Plan`."""
        self.control(plan={"mode": mode, **plan}, on=on, when=when, times=times)

    def control(self, **orders: Any) -> None:
        """`reset`, `hook_url`, `ahead_s` (its clock), `forget` (a number), `die_at` (a Fault)."""
        self.call("POST", "/control", orders)

    def console(self, what: str, **fields: Any) -> dict[str, Any]:
        """`refunds` (payment_reference, amount_minor, currency), `settle` (number), `take-back` (number)."""
        return self.call("POST", f"/console/{what}", fields)

    def calls(self) -> dict[str, int]:
        """How often it was sent to (`send`), asked (`ask`), listed (`list`) since it started."""
        return dict(self.call("GET", "/control")["calls"])

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, json.dumps(body), {"Authorization": f"Bearer {SECRET}"})
            answer = connection.getresponse()
            said = json.loads(answer.read())
        finally:
            connection.close()
        assert answer.status == 200, said
        return dict(said)

    @staticmethod
    def number(word: str = "T") -> str:
        """One that no other test has."""
        return f"RF{os.getpid()}{word}{next(_numbers):06}"

    def moved(self, number: str) -> int:
        """What the payee has under the number, in minor units, by the file alone."""
        return book.moved_minor(self.file).get(number, 0)

    def entries(self, number: str | None = None) -> list[book.Entry]:
        """All refunds in the file, or those of a number."""
        return [entry for entry in book.read(self.file) if number is None or entry.number == number]


def eventually(check: Any, seconds: float = 5.0) -> Any:
    """What the check returns as soon as it is true."""
    until = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.01)
    return found


@pytest.fixture(scope="session")
def fake_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeProcess]:
    with FakeProcess(tmp_path_factory.mktemp("place") / "book.jsonl") as fake:
        yield fake


@pytest.fixture
def fake_place(fake_process: FakeProcess) -> FakeProcess:
    """The running fake place, well-behaved, sending no webhooks."""
    fake_process.control(reset=True)
    return fake_process
