"""A machine on which the desk runs as `manage.py run` starts it, web and worker, until it is killed in mid-air."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from setup_steps.environment import shopdesk_command
from setup_steps.serve import web_command

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
START_SECONDS = 60  # at most


class Machine:
    """Web and worker, each a group of processes of its own."""

    def __init__(self, env: Mapping[str, str], log: Path) -> None:
        self.log = log.open("wb")
        self.zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.zygote"], cwd=ROOT, env={**os.environ, **env}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
        )  # fmt: skip
        self._answer()
        self.port = _free_port()
        self.groups: list[int] = []

    def _answer(self) -> str:
        assert self.zygote.stdout
        answer = self.zygote.stdout.readline().strip()
        if not answer:
            raise RuntimeError(f"the desk does not start:\n{Path(self.log.name).read_text()[-2000:]}")
        return answer

    def start(self) -> None:
        """Both processes; returns when the web answers."""
        self.groups = [self.fork(web_command(HOST, self.port)), self.fork(shopdesk_command("worker"))]
        self._await_web()

    def start_web(self) -> None:
        """The web alone, where nobody works meanwhile."""
        self.groups = [self.fork(web_command(HOST, self.port))]
        self._await_web()

    def _await_web(self) -> None:
        until = time.monotonic() + START_SECONDS
        while not self.is_up():
            if time.monotonic() > until:
                raise RuntimeError(f"the web does not answer:\n{Path(self.log.name).read_text()[-2000:]}")
            time.sleep(0.01)

    def fork(self, command: list[str]) -> int:
        """`[python, -m, module, …]`; the module's own command line."""
        assert self.zygote.stdin
        self.zygote.stdin.write(json.dumps(command[2:]) + "\n")
        self.zygote.stdin.flush()
        return int(self._answer())

    def is_up(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def kill(self) -> None:
        """kill -9 of everything, and wait until it is gone."""
        for group in self.groups:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                raise RuntimeError("a process had ended by itself before it was killed") from None
        while self.is_heard() or any(map(is_alive, self.groups)):
            time.sleep(0.002)
        self.groups = []

    def is_heard(self) -> bool:
        """Each web process holds the port: where nobody takes a call, the last has gone."""
        with socket.socket() as caller:
            return caller.connect_ex((HOST, self.port)) == 0

    def close(self) -> None:
        if self.groups:
            self.kill()
        self.zygote.kill()
        for pipe in (self.zygote.stdin, self.zygote.stdout):
            assert pipe
            pipe.close()
        self.zygote.wait(10)
        self.log.close()


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


def desk_environment(app: Any) -> dict[str, str]:
    """The environment of a process on the app's data and database."""
    return {
        "SHOPDESK_DATA": str(app.config["DATA"]),
        "SHOPDESK_DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "SHOPDESK_SECRET_KEY": app.config["SECRET_KEY"],
        "SHOPDESK_LOG_LEVEL": "WARNING",
        "SHOPDESK_API_PER_MINUTE": "1000000",
        "PYTHONWARNINGS": "ignore",
    }


@contextmanager
def machine(app: Any, log: Path) -> Iterator[Machine]:
    """A machine on the app's data and database."""
    made = Machine(desk_environment(app), log)
    try:
        yield made
    finally:
        made.close()
