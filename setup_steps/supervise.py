"""Processes that live and end together: started, watched, stopped by one signal."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from setup_steps.process import STOP_SECONDS

PAUSE_SECONDS = 0.1


class Told(BaseException):
    """Raised by the signal handler.  Not an Exception, so that nobody's `except Exception` swallows it."""


class Signals:
    """What the shell asked: the first SIGTERM, SIGINT or SIGHUP interrupts by Told until `only_count` is called.

    Set-up is interrupted wherever it stands; a family of processes is stopped by its loop, which looks at `seen`, so
    that no signal falls between starting a process and knowing it.
    """

    def __init__(self) -> None:
        self.seen = 0
        self._interrupting = True

    def install(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._handle)
        if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup ignores it
            signal.signal(signal.SIGHUP, self._handle)

    def only_count(self) -> None:
        self._interrupting = False

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.seen += 1
        if self._interrupting and self.seen == 1:
            raise Told


class Family:
    """The child processes of `manage.py run`."""

    def __init__(self, *, cwd: Path, env: Mapping[str, str], stop_seconds: float = STOP_SECONDS) -> None:
        self.cwd = cwd
        self.env = dict(env)
        self.stop_seconds = stop_seconds
        self.members: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a member in its own session: a Ctrl-C of the terminal reaches it through us alone, once."""
        self.members[name] = subprocess.Popen(
            command,
            cwd=self.cwd,
            env=self.env,
            stdin=subprocess.PIPE,  # its end says that we are gone, also after a kill -9
            start_new_session=os.name != "nt",
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # this process has no threads
        )

    def tell(self, name: str, word: bytes) -> None:
        """Write to the member's input; one that has ended is found by `watch`."""
        pipe = self.members[name].stdin
        with suppress(BrokenPipeError):
            pipe.write(word)  # type: ignore[union-attr]
            pipe.flush()  # type: ignore[union-attr]

    def dead(self) -> str | None:
        """The name of a member that has ended, if any."""
        return next((name for name, child in self.members.items() if child.poll() is not None), None)

    def watch(self, signals: Signals, *, is_ready: Callable[[], bool], on_ready: Callable[[], None]) -> str | None:
        """Wait for a signal (None) or the end of a member (its name); call `on_ready` once, when `is_ready` says so."""
        ready = False
        while not signals.seen:
            if name := self.dead():
                return name
            if not ready and is_ready():
                ready = True
                on_ready()
            time.sleep(PAUSE_SECONDS)
        return None

    def stop(self, signals: Signals) -> bool:
        """Send SIGTERM to all, wait (bounded, or until told again), kill the rest; say whether all ended themselves."""
        told_before = signals.seen
        for child in self._living():
            child.terminate()
        deadline = time.monotonic() + self.stop_seconds
        while self._living() and time.monotonic() < deadline and signals.seen == told_before:
            time.sleep(PAUSE_SECONDS / 2)
        killed = self._living()
        for child in killed:
            _kill_group(child)
        for child in self.members.values():
            child.wait()
        return not killed

    def _living(self) -> list[subprocess.Popen[bytes]]:
        return [child for child in self.members.values() if child.poll() is None]


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    """Kill the member and what it started (it leads its own process group)."""
    if os.name == "nt":
        child.kill()
        return
    os.killpg(child.pid, signal.SIGKILL)


def _end_with_parent() -> None:
    """Ask the kernel for SIGTERM when manage.py itself is killed, so that no server is left behind."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
