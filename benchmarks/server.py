"""The real server: gunicorn with gunicorn.conf.py on a free loopback port, for as long as the block."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.engines import Desk

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60  # at most
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    pid: int
    started_seconds: float  # from the command to the first answer

    def worker_mb(self) -> list[float]:
        """Resident memory of each worker; empty where the system does not tell."""
        found = []
        for child in _children(self.pid):
            status = Path(f"/proc/{child}/status")
            lines = status.read_text().splitlines() if status.exists() else []
            found += [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")]
        return found


@contextmanager
def server(desk: Desk) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "--bind", f"{HOST}:{port}"]
    log = (desk.data / "server.log").open("wb")
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--log-level", "warning", "benchmarks.serving:app"],
        cwd=ROOT,
        env={**os.environ, **desk.settings},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        _wait(process, port)
        yield Server(port, process.pid, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)
        log.close()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        connection = http.client.HTTPConnection(HOST, port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.02)
        finally:
            connection.close()
    raise RuntimeError("the server did not start")


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in tasks.read_text().split()] if tasks.exists() else []
